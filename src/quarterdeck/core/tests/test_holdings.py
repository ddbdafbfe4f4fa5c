"""Roles are given, passed on, ended, taken back and continued, each with its days."""

import contextlib
import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction

from quarterdeck.core import access, rights
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Account, Holding, Node, Person, Role
from quarterdeck.core.services import roles
from quarterdeck.core.tests import make
from quarterdeck.core.time import at

MONDAY = make.MONDAY
TODAY = MONDAY.date()


def role(code: str) -> Role:
    make.organisation()
    return Role.objects.get(code=code)


def days(number: int) -> timedelta:
    return timedelta(days=number)


@pytest.mark.django_db
def test_a_role_that_begins_later_counts_from_its_day() -> None:
    rosa, division = make.person("Rosa"), make.unit("Division")
    roles.give_role(make.admin(), rosa, role("viewer"), on=division, now=MONDAY, from_on=TODAY + days(3))
    assert not access.actor_of(rosa, now=MONDAY + days(2)).holds(rights.SEE_ORGANISATION)
    assert access.actor_of(rosa, now=MONDAY + days(3)).holds(rights.SEE_ORGANISATION)


@pytest.mark.django_db
def test_a_role_with_a_last_day_counts_on_that_day_and_not_after() -> None:
    rosa, division = make.person("Rosa"), make.unit("Division")
    roles.give_role(make.admin(), rosa, role("viewer"), on=division, now=MONDAY, to_on=TODAY + days(2), acting=True)
    assert access.actor_of(rosa, now=MONDAY + days(2)).holds(rights.SEE_ORGANISATION)
    assert not access.actor_of(rosa, now=MONDAY + days(3)).holds(rights.SEE_ORGANISATION)


@pytest.mark.django_db
def test_a_role_given_for_an_earlier_day_is_there_when_one_looks_back() -> None:
    rosa, division = make.person("Rosa"), make.unit("Division", effective_on=TODAY - days(60))
    roles.give_role(make.admin(), rosa, role("viewer"), on=division, now=MONDAY, from_on=TODAY - days(30))
    with at(TODAY - days(30)):
        assert Holding.objects.filter(person=rosa, node__name="Division").exists()
    with at(TODAY - days(31)):
        assert not Holding.objects.filter(person=rosa).exists()


@pytest.mark.django_db
def test_a_single_role_that_somebody_takes_over_later_is_given_until_then_only() -> None:
    division, admin = make.unit("Division"), make.admin()
    first, second, third = (make.person(name) for name in ("First", "Second", "Third"))
    roles.give_role(admin, first, role("sponsor"), on=division, now=MONDAY, from_on=TODAY - days(9))
    roles.give_role(admin, third, role("sponsor"), on=division, now=MONDAY, from_on=TODAY + days(30))

    with pytest.raises(Refused, match="Third takes this role over on 23 Dec 2026"):
        roles.give_role(admin, second, role("sponsor"), on=division, now=MONDAY)
    roles.give_role(admin, second, role("sponsor"), on=division, now=MONDAY, to_on=TODAY + days(29))

    spans = list(Holding.objects.filter(role__code="sponsor").order_by("from_on").values_list("person__name", "to_on"))
    assert spans == [("First", TODAY - days(1)), ("Second", TODAY + days(29)), ("Third", None)]


@pytest.mark.django_db
def test_acting_stands_beside_the_holder_of_a_single_role() -> None:
    division, admin = make.unit("Division"), make.admin()
    roles.give_role(admin, make.person("First"), role("sponsor"), on=division, now=MONDAY)
    roles.give_role(admin, make.person("Stand-in"), role("sponsor"), on=division, now=MONDAY, acting=True)
    assert Holding.objects.filter(role__code="sponsor", to_on__isnull=True).count() == 2


@pytest.mark.django_db
def test_who_acted_and_now_holds_acts_no_more() -> None:
    division, admin, rosa = make.unit("Division"), make.admin(), make.person("Rosa")
    acting = roles.give_role(
        admin, rosa, role("sponsor"), on=division, now=MONDAY, from_on=TODAY - days(9), acting=True
    )
    roles.give_role(admin, rosa, role("sponsor"), on=division, now=MONDAY)
    acting.refresh_from_db()
    assert acting.to_on == TODAY - days(1)


@pytest.mark.django_db
def test_several_people_at_once_are_all_given_the_role_or_none() -> None:
    division, admin = make.unit("Division"), make.admin()
    three = [make.person(name) for name in ("A", "B", "C")]
    roles.give_roles(admin, three, role("viewer"), on=division, now=MONDAY)
    assert Holding.objects.filter(node=division).count() == 3
    with pytest.raises(Refused, match="one holder at a time"):
        roles.give_roles(admin, three, role("sponsor"), on=division, now=MONDAY)


@pytest.mark.django_db
def test_holding_it_already_with_other_days_is_refused_with_the_days() -> None:
    division, admin, rosa = make.unit("Division"), make.admin(), make.person("Rosa")
    roles.give_role(admin, rosa, role("viewer"), on=division, now=MONDAY, to_on=TODAY + days(9))
    with pytest.raises(Refused, match="holds this role here already, from 23 Nov 2026 until 2 Dec 2026"):
        roles.give_role(admin, rosa, role("viewer"), on=division, now=MONDAY)


