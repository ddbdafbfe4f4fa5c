"""Who may see and do what."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from quarterdeck.core import access, rights, store
from quarterdeck.core.errors import NotAllowed, NotFound, Refused
from quarterdeck.core.models import Holding, Node, NodePath, Role
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.services import roles
from quarterdeck.core.tests import make

pytestmark = pytest.mark.django_db


def test_a_right_reaches_everything_below_and_nothing_beside() -> None:
    division, other = make.unit("Division"), make.unit("Other")
    team = make.unit("Team", parent=division)
    viewer = make.actor("viewer", on=division)

    seen = set(access.visible_nodes(viewer).values_list("name", flat=True))

    assert seen == {"Division", "Team"}
    assert access.may(viewer, rights.SEE_ORGANISATION, on=team)
    assert not access.may(viewer, rights.SEE_ORGANISATION, on=other)


def test_a_confidential_node_lets_nothing_flow_in_from_above() -> None:
    division = make.unit("Division")
    secret = store.create(Node(kind="unit", ref="S", name="Secret", unit=division, confidential=True), make.why())
    below = make.unit("Below the secret", parent=secret)
    outside, inside = make.actor("viewer", on=division), make.actor("viewer", on=secret)

    assert set(access.visible_nodes(outside).values_list("name", flat=True)) == {"Division"}
    assert set(access.visible_nodes(inside).values_list("name", flat=True)) == {"Secret", "Below the secret"}
    assert access.may(inside, rights.SEE_ORGANISATION, on=below)


def test_a_confidential_portfolio_shuts_out_the_unit_of_its_project() -> None:
    division = make.unit("Division")
    portfolio = store.create(
        Node(kind="portfolio", ref="P", name="Portfolio", unit=make.top(), confidential=True), make.why()
    )
    project = store.create(Node(kind="project", ref="X", name="X", unit=division, within=portfolio), make.why())

    assert not access.may(make.actor("viewer", on=division), rights.SEE_ORGANISATION, on=project)
    assert access.may(make.actor("viewer", on=portfolio), rights.SEE_ORGANISATION, on=project)


def test_opening_and_moving_a_node_refreshes_what_reaches_it() -> None:
    division, other = make.unit("Division"), make.unit("Other")
    team = make.unit("Team", parent=division)
    leaf = make.unit("Leaf", parent=team)
    viewer = make.actor("viewer", on=other)
    assert not access.may(viewer, rights.SEE_ORGANISATION, on=leaf)

    team.unit = other
    store.save(team, make.why(), fields=["unit"])

    assert access.may(viewer, rights.SEE_ORGANISATION, on=leaf)
    ancestors = NodePath.objects.filter(descendant=leaf).values_list("ancestor__name", flat=True)
    assert set(ancestors) == {"Norhaven", "Other", "Team", "Leaf"}


def test_a_node_cannot_lie_below_itself() -> None:
    division = make.unit("Division")
    team = make.unit("Team", parent=division)
    division.unit = team

    with pytest.raises(Refused, match="cannot lie below itself"):
        store.save(division, make.why(), fields=["unit"])


def test_a_right_ends_with_the_holding() -> None:
    division = make.unit("Division")
    someone = make.person()
    holding = make.grant(someone, "viewer", division)
    assert access.actor_of(someone, now=make.MONDAY).holds(rights.SEE_ORGANISATION)

    roles.end_holding(make.admin(), holding, now=make.MONDAY)

    assert not access.actor_of(someone, now=make.MONDAY).holds(rights.SEE_ORGANISATION)


@pytest.mark.parametrize("begins", [0, 3], ids=["today", "in three days"])
def test_a_right_given_by_mistake_ends_at_once_and_never_begins(begins: int) -> None:
    first_day = make.MONDAY.date() + timedelta(days=begins)
    holding = make.grant(make.person(), "viewer", make.unit("Division"), from_on=first_day)

    roles.end_holding(make.admin(), holding, now=make.MONDAY)

    for days in range(begins + 2):
        actor = access.actor_of(holding.person, now=make.MONDAY + timedelta(days=days))
        assert not actor.holds(rights.SEE_ORGANISATION)
    assert not questions.holdings(make.admin()).filter(pk=holding.pk).exists()


def test_unknown_and_forbidden_look_the_same() -> None:
    division = make.unit("Division")
    stranger = make.actor()
    with pytest.raises(NotFound) as forbidden:
        access.require(stranger, rights.MANAGE_ORGANISATION, on=division, seen_by=rights.SEE_ORGANISATION)
    with pytest.raises(NotFound) as unknown:
        access.require(stranger, rights.MANAGE_ORGANISATION, on=999_999, seen_by=rights.SEE_ORGANISATION)
    assert str(forbidden.value) == str(unknown.value)


def test_who_sees_but_may_not_is_told_which_right_is_missing() -> None:
    division = make.unit("Division")
    with pytest.raises(NotAllowed, match="Make and change units"):
        access.require(
            make.actor("viewer", on=division), rights.MANAGE_ORGANISATION, on=division, seen_by=rights.SEE_ORGANISATION
        )


def test_nobody_gives_a_right_they_do_not_hold() -> None:
    division = make.unit("Division")
    lead = make.actor("pmo_lead", on=division)
    role = store.create(Role(code="all", name="All", rights=["core.see_confidential_totals"]), make.why())

    with pytest.raises(Refused, match="you do not hold here"):
        roles.give_role(lead, make.person(), role, on=division, now=make.MONDAY)
    assert not Holding.objects.filter(role=role).exists()


def test_the_last_administrator_stays() -> None:
    admin = make.admin()
    holding = Holding.objects.get(role__code="administrator")
    with pytest.raises(Refused, match="last administrator"):
        roles.end_holding(admin, holding, now=make.MONDAY)


def test_a_single_role_passes_on_to_the_next_holder() -> None:
    division = make.unit("Division")
    first, second = make.person("First"), make.person("Second")
    role = Role.objects.get(code="sponsor")
    roles.give_role(make.admin(), first, role, on=division, now=make.MONDAY)
    roles.give_role(make.admin(), second, role, on=division, now=make.MONDAY)

    assert [h.person.name for h in Holding.objects.filter(role=role, to_on__isnull=True)] == ["Second"]


def test_the_database_itself_keeps_a_second_open_sponsor_out() -> None:
    division = make.unit("Division")
    role = Role.objects.get(code="sponsor")
    make.grant(make.person(), "sponsor", division)
    with pytest.raises(IntegrityError), transaction.atomic():
        Holding.objects.create(person=make.person(), role=role, node=division, from_on=make.MONDAY.date(), single=True)
