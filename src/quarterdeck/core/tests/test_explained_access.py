"""What is told of access is what decides it, for any tree, any holdings and anything confidential."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quarterdeck.core import access, rights, store
from quarterdeck.core.models import Holding, Node, Role
from quarterdeck.core.queries import access as questions
from quarterdeck.core.services import rolebook, roles
from quarterdeck.core.tests import make

pytestmark = pytest.mark.django_db
MONDAY = make.MONDAY
TODAY = MONDAY.date()
PLACES = st.integers(0, 9)
TREE = st.lists(st.tuples(st.booleans(), PLACES, PLACES, st.booleans()), min_size=2, max_size=9)
HELD = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["viewer", "pmo_lead", "auditor"]), PLACES, st.integers(-3, 2)),
    min_size=1,
    max_size=6,
)


def grown(tree: list[tuple[bool, int, int, bool]]) -> list[Node]:
    """The organisation with units and things below it, some of them confidential; a thing has up to two parents."""
    nodes = [make.top()]
    for number, (is_unit, first, second, confidential) in enumerate(tree):
        places = [nodes[place % len(nodes)] for place in (first, second)]
        if is_unit:
            parent = next((place for place in places if place.kind == "unit"), nodes[0])
            made = Node(kind="unit", ref=f"H{number}", name=f"H{number}", unit=parent, confidential=confidential)
        else:
            unit = next((place for place in places if place.kind == "unit"), None)
            within = next((place for place in places if place.kind != "unit"), None)
            made = Node(
                kind="programme", ref=f"H{number}", name=f"H{number}", confidential=confidential,
                unit=unit or (None if within else nodes[0]), within=within,
            )  # fmt: skip
        nodes.append(store.create(made, make.why()))
    return nodes


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TREE, HELD)
def test_what_is_told_is_what_is_decided(tree: Any, held: Any) -> None:
    with transaction.atomic():
        nodes = grown(tree)
        people = [make.person(f"Person {letter}") for letter in "ABC"]
        for who, role, place, begins in held:
            roles.hold(
                people[who], Role.objects.get(code=role), on=nodes[place % len(nodes)],
                from_on=TODAY + timedelta(days=begins), to_on=TODAY + timedelta(days=begins + 2),
                why=make.why(), actor=None,
            )  # fmt: skip
        for person in people:
            actor = access.actor_of(person, now=MONDAY)
            for right in (rights.SEE_ORGANISATION, rights.MANAGE_ORGANISATION, rights.SEE_LEDGER):
                for node in nodes:
                    told = questions.explain(person, right, node, on=TODAY)
                    assert told.may == access.may(actor, right, on=node)
                    for ground in told.grounds:
                        assert (ground.way[0], ground.way[-1]) == (ground.holding.node, node)
                        assert ground.open == (not ground.shut_by)
        everywhere = access.Actor(0, TODAY, {right: frozenset(node.pk for node in nodes) for right in rights.ALL})
        for node in nodes:
            told = {
                one.person.pk for one in questions.who_may(everywhere, node, [rights.SEE_LEDGER]) if one.may_anything
            }
            decided = {
                person.pk
                for person in people
                if access.may(access.actor_of(person, now=MONDAY), rights.SEE_LEDGER, on=node)
            }
            assert told & {person.pk for person in people} == decided
        transaction.set_rollback(True)


def test_the_way_goes_from_where_it_is_held_down_to_the_place() -> None:
    division = make.unit("Division")
    team = make.unit("Team", parent=make.unit("Branch", parent=division))
    rosa = make.person("Rosa")
    make.grant(rosa, "viewer", division)
    told = questions.explain(rosa, rights.SEE_ORGANISATION, team, on=TODAY)
    assert [node.name for node in told.grounds[0].way] == ["Division", "Branch", "Team"]


def test_a_circle_that_shuts_out_is_named_to_who_sees_it_and_to_nobody_else() -> None:
    division = make.unit("Division")
    circle = make.secret_unit("Audit", parent=division)
    rosa = make.person("Rosa")
    make.grant(rosa, "viewer", division)
    insider = make.person("Ina")
    for place in (division, circle):
        make.grant(insider, "pmo_lead", place)
    inside, outside = access.actor_of(insider, now=MONDAY), make.actor("pmo_lead", on=division)

    told = questions.explain(rosa, rights.SEE_ORGANISATION, circle, on=TODAY)
    assert (told.may, [node.name for node in told.grounds[0].shut_by]) == (False, ["Audit"])
    of = {held.right: held for held in questions.rights_of(inside, rosa)}
    assert [node.name for node in of[rights.SEE_ORGANISATION].shut] == ["Audit"]
    of = {held.right: held for held in questions.rights_of(outside, rosa)}
    assert of[rights.SEE_ORGANISATION].shut == ()
    assert questions.who_may(outside, circle, [rights.SEE_ORGANISATION]) == []


def test_what_somebody_holds_inside_a_circle_is_told_inside_only() -> None:
    circle = make.secret_unit("Audit")
    rosa, insider = make.person("Rosa"), make.person("Ina")
    make.grant(rosa, "pmo_lead", circle)
    make.grant(insider, "viewer", circle)
    assert questions.rights_of(make.admin(), rosa) == []
    assert questions.rights_of(access.actor_of(insider, now=MONDAY), rosa) != []
    assert not questions.own_answer(make.admin(), rosa, rights.SEE_ORGANISATION, circle).may


def test_one_knows_everything_of_oneself() -> None:
    bare = rolebook.add_role(make.admin(), name="Reader of nothing", given=["core.see_ledger"], now=MONDAY)
    rosa = make.person("Rosa")
    roles.hold(rosa, bare, on=make.secret_unit("Audit"), from_on=TODAY, why=make.why(), actor=None)
    told = questions.rights_of(access.actor_of(rosa, now=MONDAY), rosa)
    assert [held.right for held in told] == [rights.SEE_LEDGER]


def test_who_held_it_until_yesterday_or_holds_it_from_tomorrow_is_not_listed() -> None:
    division = make.unit("Division")
    for name, begins, ends in (("Past", -9, -1), ("Now", -9, 0), ("Next", 1, 9)):
        Holding.objects.create(
            person=make.person(name), role=Role.objects.get(code="viewer"), node=division,
            from_on=TODAY + timedelta(days=begins), to_on=TODAY + timedelta(days=ends),
        )  # fmt: skip
    told = questions.who_may(make.admin(), division, [rights.SEE_ORGANISATION])
    assert [one.person.name for one in told if one.person.name in {"Past", "Now", "Next"}] == ["Now"]
