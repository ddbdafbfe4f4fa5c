"""
The interface for programmes: who gets what from each operation.

An operation that is not in the table fails the build. It has no part in the table of pages: a session does not open it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.access.route import Route

TABLE = {"api_docs": Route(get="200", post="200")}
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
    "api_jobs": Operation("GET", "/jobs", EVERYBODY),
    "api_units": Operation("GET", "/units", EVERYBODY),
    "api_unit": Operation("GET", "/units/{unit}", "404 200 404 200 200", "unit"),
    "api_units_post": Operation(
        "POST", "/units", "422 403 422 201 201", "", lambda own: {"name": "Rails", "parent": own["unit"]}
    ),
    "api_unit_patch": Operation(
        "PATCH", "/units/{unit}", "404 403 404 200 200", "unit", lambda own: {"name": "Other works"}
    ),
    "api_person": Operation("GET", "/people/{person}", "404 200 404 200 200", "person"),
    "api_people_post": Operation("POST", "/people", "403 403 403 201 201", "", lambda own: {"name": "Nina New"}),
    "api_person_patch": Operation(
        "PATCH", "/people/{person}", "404 403 404 200 200", "person", lambda own: {"name": "Vera Viewer"}
    ),
    "api_role": Operation("GET", "/roles/{role}", "404 200 200 200 200", "role"),
    "api_holding": Operation("GET", "/holdings/{holding}", "404 200 200 200 200", "holding"),
    "api_holdings_post": Operation(
        "POST",
        "/holdings",
        "422 403 422 201 201",
        "",
        lambda own: {"person": own["person"], "role": "viewer", "kind": "unit", "place": own["unit"]},
    ),
    "api_holding_patch": Operation(
        "PATCH", "/holdings/{holding}", "404 403 403 200 200", "holding", lambda own: {"to_on": "2199-12-31"}
    ),
    "api_job": Operation("GET", "/jobs/{job}", "404 404 404 404 200", "job"),
    "api_ledger_export": Operation("GET", "/ledger/export", "404 404 404 200 200"),
    "api_comments": Operation("GET", "/projects/{project}/comments", "404 200 200 200 200", "project"),
    "api_comments_post": Operation(
        "POST", "/projects/{project}/comments", "404 403 201 201 201", "project", lambda own: {"text": "Well done."}
    ),
    "api_comment": Operation("GET", "/comments/{comment}", "404 200 200 200 200", "comment"),
    "api_comment_patch": Operation(
        "PATCH", "/comments/{comment}", "404 403 200 403 403", "comment", lambda own: {"text": "Better words."}
    ),
    "api_comment_withdraw_post": Operation(
        "POST", "/comments/{comment}/withdraw", "404 403 200 200 200", "comment", lambda own: {}
    ),
    "api_search": Operation("GET", "/search?q=a", EVERYBODY),
    "api_attachments": Operation("GET", "/projects/{project}/attachments", "404 200 200 200 200", "project"),
    "api_attachment": Operation("GET", "/attachments/{file}", "404 200 200 200 200", "file"),
    "api_attachment_content": Operation("GET", "/attachments/{file}/content", "404 200 200 200 200", "file"),
    "api_attachment_remove_post": Operation(
        "POST", "/attachments/{file}/remove", "404 403 200 200 200", "file", lambda own: {}
    ),
    "api_attachment_back_post": Operation(
        "POST", "/attachments/{file}/bring-back", "404 403 200 200 200", "file", lambda own: {}
    ),
    "api_documents": Operation("GET", "/projects/{project}/documents", "404 200 200 200 200", "project"),
    "api_documents_post": Operation(
        "POST",
        "/projects/{project}/documents",
        "404 403 201 201 201",
        "project",
        lambda own: {"title": "Business case", "address": "https://documents.example.org/case"},
    ),
    "api_document": Operation("GET", "/documents/{document}", "404 200 200 200 200", "document"),
    "api_document_remove_post": Operation(
        "POST", "/documents/{document}/remove", "404 403 200 200 200", "document", lambda own: {}
    ),
    "api_document_back_post": Operation(
        "POST", "/documents/{document}/bring-back", "404 403 200 200 200", "document", lambda own: {}
    ),
    "api_import": Operation("GET", "/imports/{import}", "404 404 404 200 200", "import"),
    "api_portfolio_patch": Operation(
        "PATCH", "/portfolios/{portfolio}", "404 403 404 200 200", "portfolio", lambda own: {"name": "Roads and rails"}
    ),
    "api_programme_patch": Operation(
        "PATCH", "/programmes/{programme}", "404 403 404 200 200", "programme", lambda own: {"name": "Other"}
    ),
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
ADDRESSES = {name.removesuffix("_post").removesuffix("_patch") for name in OPERATIONS} | {
    "api_unknown",
    "api_schema",
}
