"""Verbs on portfolios, programmes and projects."""

from quarterdeck.projects.services.portfolios import (
    add_portfolio,
    add_programme,
    check_reference,
    make_confidential,
    take_snapshot,
)
from quarterdeck.projects.services.projects import (
    Outcome,
    add_project,
    change_project,
    leave_register,
    name_holder,
    record_project,
)

__all__ = [
    "Outcome",
    "add_portfolio",
    "add_programme",
    "add_project",
    "change_project",
    "check_reference",
    "leave_register",
    "make_confidential",
    "name_holder",
    "record_project",
    "take_snapshot",
]
