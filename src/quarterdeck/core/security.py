"""
The security log: who asked for what from where, and how it ended.

What happened is written in the transaction of the act (`record`), so that the one is never there without the other.
What was refused is written when the request is over (`note`), because by then its transaction was rolled back.
Texts that come from outside cannot begin a line of their own, and what opens something is left out of paths.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from quarterdeck.core.models import SecurityEvent
from quarterdeck.core.texts import Text

Outcome = Literal["done", "refused", "failed"]

log = logging.getLogger("quarterdeck.security")
# Parts of an address that open something: links of invitations, of sign-in, of password resets.
_OPENS = re.compile(r"(?<=/)(?![0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}(?:/|$))[A-Za-z0-9_-]{24,}")
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}


@dataclass(slots=True)
class Asking:
    """The request under way: where it comes from, who it turned out to be, and what is noted at its end."""

    method: str = ""
    path: str = ""
    address: str = ""
    account_id: int | None = None
    person_id: int | None = None
    waiting: list[SecurityEvent] = field(default_factory=list)


_asking: ContextVar[Asking | None] = ContextVar("asking", default=None)
_watched: set[str] = set()
_words: dict[str, Text] = {}


def call(words: Mapping[str, Text]) -> None:
    """Give events their words that only this log holds."""
    _words.update(words)


def words() -> dict[str, Text]:
    """The events that only this log holds, with their words."""
    return dict(_words)


def watch(*beginnings: str) -> None:
    """Say with what the names of events begin that are in the ledger and matter here too, such as `core.role.`."""
    _watched.update(beginnings)


def is_watched(event: str) -> bool:
    """Whether an event of the ledger is in the security log too."""
    return event.startswith(tuple(_watched))


@contextmanager
def asking(asked: Asking) -> Iterator[Asking]:
    """Everything recorded inside comes from this request; what waits is written when it ends."""
    token = _asking.set(asked)
    try:
        yield asked
    finally:
        _asking.reset(token)
        written, asked.waiting = asked.waiting, []
        if written:
            SecurityEvent.objects.bulk_create(written)
            for event in written:
                _tell(event)


def identify(account_id: int, person_id: int) -> None:
    """Say who the request under way comes from, once that is known."""
    asked = _asking.get()
    if asked is not None:
        asked.account_id, asked.person_id = account_id, person_id


def record(
    event: str,
    *,
    at: datetime,
    outcome: Outcome = "done",
    account_id: int | None = None,
    person_id: int | None = None,
    facts: dict[str, Any] | None = None,
) -> None:
    """Write into the current transaction what happens there. facts hold ids and words, no names or addresses."""
    written = _event(event, at, outcome, account_id, person_id, facts or {})
    written.save(force_insert=True)
    _tell(written)


def note(
    event: str,
    *,
    at: datetime,
    outcome: Outcome,
    account_id: int | None = None,
    person_id: int | None = None,
    facts: dict[str, Any] | None = None,
) -> None:
    """Write it when the request under way is over, whatever became of its transaction; outside of one at once."""
    written = _event(event, at, outcome, account_id, person_id, facts or {})
    asked = _asking.get()
    if asked is not None:
        asked.waiting.append(written)
        return
    written.save(force_insert=True)
    _tell(written)


def clean(text: str, longest: int) -> str:
    """A text from outside on one line, without what opens something."""
    return _OPENS.sub("…", text).translate(_CONTROL)[:longest]


def _event(
    event: str, at: datetime, outcome: Outcome, account_id: int | None, person_id: int | None, facts: dict[str, Any]
) -> SecurityEvent:
    asked = _asking.get() or Asking()
    return SecurityEvent(
        at=at,
        event=event[:80],
        outcome=outcome,
        account_id=account_id if account_id is not None else asked.account_id,
        person_id=person_id if person_id is not None else asked.person_id,
        method=clean(asked.method, 8),
        path=clean(asked.path, 300),
        address=asked.address[:45],
        facts={name: _plain(value) for name, value in facts.items()},
    )


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return clean(value.isoformat() if hasattr(value, "isoformat") else str(value), 200)


def _tell(event: SecurityEvent) -> None:
    """The same on standard error, for whoever collects logs."""
    log.log(
        logging.INFO if event.outcome == "done" else logging.WARNING,
        "%s %s",
        event.event,
        event.outcome,
        extra={"account": event.account_id, "path": event.path, "method": event.method, "facts": event.facts},
    )
