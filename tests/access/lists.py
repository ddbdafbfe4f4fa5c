"""Saved views, editing and bulk acts of registers."""

import uuid
from typing import Any

from quarterdeck.core.models import Job
from quarterdeck.core.register import bulk_jobs
from quarterdeck.core.services import saved_views as views
from quarterdeck.core.tests.make import MONDAY
from quarterdeck.projects.registers import PROJECTS
from quarterdeck.projects.rights import CHANGE_PROJECT, SEE_PROJECT
from tests.access.route import Route, Thing, needs, only

MINE = "administrator"
CHANGES = needs(CHANGE_PROJECT, seen_by=SEE_PROJECT, at="project")
TABLE: dict[str, Route] = {
    # Everybody their own; administrators everybody's.
    "jobs": Route(get="200", post="200"),
    "save_view": Route(get="200", form=True, more={"name": "projects"}),
    "restore_view": Route(get="405", post="422"),
    # Shared: whoever sees a row of its list finds it.
    "saved_view": Route(get=needs(SEE_PROJECT, ok=302), post=needs(SEE_PROJECT, ok=302), takes=("view",)),
    "change_view": Route(get=only(MINE), form=True, takes=("view",)),
    "delete_view": Route(get="405", post=only(MINE), takes=("view",)),
    "edit_cell": Route(get=CHANGES, form=True, takes=("list", "project"), more={"column": "finish"}),
    # Nothing is selected: back to the list.
    "bulk": Route(get="302", post="302", more={"name": "projects"}),
    "bulk_plan": Route(get=only(MINE), post=only(MINE, ok=302), takes=("look",)),
    "bulk_result": Route(get=only(MINE), post=only(MINE, ok=302), takes=("change",)),
}


def shared_view(world: Any) -> str:
    """The administrator's, of what everybody of the table sees a row of."""
    view = views.save_view(world.admin, "projects", name="By name", parameters="sort=name", shared=True, now=MONDAY)
    return str(view.uid)


def hidden_view(world: Any) -> str:
    """Shared by somebody inside, and naming what is hidden."""
    view = views.save_view(
        world.insider, "projects", name="Quiet ones", parameters=f"portfolio={world.hidden.pk}", shared=True, now=MONDAY
    )
    return str(view.uid)


def look(actor: Any, ref: str) -> Job:
    """What would change about one project."""
    selection = {"keys": [ref], "address": "", "everything": False}
    return bulk_jobs.look_at(actor, PROJECTS, "approach", {"value": "hybrid"}, selection, now=MONDAY)


def change(actor: Any, ref: str) -> str:
    return str(bulk_jobs.change_as_planned(actor, look(actor, ref), now=MONDAY).uid)


THINGS = {
    "view": Thing(shared_view, hidden_view, str(uuid.UUID(int=5))),
    # Beside a key: of one list, whose rows are own, hidden, or none.
    "list": Thing(lambda world: "projects", lambda world: "projects", "projects"),
    "look": Thing(
        lambda world: str(look(world.admin, world.project.ref).uid),
        lambda world: str(look(world.insider, world.secret.ref).uid),
        str(uuid.UUID(int=6)),
    ),
    "change": Thing(
        lambda world: change(world.admin, world.project.ref),
        lambda world: change(world.insider, world.secret.ref),
        str(uuid.UUID(int=7)),
    ),
}
