"""How an import goes from state to state: in one conditional update, so that of two at once one wins."""

from typing import Any

from django.db.models import F

from quarterdeck.core import access, moves
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Conflict, NotFound, WrongMove
from quarterdeck.exchange import rights
from quarterdeck.exchange.models import Import
from quarterdeck.projects import rights as project_rights
from quarterdeck.projects.models import Portfolio


def move(found: Import, by: str, **values: Any) -> Import:
    """
    Take an import one step along its MOVES, from the state and version that were read.

    Raises WrongMove where the step does not begin there, Conflict when somebody was faster.
    """
    target = Import.MOVES.get((found.state, by))
    if target is None:
        possible = ", ".join(moves.possible(Import.MOVES, found.state))
        ways = f" Possible now: {possible}." if possible else " Nothing more happens to it."
        raise WrongMove("wrong_move", f"“{by}” is not possible while this import is {found.state}.{ways}")
    changed = Import.objects.filter(pk=found.pk, state=found.state, version=found.version).update(
        state=target, version=F("version") + 1, **values
    )
    if not changed:
        raise Conflict("Somebody else acted on this import first. Look at it again.")
    found.refresh_from_db()
    return found


def require_own(actor: Actor, found: Import) -> None:
    """Refuse unless the actor made this import and may still import there; who decides on it comes into its circle."""
    if found.person_id != actor.person_id:
        raise NotFound
    require_import(actor, found.portfolio)


def require_import(actor: Actor, portfolio: Portfolio | None) -> None:
    """Refuse unless the actor may import into the portfolio, or make one where there is none yet."""
    on = portfolio.node_id if portfolio is not None else None
    seen_by = project_rights.SEE_PROJECT if portfolio is not None else None
    access.require(actor, rights.IMPORT_REGISTER, on=on, seen_by=seen_by)
    if portfolio is None:
        access.require(actor, project_rights.MANAGE_PORTFOLIO, on=None)
    else:
        access.require(actor, project_rights.ADD_PROJECT, on=portfolio.node_id, seen_by=project_rights.SEE_PROJECT)