@pytest.mark.django_db
def test_an_end_that_lies_ahead_is_moved_and_taken_away_again() -> None:
    division, admin, rosa = make.unit("Division"), make.admin(), make.person("Rosa")
    given = roles.give_role(admin, rosa, role("viewer"), on=division, now=MONDAY)
    roles.end_holding(admin, given, last_day=TODAY + days(9), now=MONDAY)
    roles.end_holding(admin, given, last_day=TODAY + days(4), now=MONDAY)
    assert Holding.objects.get(pk=given.pk).to_on == TODAY + days(4)
    roles.continue_holding(admin, given, now=MONDAY)
    assert Holding.objects.get(pk=given.pk).to_on is None


@pytest.mark.django_db
def test_what_ended_by_mistake_today_continues_and_what_ended_long_ago_is_given_again() -> None:
    division, admin, rosa = make.unit("Division"), make.admin(), make.person("Rosa")
    given = make.grant(rosa, "viewer", division)
    roles.end_holding(admin, given, now=MONDAY)
    roles.continue_holding(admin, given, now=MONDAY)
    roles.end_holding(admin, given, last_day=TODAY - days(20), now=MONDAY)
    with pytest.raises(Refused, match="Give the role again from today on"):
        roles.continue_holding(admin, given, now=MONDAY)


@pytest.mark.django_db
def test_an_end_that_lies_back_ends_it_on_that_day_for_who_looks_back() -> None:
    division, admin, rosa = make.unit("Division", effective_on=TODAY - days(90)), make.admin(), make.person("Rosa")
    given = roles.give_role(admin, rosa, role("viewer"), on=division, now=MONDAY, from_on=TODAY - days(60))
    roles.end_holding(admin, given, last_day=TODAY - days(20), now=MONDAY)
    with at(TODAY - days(19)):
        assert Holding.objects.get(pk=given.pk).to_on == TODAY - days(20)
    with at(TODAY - days(21)):
        assert Holding.objects.get(pk=given.pk).to_on is None


@pytest.mark.django_db
def test_a_role_is_taken_back_until_it_counted_for_a_day() -> None:
    division, admin, rosa = make.unit("Division"), make.admin(), make.person("Rosa")
    given = roles.give_role(admin, rosa, role("viewer"), on=division, now=MONDAY)
    roles.take_back(admin, given, now=MONDAY)
    assert not access.actor_of(rosa, now=MONDAY).holds(rights.SEE_ORGANISATION)
    roles.continue_holding(admin, given, now=MONDAY)
    assert access.actor_of(rosa, now=MONDAY).holds(rights.SEE_ORGANISATION)
    with pytest.raises(Refused, match="End it instead"):
        roles.take_back(admin, given, now=MONDAY + days(1))


@pytest.mark.django_db
def test_the_last_one_who_runs_something_confidential_stays_inside() -> None:
    circle = make.secret_unit("Audit")
    inside = make.person("Inside")
    held = make.grant(inside, "pmo_lead", circle)
    actor = access.actor_of(inside, now=MONDAY)
    with pytest.raises(Refused, match="Nobody else runs Audit"):
        roles.end_holding(actor, held, now=MONDAY)
    make.grant(make.person("Second"), "pmo_lead", circle)
    roles.end_holding(actor, held, now=MONDAY)
    assert Holding.objects.get(pk=held.pk).to_on == TODAY - days(1)


@pytest.mark.django_db
def test_an_administrator_of_one_unit_is_no_last_administrator() -> None:
    held = make.grant(make.person(), "administrator", make.unit("Division"))
    roles.end_holding(make.admin(), held, now=MONDAY)
    assert Holding.objects.get(pk=held.pk).to_on is not None


def end_each_other() -> int:
    """Two administrators end each other at the same moment; how many are left."""
    make.organisation()
    second = make.person("Second")
    make.account(second)
    make.grant(second, "administrator", make.top())
    pairs = [
        (access.actor_of(Person.objects.get(pk=mine), now=MONDAY), Holding.objects.get(person_id=other))
        for mine, other in (
            (second.pk, Account.objects.order_by("pk")[0].person_id),
            (Account.objects.order_by("pk")[0].person_id, second.pk),
        )
    ]
    together = threading.Barrier(2)
    looked = threading.Barrier(2)

    def end(actor: access.Actor, holding: Holding) -> None:
        try:
            with transaction.atomic():
                holding = Holding.objects.select_related("role", "node").get(pk=holding.pk)
                Node.objects.count()
                together.wait(20)
                roles.end_holding(actor, holding, now=MONDAY)
                # Whoever came through stays until the other one has looked too, or waits for this one.
                with contextlib.suppress(threading.BrokenBarrierError):
                    looked.wait(1)
        except Refused:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=end, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    return Holding.objects.filter(role__code="administrator", to_on__isnull=True).count()


def test_of_two_administrators_who_end_each_other_at_once_one_stays(committed: str) -> None:
    assert end_each_other() == 1


def test_without_holding_administrators_still_nobody_would_be_left(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant: each looks before the other is done."""
    monkeypatch.setattr(roles, "hold_administrators_still", lambda: None)
    assert end_each_other() == 0
