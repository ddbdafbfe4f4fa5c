"""What several people write at the same time."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connections, transaction

from quarterdeck.core import ledger, store
from quarterdeck.core.errors import Conflict
from quarterdeck.core.models import LedgerEntry, Organisation
from quarterdeck.core.time import at
from quarterdeck.projects import services
from quarterdeck.projects.models import Project
from quarterdeck.projects.tests import make


@contextmanager
def begun_before(act: Callable[[], object]) -> Iterator[None]:
    """A transaction that begins before the block and does its act after it."""
    begun, go = threading.Event(), threading.Event()
    problems: list[Exception] = []

    def late() -> None:
        try:
            with transaction.atomic():
                Organisation.objects.first()
                begun.set()
                assert go.wait(20)
                act()
        except Exception as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    thread = threading.Thread(target=late)
    thread.start()
    assert begun.wait(20)
    try:
        yield
    finally:
        go.set()
        thread.join(30)
    assert problems == []


def test_of_two_changes_on_one_day_the_one_written_last_counts_whoever_began_first(committed: str) -> None:
    """An import may begin, wait, and write after a person who began later and was quicker."""
    make.project(name="Tariff engine")
    admin = make.core.admin()

    def change(category: str) -> None:
        services.change_project(admin, Project.objects.get(), {"category": category}, now=make.MONDAY)

    with begun_before(lambda: change("written last")):
        change("written first")

    assert Project.objects.get().category == "written last"
    with at(make.MONDAY.date()):
        assert Project.objects.get().category == "written last"


def test_a_new_name_is_not_saved_over_by_who_read_the_old_one(committed: str) -> None:
    project = make.project(name="Tariff engine")
    admin = make.core.admin()
    read = [Project.objects.select_related("node", "portfolio__node").get() for _ in range(2)]
    services.change_project(admin, read[0], {}, name="Tariff engine 2", now=make.MONDAY)

    with pytest.raises(Conflict):
        services.change_project(admin, read[1], {"category": "Billing"}, name="Tariff engine", now=make.MONDAY)

    project.refresh_from_db()
    project.node.refresh_from_db()
    assert (project.node.name, project.category) == ("Tariff engine 2", "")


EDITORS, EDITS = 4, 50


def edit_at_once() -> tuple[int, int]:
    """How many edits four processes were told are done, and how many versions there are of them."""
    project = make.project()
    admin, told = make.core.admin(), []
    before = Project.objects.get().version
    connections.close_all()
    for editor in range(EDITORS):
        reading, writing = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(reading)
            done = 0
            try:
                for number in range(EDITS):
                    with contextlib.suppress(Conflict):
                        found = Project.objects.select_related("node", "portfolio__node").get(pk=project.pk)
                        services.change_project(admin, found, {"category": f"{editor}-{number}"}, now=make.MONDAY)
                        done += 1
            finally:
                os.write(writing, str(done).encode())
                os._exit(0)
        os.close(writing)
        told.append((pid, reading))
    acknowledged = 0
    for pid, reading in told:
        with os.fdopen(reading) as answer:
            acknowledged += int(answer.read())
        os.waitpid(pid, 0)
    assert ledger.verify()["problems"] == []
    assert LedgerEntry.objects.filter(event="projects.project.changed").count() == acknowledged
    return acknowledged, Project.objects.get().version - before


def test_every_acknowledged_edit_is_applied_and_every_other_one_refused(committed: str) -> None:
    acknowledged, applied = edit_at_once()
    assert applied == acknowledged
    assert EDITS <= acknowledged < EDITORS * EDITS


def test_without_the_version_in_the_condition_edits_are_lost(committed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant: whoever comes last writes over what came before, and says it is done."""

    def save_over(row: Project, why: store.Because, *, fields: Iterable[str]) -> bool:
        store.because(why)
        values = {name: getattr(row, name) for name in fields}
        Project.objects.filter(pk=row.pk).update(**values, version=row.version + 1, effective_on=why.day)
        return True

    monkeypatch.setattr(store, "save", save_over)
    acknowledged, applied = edit_at_once()
    assert acknowledged == EDITORS * EDITS
    assert applied < acknowledged
