"""Units are made, moved, ended and brought back, each by whoever may at every place it touches."""

from datetime import date, timedelta

import pytest

from quarterdeck.core import access, rights
from quarterdeck.core.errors import NotAllowed, NotFound, Refused
from quarterdeck.core.models import Holding, LedgerEntry, Node
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.services import units
from quarterdeck.core.tests import make
from quarterdeck.core.time import at

pytestmark = pytest.mark.django_db
MONDAY = make.MONDAY
TODAY = MONDAY.date()
EARLIER = TODAY - timedelta(days=30)


def test_a_unit_gets_a_reference_from_its_name() -> None:
    made = [
        units.add_unit(make.admin(), name=name, parent=make.top(), now=MONDAY) for name in ("Water Supply", "Works")
    ]
    again = units.add_unit(make.admin(), name="Waste Systems", parent=make.top(), now=MONDAY)
    assert [unit.ref for unit in (*made, again)] == ["WS", "WORK", "WS2"]


@pytest.mark.parametrize("ref", ["a/b", "new", "a b", "50%"])
def test_a_reference_can_stand_in_an_address(ref: str) -> None:
    with pytest.raises(Refused, match="stands in addresses"):
        units.add_unit(make.admin(), name="Water", ref=ref, parent=make.top(), now=MONDAY)


def test_a_unit_made_from_an_earlier_day_is_there_on_that_day() -> None:
    admin = make.admin()
    units.add_unit(admin, name="Water", parent=make.top(), now=MONDAY, effective_on=EARLIER)
    with at(EARLIER):
        assert questions.units(admin).filter(name="Water").exists()
    with at(EARLIER - timedelta(days=1)):
        assert not questions.units(admin).filter(name="Water").exists()


def test_nothing_is_made_from_a_day_that_has_not_come() -> None:
    tomorrow = TODAY + timedelta(days=1)
    with pytest.raises(Refused, match="has not come yet"):
        units.add_unit(make.admin(), name="Water", parent=make.top(), now=MONDAY, effective_on=tomorrow)
    water = make.unit("Water")
    with pytest.raises(Refused, match="has not come yet"):
        units.rename_unit(make.admin(), water, name="Sea", now=MONDAY, effective_on=tomorrow)


def test_a_change_from_before_the_last_change_is_refused_with_the_day_that_is_possible() -> None:
    water = make.unit("Water", effective_on=EARLIER)
    units.rename_unit(make.admin(), water, name="Sea", now=MONDAY, effective_on=TODAY - timedelta(days=5))
    with pytest.raises(Refused, match="last changed on 18 Nov 2026"):
        units.rename_unit(make.admin(), water, name="Ocean", now=MONDAY, effective_on=TODAY - timedelta(days=6))
    assert Node.objects.get(pk=water.pk).name == "Sea"


def test_a_moved_unit_lies_elsewhere_from_the_day_on_and_before_where_it_lay() -> None:
    division, other = make.unit("Division", effective_on=EARLIER), make.unit("Other", effective_on=EARLIER)
    team = make.unit("Team", parent=division, effective_on=EARLIER)
    moved_on = TODAY - timedelta(days=3)

    units.move_unit(make.admin(), team, to=other, now=MONDAY, effective_on=moved_on)

    assert Node.objects.get(pk=team.pk).unit == other
    with at(moved_on - timedelta(days=1)):
        assert Node.objects.get(pk=team.pk).unit_id == division.pk
    with at(moved_on):
        assert Node.objects.get(pk=team.pk).unit_id == other.pk
    assert LedgerEntry.objects.filter(event="core.unit.moved", subject_id=team.pk).exists()


@pytest.mark.parametrize("held", ["source", "destination", "unit"])
def test_moving_needs_the_right_where_it_lies_where_it_comes_to_and_on_itself(held: str) -> None:
    division, other = make.unit("Division"), make.unit("Other")
    team = make.unit("Team", parent=division)
    somebody = make.person()
    make.grant(somebody, "viewer", make.top())
    make.grant(somebody, "pmo_lead", {"source": division, "destination": other, "unit": team}[held])
    actor = access.actor_of(somebody, now=MONDAY)

    with pytest.raises(NotAllowed):
        units.move_unit(actor, team, to=other, now=MONDAY)
    assert Node.objects.get(pk=team.pk).unit_id == division.pk


