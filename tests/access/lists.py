"""Saved views, editing and bulk acts of registers."""

import uuid
from typing import Any

from quarterdeck.core.services import views
from quarterdeck.core.tests.make import MONDAY
from quarterdeck.projects.rights import SEE_PROJECT
from tests.access.route import Route, Thing, needs, only

MINE = "administrator"
TABLE: dict[str, Route] = {
    "save_view": Route(get="200", post="200", more={"name": "projects"}),
    "restore_view": Route(get="405", post="422"),
    # Shared: whoever sees a row of its list finds it.
    "saved_view": Route(get=needs(SEE_PROJECT, ok=302), post=needs(SEE_PROJECT, ok=302), takes=("view",)),
    "change_view": Route(get=only(MINE), post=only(MINE), takes=("view",)),
    "delete_view": Route(get="405", post=only(MINE), takes=("view",)),
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


THINGS = {"view": Thing(shared_view, hidden_view, str(uuid.UUID(int=5)))}
