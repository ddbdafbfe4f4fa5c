"""Units, people, roles and who holds them."""

from datetime import timedelta

from quarterdeck.core.models import Holding, Node, Role
from quarterdeck.core.rights import MANAGE_ORGANISATION, SEE_ORGANISATION
from quarterdeck.core.services import accounts, days, nodes, people, rolebook, roles, units
from quarterdeck.projects.rights import MANAGE_PORTFOLIO, SEE_PROJECT
from tests.who_may.row import ANYBODY, Row
from tests.who_may.world import NOW, TODAY, World

MANAGE = {MANAGE_ORGANISATION}
# Nobody gives a role that carries a right which they do not hold there.
GIVES = MANAGE | {SEE_ORGANISATION, SEE_PROJECT}
TOO_MUCH = {"more_than_held"}
LINES = [people.Line(1, "Nora North", "nora@norhaven.example")]


def viewer() -> Role:
    return Role.objects.get(code="viewer")


def own_role(w: World) -> Role:
    return rolebook.add_role(w.admin, name="Reader", given=["core.see_organisation"], now=NOW)


def ended_role(w: World) -> Role:
    return rolebook.end_role(w.admin, own_role(w), now=NOW)


def held(w: World) -> Holding:
    """By somebody, at the unit, since long ago."""
    return roles.give_role(w.admin, w.person, viewer(), on=w.unit, now=NOW, from_on=TODAY - timedelta(days=90))


def held_since_today(w: World) -> Holding:
    return roles.give_role(w.admin, w.person, viewer(), on=w.unit, now=NOW)


def ended(w: World) -> Holding:
    return roles.end_holding(w.admin, held(w), now=NOW)


def left(w: World) -> None:
    people.person_left(w.admin, w.person, now=NOW)


def ended_unit(w: World) -> Node:
    return units.end_unit(w.admin, w.below, now=NOW)


ROWS = [
    Row(accounts.add_person, MANAGE, lambda w, _: accounts.add_person(w.actor, name="Nora North", now=NOW)),
    Row(
        accounts.open_account, MANAGE,
        lambda w, nora: accounts.open_account(w.actor, nora, email="nora@norhaven.example", now=NOW),
        given=lambda w: accounts.add_person(w.admin, name="Nora North", now=NOW),
    ),
    Row(
        accounts.name_organisation, MANAGE,
        lambda w, _: accounts.name_organisation(w.actor, name="Sudhaven", currency="EUR", now=NOW),
    ),
    Row(people.check_lines, MANAGE, lambda w, _: people.check_lines(w.actor, LINES)),
    Row(people.add_people, MANAGE, lambda w, _: people.add_people(w.actor, LINES, now=NOW)),
    Row(
        people.change_person, MANAGE,
        lambda w, _: people.change_person(w.actor, w.person, name="Paula Plainer", email="p@norhaven.example", now=NOW),
    ),
    Row(people.person_left, MANAGE, lambda w, _: people.person_left(w.actor, w.person, now=NOW), confirm=True),
    Row(
        people.bring_back_person,
        MANAGE,
        lambda w, _: people.bring_back_person(w.actor, w.person, now=NOW),
        given=left,
    ),
    # Each role is given by give_role or its refusal is told; with no right at all nothing is given.
    Row(people.give_again, ANYBODY, lambda w, found: people.give_again(w.actor, [found], now=NOW), given=ended),
    Row(
        rolebook.add_role, MANAGE | {SEE_ORGANISATION},
        lambda w, _: rolebook.add_role(w.actor, name="Reader", given=["core.see_organisation"], now=NOW),
        refusals=TOO_MUCH,
    ),
    Row(
        rolebook.change_role, MANAGE | {SEE_PROJECT},
        lambda w, role: rolebook.change_role(
            w.actor, role, name="Reader", given=["core.see_organisation", "projects.see_project"], now=NOW
        ),
        given=own_role, refusals=TOO_MUCH, confirm=True,
    ),
    Row(rolebook.end_role, MANAGE, lambda w, role: rolebook.end_role(w.actor, role, now=NOW), given=own_role),
    Row(
        rolebook.bring_back_role, MANAGE, lambda w, role: rolebook.bring_back_role(w.actor, role, now=NOW),
        given=ended_role,
    ),
    Row(
        roles.give_role, GIVES, lambda w, _: roles.give_role(w.actor, w.person, viewer(), on=w.unit, now=NOW),
        at="unit", refusals=TOO_MUCH,
    ),
    # Whoever runs a project says who holds what there.
    Row(
        roles.give_role, {MANAGE_PORTFOLIO, SEE_ORGANISATION, SEE_PROJECT},
        lambda w, _: roles.give_role(w.actor, w.person, viewer(), on=w.project.node, now=NOW),
        at="project", refusals=TOO_MUCH,
    ),
    Row(
        roles.give_roles, GIVES, lambda w, _: roles.give_roles(w.actor, [w.person], viewer(), on=w.unit, now=NOW),
        at="unit", refusals=TOO_MUCH,
    ),
    Row(roles.end_holding, MANAGE, lambda w, found: roles.end_holding(w.actor, found, now=NOW), at="unit", given=held),
    Row(
        roles.take_back, MANAGE, lambda w, found: roles.take_back(w.actor, found, now=NOW),
        at="unit", given=held_since_today,
    ),
    Row(
        roles.continue_holding, GIVES, lambda w, found: roles.continue_holding(w.actor, found, now=NOW),
        at="unit", given=ended, refusals=TOO_MUCH,
    ),
    Row(nodes.rename_node, MANAGE, lambda w, _: nodes.rename_node(w.actor, w.unit, name="Mills", now=NOW), at="unit"),
    Row(units.add_unit, MANAGE, lambda w, _: units.add_unit(w.actor, name="Mills", parent=w.unit, now=NOW), at="unit"),
    Row(units.rename_unit, MANAGE, lambda w, _: units.rename_unit(w.actor, w.unit, name="Mills", now=NOW), at="unit"),
    Row(units.move_unit, MANAGE, lambda w, _: units.move_unit(w.actor, w.below, to=w.elsewhere, now=NOW)),
    Row(units.end_unit, MANAGE, lambda w, _: units.end_unit(w.actor, w.below, now=NOW), at="unit"),
    Row(
        units.bring_back_unit, MANAGE, lambda w, unit: units.bring_back_unit(w.actor, unit, now=NOW),
        at="unit", given=ended_unit,
    ),
]  # fmt: skip
INSIDE = {
    days.day_of_change: "works out a day",
    days.day_of_making: "works out a day",
    days.planned: "works out a day",
    days.day_known: "works out a day",
    nodes.still_there: "reads what the actor sees",
    roles.require_to_give: "is the question itself",
    roles.require_rights_of: "is the question itself",
    units.end_holdings_at: "called by the services that end a place, after they checked the right",
}
