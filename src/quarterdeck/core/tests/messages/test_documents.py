"""Documents elsewhere: addresses that lead somewhere and can do nothing else."""

import pytest

from quarterdeck.core.errors import NotAllowed, NotFound, Refused
from quarterdeck.core.models import DocumentLink
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.services import documents
from quarterdeck.core.tests import make
from quarterdeck.core.tests.make import MONDAY
from quarterdeck.core.tests.messages.people import Place, acting

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://documents.example.org/plan", "https://documents.example.org/plan"),
        (" HTTP://Host.example/a b ", "HTTP://Host.example/a%20b"),
        ("\\\\server\\share\\My plan.docx", "file://server/share/My%20plan.docx"),
        ("smb://server/share/plan.docx", "smb://server/share/plan.docx"),
        ("file:///srv/plan.docx", "file:///srv/plan.docx"),
        ("https://h.example/?q=ü#x", "https://h.example/?q=ü#x"),
    ],
)
def test_addresses_of_pages_and_shares_are_kept(typed: str, kept: str) -> None:
    assert documents.clean_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:alert(1)", "JavaScript:alert(1)", "java\nscript:alert(1)", "\x01javascript:alert(1)",
        "javascript://x/%0aalert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "//evil.example",
        "/plan",
        "plan", "", "https://", "https:///plan", "http://[::1", "https://h.example:99999/", "ftp://h.example/x",
        "mailto:ann@h.example", "view-source:https://h.example", "blob:https://h.example/x", "about:blank", "chrome://x",
    ],
)  # fmt: skip
def test_everything_else_is_refused_at_the_field(typed: str) -> None:
    with pytest.raises(Refused) as refusal:
        documents.clean_address(typed)
    assert "address" in refusal.value.fields


@pytest.mark.parametrize("typed", ["https://ann:secret@h.example/", "smb://ann@server/share"])
def test_addresses_with_names_or_passwords_are_refused(typed: str) -> None:
    with pytest.raises(Refused, match="password"):
        documents.clean_address(typed)


def link(actor: object, place: Place) -> DocumentLink:
    return documents.add_document(
        actor, "unit", place.key, title=" The  plan ", address="https://h.example/p", now=MONDAY  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_document_is_linked_unlinked_and_brought_back(place: Place) -> None:
    found = link(acting(place.keir), place)
    about = questions.subject(make.admin(), "unit", place.key)
    assert (found.title, documents.place_of(found)) == ("The plan", "h.example")
    with pytest.raises(NotAllowed):
        documents.remove_document(acting(place.ann), found.uid, now=MONDAY)
    documents.remove_document(make.admin(), found.uid, now=MONDAY)
    assert not questions.documents(about).exists()
    documents.bring_back_document(acting(place.keir), found.uid, now=MONDAY)
    assert list(questions.documents(about)) == [found]


def test_who_only_reads_links_nothing_and_who_does_not_see_it_learns_nothing(place: Place) -> None:
    with pytest.raises(NotAllowed):
        link(acting(place.vera), place)
    with pytest.raises(NotFound):
        link(acting(place.olga), place)
