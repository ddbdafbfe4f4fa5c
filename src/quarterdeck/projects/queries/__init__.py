"""Questions about portfolios, programmes and projects."""

from quarterdeck.projects.queries.changes import Change, changes_of, changes_since
from quarterdeck.projects.queries.projects import (
    holders_of,
    portfolio,
    portfolios,
    programmes,
    project,
    projects,
    projects_that_left,
    projects_with_holders,
    snapshots,
    units_of_projects,
)

__all__ = [
    "Change",
    "changes_of",
    "changes_since",
    "holders_of",
    "portfolio",
    "portfolios",
    "programmes",
    "project",
    "projects",
    "projects_that_left",
    "projects_with_holders",
    "snapshots",
    "units_of_projects",
]
