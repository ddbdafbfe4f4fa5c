"""Two times: when a fact took effect, and when it was recorded."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from quarterdeck.core import store
from quarterdeck.core.errors import Conflict
from quarterdeck.core.history import version_model
from quarterdeck.core.models import Node, Person
from quarterdeck.core.tests import make
from quarterdeck.core.time import at
from tests.proof.figures import figure

pytestmark = pytest.mark.django_db


def named(unit: Node, name: str, on: date) -> None:
    row = Node.objects.get(pk=unit.pk)
    row.name = name
    store.save(row, make.why(effective_on=on), fields=["name"])


def name_on(unit: Node, day: date, **known: object) -> str | None:
    with at(day, **known):  # type: ignore[arg-type]
        row = Node.objects.filter(pk=unit.pk).first()
        return row.name if row else None


def test_each_day_shows_what_was_so_on_it() -> None:
    unit = make.unit("First", effective_on=date(2022, 3, 31))
    named(unit, "Second", date(2023, 3, 31))

    assert name_on(unit, date(2022, 3, 30)) is None
    assert name_on(unit, date(2022, 3, 31)) == "First"
    assert name_on(unit, date(2023, 3, 30)) == "First"
    assert name_on(unit, date(2023, 3, 31)) == "Second"
    assert Node.objects.get(pk=unit.pk).name == "Second"


def test_a_write_dated_earlier_adds_to_the_past_and_leaves_the_present() -> None:
    unit = make.unit("Now", effective_on=date(2022, 3, 31))
    named(unit, "Now", date(2024, 3, 31))
    row = Node.objects.get(pk=unit.pk)
    row.name = "Corrected"
    row.ended_on = date(2030, 1, 1)
    named(unit, "Later", date(2025, 3, 31))

    named(unit, "Corrected", date(2023, 3, 31))

    assert Node.objects.get(pk=unit.pk).name == "Later"
    assert name_on(unit, date(2023, 6, 1)) == "Corrected"
    assert name_on(unit, date(2022, 6, 1)) == "Now"
    assert name_on(unit, date(2025, 6, 1)) == "Later"


def test_what_was_removed_is_still_there_in_the_past_and_gone_afterwards() -> None:
    unit = make.unit("Removed", effective_on=date(2022, 3, 31))
    store.because(make.why())
    Node.objects.filter(pk=unit.pk).delete()

    assert name_on(unit, make.MONDAY.date() - timedelta(days=1)) == "Removed"
    assert name_on(unit, make.MONDAY.date()) is None


def test_a_removal_never_takes_effect_before_the_last_version() -> None:
    unit = make.unit("Planned", effective_on=date(2027, 1, 1))
    store.because(make.why())
    Node.objects.filter(pk=unit.pk).delete()

    assert name_on(unit, date(2027, 1, 1)) is None


def test_a_bulk_write_is_in_the_history_too() -> None:
    unit = make.unit("One by one", effective_on=date(2022, 3, 31))
    store.because(make.why())
    Node.objects.filter(pk=unit.pk).update(name="In bulk")

    version = version_model(Node).objects.filter(id=unit.pk).latest("pgh_id")  # type: ignore[attr-defined]
    assert (version.name, version.effective_on) == ("In bulk", make.MONDAY.date())


def test_a_write_that_forgets_its_day_cannot_rewrite_the_past() -> None:
    unit = make.unit("Then", effective_on=date(2022, 3, 31))
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('qd.effective_on', '', true)")
    Node.objects.filter(pk=unit.pk).update(name="Today")
    assert name_on(unit, date(2022, 6, 1)) == "Then"


def test_nothing_is_written_while_looking_at_the_past() -> None:
    unit = make.unit("Kept", effective_on=date(2022, 3, 31))
    with pytest.raises(DatabaseError, match="cannot update view"), at(date(2022, 4, 1)):
        Node.objects.filter(pk=unit.pk).update(name="Changed")
    with pytest.raises(DatabaseError, match="read-only"), at(date(2022, 4, 1)):
        Person.objects.update(name="Changed")
    assert Node.objects.get(pk=unit.pk).name == "Kept"


def test_after_looking_back_the_present_answers_again() -> None:
    unit = make.unit("Old", effective_on=date(2022, 3, 31))
    named(unit, "New", date(2023, 3, 31))
    with at(date(2023, 4, 1)):
        with at(date(2022, 4, 1)):
            assert Node.objects.get(pk=unit.pk).name == "Old"
        assert Node.objects.get(pk=unit.pk).name == "New"
    assert Node.objects.get(pk=unit.pk).name == "New"
    make.unit("Written afterwards")


def test_a_save_over_somebody_elses_change_is_refused() -> None:
    unit = make.unit("Before")
    mine, theirs = Node.objects.get(pk=unit.pk), Node.objects.get(pk=unit.pk)
    theirs.name = "Theirs"
    store.save(theirs, make.why(), fields=["name"])
    mine.name = "Mine"

    with pytest.raises(Conflict):
        store.save(mine, make.why(), fields=["name"])
    assert Node.objects.get(pk=unit.pk).name == "Theirs"


@pytest.mark.parametrize("table", ["core_nodeevent", "core_ledgerentry"])
@pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_application_may_add_to_history_and_ledger_but_never_change_them(table: str, act: str) -> None:
    make.unit()
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(act.format(table))
    if table == "core_ledgerentry":
        figure("R18", "{n} of 3 refused", n=1, part="change, delete and empty by the application")
