"""
Reading the past.

`at(day)` makes every question answer as of that day: unqualified table names resolve to the views of the schema
`asof`, made from the row versions. `known_at` leaves out what was recorded later. The rights are those of today.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import connection, transaction


@dataclass(frozen=True, slots=True)
class Moment:
    """A day to look at, and the instant up to which records count (None: all of them)."""

    on: date
    known_at: datetime | None = None


_moment: ContextVar[Moment | None] = ContextVar("moment", default=None)


def looking_at() -> Moment | None:
    """The moment that questions answer for at present; None means now."""
    return _moment.get()


@contextmanager
def at(on: date, known_at: datetime | None = None) -> Iterator[Moment]:
    """
    Answer as of a day. Read-only: a write raises, and the transaction is rolled back at the end.

    Contexts may be nested; the inner one holds until it ends.
    """
    # The database knows offsets of less than sixteen hours.
    known_at = known_at.astimezone(UTC) if known_at else None
    moment = Moment(on, known_at)
    token = _moment.set(moment)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                # A view of the past cannot be asked for one row of a join: a nested loop would work it out again and
                # again, and the planner, who sees no statistics of views, takes a page of them for a single row.
                cursor.execute(
                    "SELECT set_config('transaction_read_only', 'on', true),"
                    " set_config('enable_nestloop', 'off', true), set_config('search_path', 'asof, public', true),"
                    " set_config('qd.as_of', %s, true), set_config('qd.known_at', %s, true)",
                    [on.isoformat(), known_at.isoformat() if known_at else ""],
                )
            yield moment
            # A rollback also restores the settings when an outer transaction goes on.
            transaction.set_rollback(True)
    finally:
        _moment.reset(token)