def test_what_cannot_be_seen_is_no_destination() -> None:
    division, secret = make.unit("Division"), make.secret_unit("Audit")
    team = make.unit("Team", parent=division)
    with pytest.raises(NotFound):
        units.move_unit(make.admin(), team, to=secret, now=MONDAY)


def test_a_unit_is_not_moved_below_itself() -> None:
    division = make.unit("Division")
    team = make.unit("Team", parent=division)
    with pytest.raises(Refused, match="Team lies below Division"):
        units.move_unit(make.admin(), division, to=team, now=MONDAY)


def test_a_unit_with_something_below_it_does_not_end_and_names_what() -> None:
    division = make.unit("Division")
    make.unit("Team", parent=division)
    with pytest.raises(Refused, match="Division still holds Team"):
        units.end_unit(make.admin(), division, now=MONDAY)
    assert Node.objects.get(pk=division.pk).ended_on is None


def test_what_the_reader_does_not_see_neither_keeps_a_unit_open_nor_is_named() -> None:
    division = make.unit("Division")
    make.secret_unit("Audit", parent=division)
    units.end_unit(make.admin(), division, now=MONDAY)
    assert Node.objects.get(pk=division.pk).ended_on == TODAY


def test_roles_at_a_unit_end_the_day_before_it_does() -> None:
    division = make.unit("Division")
    holding = make.grant(make.person(), "viewer", division)
    units.end_unit(make.admin(), division, on=TODAY + timedelta(days=10), now=MONDAY)
    holding.refresh_from_db()
    assert holding.to_on == TODAY + timedelta(days=9)


def test_an_ended_unit_takes_in_nothing_and_comes_back() -> None:
    division = make.unit("Division")
    units.end_unit(make.admin(), division, now=MONDAY)
    division.refresh_from_db()
    with pytest.raises(Refused, match="has its end on 23 Nov 2026"):
        units.add_unit(make.admin(), name="Team", parent=division, now=MONDAY)

    units.bring_back_unit(make.admin(), division, now=MONDAY)

    units.add_unit(make.admin(), name="Team", parent=division, now=MONDAY)
    events = LedgerEntry.objects.filter(subject_id=division.pk).values_list("event", flat=True)
    assert set(events) >= {"core.unit.ended", "core.unit.brought_back"}


def test_a_unit_comes_back_after_the_one_it_lies_in() -> None:
    division = make.unit("Division")
    team = make.unit("Team", parent=division)
    for unit in (team, division):
        units.end_unit(make.admin(), unit, now=MONDAY)
    team.refresh_from_db()
    with pytest.raises(Refused, match="Division, where it lies, ended"):
        units.bring_back_unit(make.admin(), Node.objects.get(pk=team.pk), now=MONDAY)


def test_an_end_in_the_past_holds_from_that_day() -> None:
    division = make.unit("Division", effective_on=EARLIER)
    ended_on = TODAY - timedelta(days=7)
    units.end_unit(make.admin(), division, on=ended_on, now=MONDAY)
    with at(ended_on):
        assert Node.objects.get(pk=division.pk).ended_on == ended_on
    with at(ended_on - timedelta(days=1)):
        assert Node.objects.get(pk=division.pk).ended_on is None


def test_the_whole_organisation_neither_moves_nor_ends() -> None:
    division = make.unit("Division")
    with pytest.raises(Refused, match="lies below nothing"):
        units.move_unit(make.admin(), make.top(), to=division, now=MONDAY)
    with pytest.raises(Refused, match="does not end"):
        units.end_unit(make.admin(), make.top(), now=MONDAY)


def test_a_unit_known_from_a_day_has_not_ended_before() -> None:
    division = make.unit("Division", effective_on=date(2026, 11, 1))
    with pytest.raises(Refused, match="known from 1 Nov 2026"):
        units.end_unit(make.admin(), division, on=date(2026, 10, 31), now=MONDAY)


def test_nothing_is_held_at_a_unit_that_ended() -> None:
    division = make.unit("Division")
    viewer = make.person()
    make.grant(viewer, "viewer", division)
    units.end_unit(make.admin(), division, now=MONDAY)
    assert not access.actor_of(viewer, now=MONDAY).holds(rights.SEE_ORGANISATION)
    assert not Holding.objects.filter(node=division, to_on__isnull=True).exists()
