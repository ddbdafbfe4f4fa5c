"""A confidential place whose last one left comes back through the operator, and through nobody else."""

import pytest

from quarterdeck.core import access, rights
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Holding, LedgerEntry, Role
from quarterdeck.core.services import circles, people
from quarterdeck.core.tests import make
from quarterdeck.core.tests.make import MONDAY

pytestmark = pytest.mark.django_db
TODAY = MONDAY.date()


def test_who_leaves_as_the_last_one_inside_leaves_a_place_that_the_operator_finds() -> None:
    circle = make.secret_unit("Audit")
    insider = make.person("Ines Inside")
    make.grant(insider, "pmo_lead", circle)
    assert circles.without_lead(on=TODAY) == []

    people.person_left(make.admin(), insider, now=MONDAY)

    assert circles.without_lead(on=TODAY) == [circle]


def test_leaving_is_answered_alike_whether_or_not_there_is_a_circle() -> None:
    admin = make.admin()
    plain, insider = make.person("Pia"), make.person("Ines")
    make.grant(insider, "pmo_lead", make.secret_unit("Audit"))
    assert (
        people.person_left(admin, plain, now=MONDAY).left_on == people.person_left(admin, insider, now=MONDAY).left_on
    )


def test_the_operator_names_a_successor_who_is_inside_then() -> None:
    circle = make.secret_unit("Audit")
    rosa = make.person("Rosa")
    held = circles.give_lead(rosa, circle, now=MONDAY)
    assert access.may(access.actor_of(rosa, now=MONDAY), rights.MANAGE_ORGANISATION, on=circle)
    assert not access.may(make.admin(), rights.SEE_ORGANISATION, on=circle)
    assert LedgerEntry.objects.filter(event="core.role.given", subject_id=held.pk).exists()
    assert circles.without_lead(on=TODAY) == []


def test_a_place_that_is_run_or_open_to_all_gets_nobody_from_outside() -> None:
    circle, unit, rosa = make.secret_unit("Audit"), make.unit("Works"), make.person("Rosa")
    make.grant(make.person("Ines"), "pmo_lead", circle)
    for place in (circle, unit):
        with pytest.raises(Refused, match="Somebody runs this"):
            circles.give_lead(rosa, place, now=MONDAY)
    assert not Holding.objects.filter(person=rosa).exists()


def test_without_a_role_that_may_run_it_the_operator_is_told_what_to_do_first() -> None:
    circle, rosa = make.secret_unit("Audit"), make.person("Rosa")
    Role.objects.filter(rights__contains=["core.manage_organisation"]).update(ended_on=TODAY)
    with pytest.raises(Refused, match="No role may run this"):
        circles.give_lead(rosa, circle, now=MONDAY)
