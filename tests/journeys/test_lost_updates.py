"""
R21: of edits of one project by many at the same moment, each that is acknowledged is there, and each other one is
refused. Nobody writes over what they did not see.

Every process edits the same project in one of the ways there are: through the service, through the page, through the
interface. Each edit writes a text of its own and says which version its author had read. Afterwards the history is
compared with what the authors were told. The mutant saves without looking at the version, and the same judgement finds
it out.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import waitpid
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from quarterdeck.core import ledger, store
from quarterdeck.core.errors import Conflict
from quarterdeck.core.history import version_model
from quarterdeck.core.models import LedgerEntry
from quarterdeck.core.services import accounts
from quarterdeck.core.tests.messages.processes import child
from quarterdeck.projects import services
from quarterdeck.projects.models import Project
from quarterdeck.projects.tests import make
from tests.api.make import programme_of
from tests.proof.figures import figure
from tests.proof.world import BACKEND

DONE, REFUSED = "done", "refused"
# Of which version somebody knew, and what became of the edit.
Way = Callable[[Project, str], tuple[int, str]]


@dataclass(frozen=True)
class Edit:
    """What an author wrote, having read which version, and what they were told."""

    text: str
    seen: int
    told: str


def by_service() -> Way:
    admin = make.core.admin()

    def edit(project: Project, text: str) -> tuple[int, str]:
        found = Project.objects.select_related("node", "portfolio__node").get(pk=project.pk)
        seen = found.version
        try:
            services.change_project(admin, found, {"category": text}, now=timezone.now())
        except Conflict:
            return seen, REFUSED
        return seen, DONE

    return edit


def by_page() -> Way:
    """Somebody's browser; the version stands in the form."""
    browser = Client()
    browser.force_login(accounts.first_administrator(), backend=BACKEND)

    def edit(project: Project, text: str) -> tuple[int, str]:
        seen = Project.objects.values_list("version", flat=True).get(pk=project.pk)
        form = {"name": "Tariff engine", "category": text, "version": seen}
        return seen, told(browser.post(f"/projects/{project.ref}/change/", form).status_code)

    return edit


def by_interface() -> Way:
    """Somebody's programme; it sends the ETag it read."""
    programme = programme_of()

    def edit(project: Project, text: str) -> tuple[int, str]:
        read = programme.get(f"/projects/{project.ref}")
        sent = programme.patch(f"/projects/{project.ref}", {"category": text}, if_match=read.headers["ETag"])
        return read.json()["version"], told(sent.status_code)

    return edit


def told(status: int) -> str:
    """A page answers a late form with 409, the interface an old ETag with 412."""
    return {200: DONE, 302: DONE, 409: REFUSED, 412: REFUSED}.get(status, str(status))


WAYS: tuple[Callable[[], Way], ...] = (by_page, by_interface, by_service, by_service)


def write(project: Project, author: int, edits: int, folder: Path) -> None:
    """One author's edits, one after the other, and what came of each."""
    way = WAYS[author % len(WAYS)]()
    lines = []
    for number in range(edits):
        text = f"author {author}, edit {number}"
        lines.append(json.dumps([text, *way(project, text)]))
    (folder / f"author-{author}").write_text("\n".join(lines), encoding="utf-8")


def race(folder: Path, *, authors: int, edits: int) -> tuple[list[str], Counter[str]]:
    """So many authors at once; what is wrong afterwards, and how many edits were told what."""
    project = make.project(name="Tariff engine")
    # What every author would otherwise load for themselves.
    programme_of().get(f"/projects/{project.ref}")
    trouble = folder / "trouble"
    started = [
        child(lambda author=author: write(project, author, edits, folder), trouble=trouble)  # type: ignore[misc]
        for author in range(authors)
    ]
    for pid in started:
        waitpid(pid, 0)
    assert not trouble.exists(), trouble.read_text()
    made = [Edit(*json.loads(line)) for author in range(authors) for line in lines_of(folder / f"author-{author}")]
    assert len(made) == authors * edits
    return judgement(project, made), Counter(edit.told for edit in made)


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def judgement(project: Project, edits: list[Edit]) -> list[str]:
    """What is wrong with the history, by what the authors were told."""
    kept = list(
        version_model(Project)
        ._default_manager.filter(pgh_obj_id=project.pk, version__gt=project.version)
        .order_by("pgh_id")
        .values_list("version", "category")
    )
    done = {edit.text: edit for edit in edits if edit.told == DONE}
    wrong = [f"{edit.text} was told {edit.told}" for edit in edits if edit.told not in {DONE, REFUSED}]
    expected = list(range(project.version + 1, project.version + 1 + len(kept)))
    if [version for version, _text in kept] != expected:
        wrong.append("the versions do not follow one another")
    if sorted(text for _version, text in kept) != sorted(done):
        wrong.append(f"{len(done)} edits were acknowledged and {len(kept)} are there")
    overwritten = [project.version, *(version for version, _text in kept)][: len(kept)]
    wrong += [
        f"{text} was written over version {before}, and its author had read {done[text].seen}"
        for before, (_version, text) in zip(overwritten, kept, strict=True)
        if text in done and done[text].seen != before
    ]
    current = Project.objects.get(pk=project.pk)
    if kept and (current.version, current.category) != kept[-1]:
        wrong.append("what is there now is not the last version")
    if LedgerEntry.objects.filter(event="projects.project.changed").count() != len(done):
        wrong.append("the ledger does not have one entry for each")
    return wrong + ledger.verify()["problems"]


@pytest.fixture
def many_calls(settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 1_000_000


def show(wrong: list[str], told: Counter[str], size: str) -> None:
    found = f"{size} edits of one project: {told[DONE]} acknowledged and there, {told[REFUSED]} refused"
    figure("R21", f"{found}, {len(wrong)} written over", ok=not wrong)


def test_every_acknowledged_edit_is_there_and_every_other_one_refused(
    committed: str, many_calls: None, tmp_path: Path
) -> None:
    wrong, told = race(tmp_path, authors=4, edits=40)
    show(wrong, told, "4 × 40")
    assert wrong == []
    assert told[DONE] >= 40
    assert told[REFUSED] > 0


@pytest.mark.nightly
def test_of_four_thousand_edits_by_eight_none_is_lost(committed: str, many_calls: None, tmp_path: Path) -> None:
    wrong, told = race(tmp_path, authors=8, edits=500)
    show(wrong, told, "8 × 500")
    assert wrong == []
    assert told[DONE] >= 500
    assert told[REFUSED] > 100


@contextmanager
def without_looking(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The mutant: whoever comes last writes over what came before, and says it is done."""

    def save_over(row: Project, why: store.Because, *, fields: Iterable[str]) -> bool:
        store.because(why)
        values = {name: getattr(row, name) for name in fields}
        Project.objects.filter(pk=row.pk).update(**values, version=row.version + 1, effective_on=why.day)
        return True

    with monkeypatch.context() as patch:
        patch.setattr(store, "save", save_over)
        yield


def test_without_the_version_in_the_condition_edits_are_lost_and_found_out(
    committed: str, many_calls: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with without_looking(monkeypatch):
        wrong, _told = race(tmp_path, authors=4, edits=25)
    over = [each for each in wrong if "was written over" in each]
    assert over
    figure("R21", f"found out, {len(over)} edits of 100 written over", part="mutant without the version")
