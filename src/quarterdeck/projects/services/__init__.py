"""Verbs on portfolios, programmes and projects."""

from quarterdeck.projects.services.places import (
    bring_back_place,
    bring_back_project,
    end_place,
    move_portfolio,
    move_programme,
    move_project,
    project_is_over,
    rename_place,
    sponsor_is_not_manager,
    take_out_project,
)
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
    "bring_back_place",
    "bring_back_project",
    "change_project",
    "check_reference",
    "end_place",
    "leave_register",
    "make_confidential",
    "move_portfolio",
    "move_programme",
    "move_project",
    "name_holder",
    "project_is_over",
    "record_project",
    "rename_place",
    "sponsor_is_not_manager",
    "take_out_project",
    "take_snapshot",
]
