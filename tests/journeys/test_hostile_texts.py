"""
R08: two hundred hostile texts in every field that people or files fill, and nothing of them runs on any page or mail.

The judgement is tried on pages with survivors first. A browser looks at the same at night (tests/browser).
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from quarterdeck.core import mail
from quarterdeck.core.access import actor_of
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Node, OutgoingMail, Person
from quarterdeck.core.services import accounts, attachments, comments, documents, units
from quarterdeck.core.tests import make as core
from quarterdeck.exchange.services import import_register_file
from quarterdeck.projects.models import Project
from quarterdeck.projects.tests import make
from tests.hostile.payloads import PAYLOADS
from tests.hostile.survivors import survivors
from tests.proof.figures import figure

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def test_there_are_two_hundred_and_none_twice() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) == 200


def test_the_judgement_finds_what_runs() -> None:
    """Of the texts themselves, taken for pages, most would run; of pages of ours nothing does."""
    caught = sum(bool(survivors(text)) for text in PAYLOADS)
    assert caught > 100
    for page in (
        "<a href=' java\tscript:qdx(1)'>x</a>", "<p ONCLICK=x>", "<script>qdx(1)</script>", "<style>qdx(1)</style>",
        "<p style='x:qdx(1)'>", "<svg><set to=x>", "<script nonce='a'>qdx(1)</script>",
    ):  # fmt: skip
        assert survivors(page) != [], page
    for page in ("<script nonce='a' src='/a.js'></script>", "<a href='/x?q=javascript:qdx(1)'>javascript:qdx(1)</a>"):
        assert survivors(page) == [], page


class World:
    """One project, one administrator and what they fill in; `kept` counts what was not refused."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.admin = core.admin(timezone.now())
        self.portfolio = make.portfolio("Roads", ref="ROADS")
        self.project = make.project(self.portfolio, "Bridge")
        self.person = Person.objects.get(pk=self.admin.person_id)
        self.client = Client(raise_request_exception=False)
        self.client.force_login(self.person.accounts.get(), backend=BACKEND)
        self.kept = 0

    def fill(self, act: Callable[[str], Any]) -> None:
        """Every text through a service."""
        for text in PAYLOADS:
            try:
                act(text)
            except Refused:
                continue
            self.kept += 1

    def pages(self, *addresses: str) -> Iterator[tuple[str, str]]:
        """Each page, and the pages of lists that follow it."""
        for address in addresses:
            waiting, seen = [address], set()
            while waiting:
                here = waiting.pop()
                seen.add(here)
                answer = self.client.get(here)
                assert answer.status_code == 200, here
                text = answer.content.decode()
                yield here, text
                path = address.partition("?")[0]
                for found in re.findall(r'rel="(?:next|prev)" href="([^"]+)"', text):
                    there = found.replace("&amp;", "&")
                    there = f"{path}{there}" if there.startswith("?") else there
                    if there not in seen and there not in waiting:
                        waiting.append(there)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def talk(world: World) -> list[str]:
    world.fill(
        lambda text: comments.add_comment(world.admin, "project", world.project.ref, text=text, now=timezone.now())
    )
    return [f"/about/project/{world.project.ref}/talk/"]


def files(world: World) -> list[str]:
    for text in PAYLOADS:
        attachments.add_attachment(
            world.admin, "project", world.project.ref, name=text, note=text[:300], chunks=[b"x"], now=core.MONDAY
        )
        world.kept += 1
    return [f"/about/project/{world.project.ref}/files/"]


def links(world: World) -> list[str]:
    def add(text: str) -> None:
        documents.add_document(
            world.admin, "project", world.project.ref, title=text[:200], address="https://a.example/", note=text[:300],
            now=core.MONDAY,
        )  # fmt: skip

    def point(text: str) -> None:
        documents.add_document(
            world.admin, "project", world.project.ref, title="x", address=text[:1000], now=core.MONDAY
        )

    world.fill(add)
    world.fill(point)
    world.fill(lambda text: point(f"https://a.example/{text}"))
    return [f"/about/project/{world.project.ref}/files/"]


def names_of_projects(world: World) -> list[str]:
    world.fill(lambda text: make.project(world.portfolio, text[:300], facts={"narrative": text, "description": text}))
    one = [f"/projects/{ref}/" for ref in Project.objects.values_list("node__ref", flat=True)[:40]]
    return ["/projects/", "/portfolios/ROADS/", "/projects/?q=script", *one]


def names_of_people(world: World) -> list[str]:
    def add(text: str) -> None:
        person = accounts.add_person(world.admin, name=text[:200], now=core.MONDAY)
        core.grant(person, "viewer", core.top())

    world.fill(add)
    return ["/organisation/"]


def names_of_units(world: World) -> list[str]:
    world.fill(lambda text: units.add_unit(world.admin, name=text[:300], parent=core.top(), now=core.MONDAY))
    one = [f"/units/{ref}/" for ref in Node.objects.filter(kind="unit").values_list("ref", flat=True)[:20]]
    return ["/organisation/", *one]


def imported(world: World) -> list[str]:
    sheet = io.StringIO()
    rows = csv.writer(sheet)
    rows.writerow(["Project ID", "Project name", "Department", "Category"])
    for number, text in enumerate(PAYLOADS):
        clean = text.replace("\x01", "").replace("\x0c", " ")
        rows.writerow([f"X-{number}", clean[:300], f"Unit {number % 3} {clean[:100]}", clean[:80]])
    path = world.folder / "evil.csv"
    path.write_text(sheet.getvalue(), encoding="utf-8")
    import_register_file(
        world.admin, path, mapping="generic", portfolio="ROADS", as_of=core.MONDAY.date(), now=core.MONDAY
    )
    world.kept += Project.objects.exclude(pk=world.project.pk).count()
    return ["/projects/", "/imports/", "/portfolios/ROADS/"]


FIELDS = [talk, files, links, names_of_projects, names_of_people, names_of_units, imported]


@pytest.mark.parametrize("fill", FIELDS, ids=lambda fill: fill.__name__)
def test_nothing_of_two_hundred_texts_runs(fill: Callable[[World], list[str]], world: World) -> None:
    found: list[tuple[str, str]] = []
    pages = 0
    for here, text in world.pages(*fill(world)):
        pages += 1
        found += [(here, what) for what in survivors(text)]
    part = fill.__name__.replace("_", " ")
    figure("R08", f"{world.kept} texts on {pages} pages: {len(found)} survivors", part=part, ok=not found)
    assert found == []
    assert world.kept >= 100


def mails(world: World) -> list[str]:
    """Comments, file names and names of projects as they come by mail, in both forms and in the subject."""
    keir = core.person("Keir Abelard")
    core.account(keir)
    core.grant(keir, "pmo_lead", core.top())
    writer = actor_of(keir, now=timezone.now())
    for text in PAYLOADS:
        try:
            project = make.project(world.portfolio, text[:300])
            words = f"@{world.person.name} {text}"
            comments.add_comment(writer, "project", project.ref, text=words, now=timezone.now())
        except Refused:
            continue
        mail.write_to(world.person.pk, now=timezone.now())
    return [html for html in OutgoingMail.objects.values_list("html", flat=True) if html]


def test_nothing_of_two_hundred_texts_runs_in_a_mail(world: World) -> None:
    written = mails(world)
    found = [what for html in written for what in survivors(html)]
    subjects = OutgoingMail.objects.values_list("subject", flat=True)
    figure("R08", f"{len(written)} mails: {len(found)} survivors", part="mails", ok=not found)
    assert found == []
    assert len(written) >= 150
    assert not any(set(subject) & set("\r\n") for subject in subjects)
