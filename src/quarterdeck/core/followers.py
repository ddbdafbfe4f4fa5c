"""
What follows an event: the one way up for things that happen.

A higher domain says at the start which events it follows; `ledger.record` tells it in the transaction of the event, so
that what follows is there when the event is, and neither is without the other. Followers run in the order in which the
site starts its domains, lower ones first. What may follow later reads the sealed ledger instead (`services.telling`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Happening:
    """
    One event as it is recorded.

    person_id : who did it; None: the installation itself. subject : the row it happened to, if any.
    facts : what the ledger holds of it, as given to `ledger.record`.
    """

    event: str
    person_id: int | None
    subject: Any
    at: datetime
    facts: dict[str, Any] = field(default_factory=dict)


Follow = Callable[[Happening], None]
_followers: list[tuple[str, Follow]] = []


def follow(event: str, run: Follow) -> None:
    """
    Let something follow an event, in its transaction; raising Refused there refuses the act.

    event : its name, or with a dot at the end all that begin with it, such as `projects.gate.`.
    """
    if (event, run) in _followers:
        raise ValueError(f"{run.__name__} follows {event} already.")
    _followers.append((event, run))


def leave(event: str, run: Follow) -> None:
    """Follow no more."""
    _followers.remove((event, run))


def tell(happening: Happening) -> None:
    """Run what follows, in order."""
    for event, run in _followers:
        if happening.event == event or (event.endswith(".") and happening.event.startswith(event)):
            run(happening)
