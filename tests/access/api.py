"""
The interface for programmes: who gets what from each operation.

An operation that is not in the table fails the build. It has no part in the table of pages: a session does not open it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.access.route import Route

TABLE: dict[str, Route] = {}
Things = dict[str, str]


@dataclass(frozen=True)
class Operation:
    """
    What outsider, viewer, manager, lead and administrator get; without a token everybody gets 401.

    takes: what the address names. body: what is sent, so that nothing but the right is missing.
    """

    method: str
    path: str
    answers: str
    takes: str = ""
    body: Callable[[Things], Any] | None = None


EVERYBODY = "200 200 200 200 200"

OPERATIONS = {
    "api_projects": Operation("GET", "/projects", EVERYBODY),
    "api_projects_left": Operation("GET", "/projects-left", EVERYBODY),
    "api_imports": Operation("GET", "/imports", EVERYBODY),
    "api_people": Operation("GET", "/people", EVERYBODY),
    "api_roles": Operation("GET", "/roles", EVERYBODY),
    "api_holdings": Operation("GET", "/holdings", EVERYBODY),
    "api_portfolios": Operation("GET", "/portfolios", EVERYBODY),
    "api_programmes": Operation("GET", "/programmes", EVERYBODY),
    "api_ledger": Operation("GET", "/ledger", EVERYBODY),
    "api_project": Operation("GET", "/projects/{project}", "404 200 200 200 200", "project"),
    "api_project_patch": Operation(
        "PATCH", "/projects/{project}", "404 403 200 200 200", "project", lambda own: {"name": "Other name"}
    ),
    "api_projects_post": Operation(
        "POST", "/projects", "422 403 404 201 201", "", lambda own: {"portfolio": own["portfolio"], "name": "One more"}
    ),
    "api_project_holders_post": Operation(
        "POST",
        "/projects/{project}/holders",
        "404 403 422 201 201",
        "project",
        lambda own: {"part": "sponsor", "person": own["person"]},
    ),
    "api_project_circle_post": Operation(
        "POST", "/projects/{project}/circle", "404 403 403 200 200", "project", lambda own: {"confidential": True}
    ),
    "api_portfolio": Operation("GET", "/portfolios/{portfolio}", "404 200 200 200 200", "portfolio"),
    "api_portfolios_post": Operation(
        "POST",
        "/portfolios",
        "403 403 403 201 201",
        "",
        lambda own: {"name": "Water", "ref": "WATER", "currency": "EUR"},
    ),
    "api_programme": Operation("GET", "/programmes/{programme}", "404 200 404 200 200", "programme"),
    "api_programmes_post": Operation(
        "POST",
        "/programmes",
        "422 403 404 201 201",
        "",
        lambda own: {"portfolio": own["portfolio"], "name": "Bridges", "ref": "BRIDGES"},
    ),
}
# Addresses of the interface, as the resolver names them; one address may have several operations.
ADDRESSES = {name.removesuffix("_post").removesuffix("_patch") for name in OPERATIONS} | {"api_unknown"}
