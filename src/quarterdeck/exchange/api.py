"""Operations on imports."""

from typing import Annotated, Any
from uuid import UUID

from django.urls import reverse
from ninja import Path

from quarterdeck.core.api import Answer, Call, DayText, Given, Instant, UidText, get
from quarterdeck.exchange import queries
from quarterdeck.exchange.models import Import

TAGS = ["Imports"]


class ImportGiven(Given):
    """A register file that was read, and what came of it."""

    uid: UidText
    file: str
    sha256: str
    portfolio: str | None
    as_of: DayText | None
    state: str
    rows: dict[str, int]
    uploaded_at: Instant | None
    imported_at: Instant | None
    page: str


@get("/imports/{uuid:uid}", ImportGiven, name="api_import", tags=TAGS)
def one_import(request: Call, uid: Annotated[UUID, Path()]) -> Answer:
    """An import, with the rows that the caller sees counted by what became of them."""
    found = queries.import_of(request.actor, uid)
    return Answer(import_data(found, queries.tally(request.actor, found)))


def import_data(found: Import, rows: dict[str, int]) -> dict[str, Any]:
    return {
        "uid": found.uid,
        "file": found.file_name,
        "sha256": found.sha256,
        "portfolio": found.portfolio.ref if found.portfolio else None,
        "as_of": found.as_of,
        "state": found.state,
        "rows": rows,
        "uploaded_at": found.uploaded_at,
        "imported_at": found.imported_at,
        "page": reverse("import", args=[found.uid]),
    }
