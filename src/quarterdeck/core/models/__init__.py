"""Facts of the kernel."""

from quarterdeck.core.models.jobs import Job
from quarterdeck.core.models.ledger import LedgerEntry, LedgerStream
from quarterdeck.core.models.lists import IdempotencyKey, SavedView, SearchEntry
from quarterdeck.core.models.messages import (
    Attachment,
    AttachmentContent,
    Comment,
    DocumentLink,
    LedgerReading,
    MessageChoice,
    Notification,
    OutgoingMail,
    Watch,
)
from quarterdeck.core.models.nodes import Node, NodeAlias, NodePath
from quarterdeck.core.models.organisation import Organisation
from quarterdeck.core.models.people import Account, Person, SignInLink
from quarterdeck.core.models.roles import Holding, Role
from quarterdeck.core.models.security import (
    ApiToken,
    Invitation,
    OutsideIdentity,
    RateCounter,
    SecurityEvent,
    SignedInSession,
)

__all__ = [
    "Account",
    "ApiToken",
    "Attachment",
    "AttachmentContent",
    "Comment",
    "DocumentLink",
    "Holding",
    "IdempotencyKey",
    "Invitation",
    "Job",
    "LedgerEntry",
    "LedgerReading",
    "LedgerStream",
    "MessageChoice",
    "Node",
    "NodeAlias",
    "NodePath",
    "Notification",
    "Organisation",
    "OutgoingMail",
    "OutsideIdentity",
    "Person",
    "RateCounter",
    "Role",
    "SavedView",
    "SearchEntry",
    "SecurityEvent",
    "SignInLink",
    "SignedInSession",
    "Watch",
]
