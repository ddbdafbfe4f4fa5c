"""Questions about portfolios, programmes and projects."""

from quarterdeck.projects.queries.changes import Change, changes_of, changes_since, first_day
from quarterdeck.projects.queries.projects import (
    all_projects,
    categories,
    holders_of,
    people_to_name,
    portfolio,
    portfolios,
    portfolios_to_add_to,
    programmes,
    project,
    projects,
    projects_that_left,
    projects_that_left_with_holders,
    projects_with_holders,
    snapshots,
    units_of_projects,
    units_to_choose,
)

__all__ = [
    "Change",
    "all_projects",
    "categories",
    "changes_of",
    "changes_since",
    "first_day",
    "holders_of",
    "people_to_name",
    "portfolio",
    "portfolios",
    "portfolios_to_add_to",
    "programmes",
    "project",
    "projects",
    "projects_that_left",
    "projects_that_left_with_holders",
    "projects_with_holders",
    "snapshots",
    "units_of_projects",
    "units_to_choose",
]
