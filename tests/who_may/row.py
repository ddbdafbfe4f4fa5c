"""What a row of the table says."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quarterdeck.core.rights import Right

if TYPE_CHECKING:
    from tests.who_may.world import World

ANYBODY: frozenset[Right] = frozenset()
Service = Callable[..., object]


@dataclass(frozen=True)
class Row:
    """
    A service, the rights it needs, and a call of it.

    needs : with exactly these it succeeds; without any one of them it is refused and changes nothing.
    act : the call, by `w.actor`, on what `given` made or on what the world has.
    given : makes what is acted on, as `w.admin`, or as `w.owner` who is the later actor.
    at : where the rights are held: the name of a place of the world (top, unit, portfolio, programme, project).
    own : only who owns the thing may; `given` made it as `w.owner`, and somebody else with all rights is refused too.
    anywhere : it is enough to hold the rights somewhere, so a holder elsewhere succeeds.
    confirm : who did not just prove who they are is refused.
    ends : a code; the call of who may ends in this refusal, where success needs a device.
    refusals : codes that say no besides not_allowed and not_found.
    notes : a table in which the refusal of who owns the thing is noted, such as the failed state of a job's work.
    """

    service: Service
    needs: frozenset[Right] | set[Right]
    act: "Callable[[World, Any], object]"
    given: "Callable[[World], Any] | None" = None
    at: str = "top"
    own: bool = False
    anywhere: bool = False
    confirm: bool = False
    ends: str = ""
    refusals: frozenset[str] | set[str] = frozenset()
    notes: str = ""

    @property
    def name(self) -> str:
        """For reports."""
        return f"{self.service.__module__.removeprefix('quarterdeck.')}.{self.service.__name__}"
