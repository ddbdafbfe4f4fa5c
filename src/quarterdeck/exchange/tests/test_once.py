"""An import is applied once, however many workers try; without its conditional move that fails."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from django.db.models import F

from quarterdeck.core import access, jobs, ledger
from quarterdeck.core.models import Job, LedgerEntry
from quarterdeck.core.tests import make as core
from quarterdeck.exchange import services
from quarterdeck.exchange.models import Import
from quarterdeck.exchange.services import importing
from quarterdeck.exchange.tests import make
from quarterdeck.exchange.tests.make import MARCH_26, MONDAY
from quarterdeck.projects.models import Portfolio, Project, Snapshot

AT_ONCE = 4


def at_once(act: Callable[[int], object]) -> list[str]:
    """What came of the same act in several threads that begin together: its name of failure, or done."""
    gate = threading.Barrier(AT_ONCE)
    results: list[str] = []

    def run(number: int) -> None:
        try:
            gate.wait(timeout=20)
            act(number)
            results.append("done")
        except Exception as problem:
            results.append(type(problem).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=90)
    return sorted(results)


def apply_at_once(found: Import) -> list[str]:
    """The same previewed import, read by each thread before any of them begins."""
    actor = core.admin()
    mine = [Import.objects.select_related("portfolio__node", "file").get(pk=found.pk) for _ in range(AT_ONCE)]
    return at_once(lambda number: services.import_all(actor, mine[number], expected=found.digest, now=MONDAY))


def applied() -> int:
    return LedgerEntry.objects.filter(event="exchange.register.imported").count()


def test_of_many_workers_with_one_import_one_applies_it(committed: str) -> None:
    make.imported()
    of = Portfolio.objects.get(node__ref="ROADS")
    shown = make.previewed(make.register("A1,Bridge,Roads,Red,2027-03-31,10,x"), into=of, as_of=MARCH_26)
    version = Project.objects.get(external_id="A1").version

    assert apply_at_once(shown) == ["Conflict", "Conflict", "Conflict", "done"]

    assert (applied(), Snapshot.objects.count()) == (2, 2)
    assert Project.objects.get(external_id="A1").version == version + 1
    assert ledger.verify()["problems"] == []


def test_without_the_conditional_move_an_import_is_applied_more_than_once(
    committed: str, owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant: the test above must be able to fail."""

    def take_without_asking(found: Import) -> None:
        Import.objects.filter(pk=found.pk).update(state="importing", version=F("version") + 1, imported_at=None)
        found.refresh_from_db()

    make.imported()
    of = Portfolio.objects.get(node__ref="ROADS")
    shown = make.previewed(into=of)
    monkeypatch.setattr(importing, "claim", take_without_asking)

    assert apply_at_once(shown) == ["done"] * AT_ONCE

    assert applied() == 1 + AT_ONCE


def test_many_first_imports_into_one_new_portfolio_make_it_once(committed: str) -> None:
    actor = core.admin()
    shown = [make.previewed(by=actor) for _ in range(AT_ONCE)]
    mine = [Import.objects.select_related("portfolio__node", "file").get(pk=found.pk) for found in shown]

    results = at_once(lambda number: services.import_all(actor, mine[number], expected=mine[number].digest, now=MONDAY))

    assert results.count("done") == 1
    assert (Portfolio.objects.count(), Project.objects.count(), applied()) == (1, 2, 1)
    assert set(results) <= {"done", "Refused", "Conflict"}


def test_two_imports_into_one_portfolio_follow_each_other(committed: str) -> None:
    make.imported()
    of = Portfolio.objects.get(node__ref="ROADS")
    contents = [
        make.register(
            f"B{number},Project {number},Roads,Green,2027-03-31,1,x",
            "A1,Bridge,Roads,Green,2027-03-31,10,first",
            "A2,Tunnel,Roads,Amber,2028-03-31,20,second",
        )
        for number in range(AT_ONCE)
    ]
    shown = [make.previewed(content, into=of, as_of=MARCH_26) for content in contents]
    mine = [Import.objects.select_related("portfolio__node", "file").get(pk=found.pk) for found in shown]
    actor = core.admin()

    results = at_once(lambda number: services.import_all(actor, mine[number], expected=mine[number].digest, now=MONDAY))

    # The first one changes what the others were shown, so they ask again instead of surprising anybody.
    assert results == ["Conflict", "Conflict", "Conflict", "done"]
    assert (Project.objects.count(), applied()) == (3, 2)


def test_a_job_that_runs_again_finds_its_work_done(committed: str) -> None:
    actor = core.admin()
    found = make.uploaded(by=actor)
    services.map_columns(actor, found, services.mapping_of(found), as_of=make.MARCH_25, now=MONDAY)
    look = services.start_preview(actor, found, now=MONDAY)
    assert jobs.run(look.pk).state == "done"
    found.refresh_from_db()
    job = services.start_import(actor, found, now=MONDAY)

    assert jobs.run(job.pk).state == "done"
    Job.objects.filter(pk=job.pk).update(state="running")
    again = jobs.run(job.pk)

    assert (again.state, again.message) == ("done", "2 new, 0 changed, 0 the same, 0 left.")
    assert (applied(), Project.objects.count(), Snapshot.objects.count()) == (1, 2, 1)


def test_a_job_asked_for_before_the_columns_were_chosen_anew_writes_nothing(committed: str) -> None:
    actor = core.admin()
    found = make.uploaded(by=actor)
    mapping = services.mapping_of(found)
    services.map_columns(actor, found, mapping, as_of=make.MARCH_25, now=MONDAY)
    stale = services.start_preview(actor, found, now=MONDAY)
    services.map_columns(actor, found, mapping.with_columns({"unit": ()}), as_of=make.MARCH_25, now=MONDAY)
    fresh = services.start_preview(actor, found, now=MONDAY)

    assert jobs.run(stale.pk).message == "The columns were chosen anew meanwhile."
    assert Import.objects.get().state == "previewing"
    assert jobs.run(fresh.pk).state == "done"
    assert Import.objects.get().state == "previewed"


def test_a_file_that_fails_in_the_job_leaves_an_import_that_says_why_and_can_go_on(committed: str) -> None:
    actor = core.admin()
    found = make.uploaded(by=actor)
    services.map_columns(actor, found, services.mapping_of(found), as_of=make.MARCH_25, now=MONDAY)
    look = services.start_preview(actor, found, now=MONDAY)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE exchange_importfile SET content = %s", [b"%PDF-1.7"])

    job = jobs.run(look.pk)

    failed = Import.objects.get()
    assert (job.state, failed.state) == ("failed", "failed")
    assert failed.failure == job.message
    assert "not a table" in failed.failure


def test_an_import_of_somebody_who_lost_the_right_meanwhile_fails_as_a_whole(committed: str) -> None:
    of = make.imported().portfolio
    person = core.person()
    holding = core.grant(person, "pmo_analyst", of.node)  # type: ignore[union-attr]
    actor = access.actor_of(person, now=MONDAY)
    shown = make.previewed(make.register("A1,B", header="Project ID,Project Name"), actor, into=of)
    job = services.start_import(actor, shown, now=MONDAY)
    holding.delete()

    assert jobs.run(job.pk).state == "failed"
    assert (applied(), Import.objects.get(pk=shown.pk).state) == (1, "previewed")
