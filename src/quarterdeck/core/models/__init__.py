"""Facts of the kernel."""

from quarterdeck.core.models.jobs import Job
from quarterdeck.core.models.ledger import LedgerEntry, LedgerStream
from quarterdeck.core.models.nodes import Node, NodeAlias, NodePath
from quarterdeck.core.models.organisation import Organisation
from quarterdeck.core.models.people import Account, Person, SignInLink
from quarterdeck.core.models.roles import Holding, Role

__all__ = [
    "Account",
    "Holding",
    "Job",
    "LedgerEntry",
    "LedgerStream",
    "Node",
    "NodeAlias",
    "NodePath",
    "Organisation",
    "Person",
    "Role",
    "SignInLink",
]
