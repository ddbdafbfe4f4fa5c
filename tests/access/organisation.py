"""Units, people, roles and who holds them; access and history; the ledger."""

import uuid
from typing import Any

from quarterdeck.core.models import Holding
from quarterdeck.core.rights import MANAGE_ORGANISATION, SEE_LEDGER, SEE_ORGANISATION
from tests.access.route import Route, Thing, needs

SEES = needs(SEE_ORGANISATION)
SEES_UNIT = needs(SEE_ORGANISATION, at="unit")
MANAGES = needs(MANAGE_ORGANISATION, at="top")
# Everybody of the table but the outsider sees the project's manager and every role; who manages the whole changes them.
CHANGES = "404 403 403 403 403 403 403 200 200"
GIVES = "404 403 403 403 403 403 403 422 422"


def _held(world: Any) -> str:
    return str(Holding.objects.get(node=world.project.node, role__code="project_manager").uid)


def _held_inside(world: Any) -> str:
    return str(Holding.objects.filter(node=world.hidden.node).order_by("pk")[0].uid)


THINGS = {
    "holding": Thing(_held, _held_inside, str(uuid.UUID(int=5))),
    # What a page for every kind is asked about.
    "kind of a unit": Thing(lambda _world: "unit", lambda _world: "unit", "unit"),
}
TABLE = {
    "units": Route(get=SEES, post=SEES),
    "unit_list": Route(get=SEES, post=SEES),
    "new_unit": Route(get=MANAGES, form=True),
    "unit": Route(get=SEES, post=SEES, takes=("unit",)),
    "change_unit": Route(
        get=needs(MANAGE_ORGANISATION, seen_by=SEE_ORGANISATION),
        post=needs(MANAGE_ORGANISATION, seen_by=SEE_ORGANISATION),
        takes=("unit",),
    ),
    "people": Route(get=SEES, post=SEES),
    "new_people": Route(get=MANAGES, form=True),
    "person": Route(get=SEES, post=SEES, takes=("person",)),
    "person_access": Route(get=SEES, post=SEES, takes=("person",)),
    "change_person": Route(get=CHANGES, post=CHANGES, takes=("person",)),
    "give_to_person": Route(get=CHANGES, post=GIVES, takes=("person",)),
    "roles": Route(get=SEES, post=SEES),
    "new_role": Route(get=MANAGES, form=True),
    "role": Route(get=SEES, post=SEES, takes=("role",)),
    "change_role": Route(get=CHANGES, post=CHANGES, takes=("role",)),
    "organisation": Route(get=SEES, post=SEES),
    "holding": Route(
        get=needs(SEE_ORGANISATION, at="project"), post=needs(SEE_ORGANISATION, at="project"), takes=("holding",)
    ),
    "new_holding": Route(get=MANAGES, post=MANAGES),
    "object_people": Route(get=SEES_UNIT, post=SEES_UNIT, takes=("kind of a unit", "unit")),
    "give_at": Route(
        get=needs(MANAGE_ORGANISATION, at="unit", seen_by=SEE_ORGANISATION),
        post=needs(MANAGE_ORGANISATION, at="unit", seen_by=SEE_ORGANISATION, ok=422),
        takes=("kind of a unit", "unit"),
    ),
    "object_access": Route(get=SEES_UNIT, post=SEES_UNIT, takes=("kind of a unit", "unit")),
    "object_history": Route(get=SEES_UNIT, post=SEES_UNIT, takes=("kind of a unit", "unit")),
    "ledger": Route(get=needs(SEE_LEDGER), post=needs(SEE_LEDGER)),
}
