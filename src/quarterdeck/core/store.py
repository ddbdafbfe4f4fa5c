"""
How rows are written: with who, why and from when, and never over somebody else's change.

Only services call this module.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F
from django.db.models.functions import Now
from psycopg import sql

from quarterdeck.core import moves
from quarterdeck.core.errors import Conflict, Refused, WrongMove
from quarterdeck.core.history import Governed, version_model

G = TypeVar("G", bound=Governed)
M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Because:
    """Who writes, when, why, and from which day it holds (None: the day of `now`)."""

    person_id: int | None
    now: datetime
    reason: str = ""
    effective_on: date | None = None

    @property
    def day(self) -> date:
        return self.effective_on or self.now.date()


def because(why: Because) -> None:
    """Tell the database who writes and from when, until the transaction ends."""
    metadata = json.dumps({"person": why.person_id, "reason": why.reason, "at": why.now.isoformat()})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('qd.effective_on', %s, true), set_config('pghistory.context_metadata', %s, true)",
            [why.day.isoformat(), metadata],
        )


def _dated(row_day: date | None, why: Because) -> Because:
    """Today's write on a row that an import dated later keeps the row's day: it corrects the current version."""
    if why.effective_on is None and row_day is not None and row_day > why.day:
        return Because(why.person_id, why.now, why.reason, row_day)
    return why


def create(row: M, why: Because) -> M:
    """Insert a row. A broken constraint is refused in a sentence."""
    if isinstance(row, Governed):
        row.effective_on = why.day
    check(row)
    with _Constraints(row), transaction.atomic():
        because(why)
        row.save(force_insert=True)
    return row


def create_all(rows: list[M], why: Because) -> list[M]:
    """Insert many rows of one model at once."""
    if not rows:
        return rows
    for row in rows:
        if isinstance(row, Governed):
            row.effective_on = why.day
    with _Constraints(rows[0]), transaction.atomic():
        because(why)
        return type(rows[0])._default_manager.bulk_create(rows, batch_size=500)


def save(row: G, why: Because, *, fields: Iterable[str]) -> bool:
    """
    Write some fields of a row if it is still the version that was read.

    A write dated earlier than the row adds a version and leaves the current row alone; it returns False then.
    Raises Conflict when somebody else was faster.
    """
    why = _dated(row.effective_on, why)
    check(row)
    with _Constraints(row), transaction.atomic():
        because(why)
        if row.effective_on is not None and why.day < row.effective_on:
            _add_version(row, why)
            return False
        values = {name: getattr(row, name) for name in fields}
        changed = (
            type(row)
            ._default_manager.filter(pk=row.pk, version=row.version)
            .update(**values, version=F("version") + 1, effective_on=why.day)
        )
    if not changed:
        raise Conflict("Somebody changed this meanwhile. Look at it again before you save.")
    row.version += 1
    row.effective_on = why.day
    return True


@transaction.atomic
def move(row: G, by: str, why: Because, *, column: str = "state", **values: Any) -> G:
    """
    Take a row one step along its MOVES. The step happens in one conditional update, so of two at once one wins.

    Raises WrongMove, naming what is possible, when the row is not where the move begins.
    """
    table: moves.Moves = row.MOVES  # type: ignore[attr-defined]
    why = _dated(row.effective_on, why)
    state = getattr(row, column)
    target = table.get((state, by))
    if target is None:
        raise _wrong_move(row, state, by, table)
    because(why)
    changed = (
        type(row)
        ._default_manager.filter(pk=row.pk, version=row.version, **{column: state})
        .update(**{column: target}, **values, version=F("version") + 1, effective_on=why.day)
    )
    if not changed:
        raise Conflict("Somebody else acted on this first. Look at it again.")
    row.refresh_from_db()
    return row


def _wrong_move(row: models.Model, state: str, by: str, table: moves.Moves) -> WrongMove:
    possible = moves.possible(table, state)
    ways = f" Possible now: {', '.join(possible)}." if possible else " Nothing more happens to it."
    return WrongMove("wrong_move", f"“{by}” is not possible while this is {state}.{ways}")


def _add_version(row: Governed, why: Because) -> None:
    model = version_model(type(row))
    values = {
        field.attname: getattr(row, field.attname)
        for field in type(row)._meta.concrete_fields
        if field.name in {f.name for f in model._meta.fields}
    }
    values["effective_on"] = why.day
    model._default_manager.create(
        pgh_label="update",
        pgh_obj_id=row.pk,
        pgh_created_at=Now(),
        pgh_context={"person": why.person_id, "reason": why.reason, "at": why.now.isoformat()},
        **values,
    )


@transaction.atomic
def reach_back(row: Governed, why: Because) -> None:
    """
    Make sure that a row exists on the day of `why`: its earliest version is repeated there.

    For what an import dated earlier shows to have existed before it was first heard of.
    """
    if row.effective_on is not None and row.effective_on <= why.day:
        return
    model = version_model(type(row))
    versions = model._default_manager.filter(id=row.pk)
    if versions.filter(effective_on__lte=why.day).exists():
        return
    first = versions.order_by("effective_on", "pgh_id").first()
    if first is None:
        return
    values = {
        name: getattr(first, name)
        for name in (field.attname for field in model._meta.concrete_fields)
        if not name.startswith("pgh_")
    }
    values["effective_on"] = why.day
    model._default_manager.create(
        pgh_label="insert",
        pgh_obj_id=row.pk,
        pgh_created_at=Now(),
        pgh_context={"person": why.person_id, "reason": why.reason, "at": why.now.isoformat()},
        **values,
    )


def hold_still(row: models.Model, column: str) -> Any:
    """
    What a column of a row holds at this moment; nobody changes the row until the transaction ends.

    Several may hold it still at once; whoever locks it to change it waits for all of them.
    """
    asked = sql.SQL("SELECT {column} FROM public.{table} WHERE id = %s FOR SHARE").format(
        column=sql.Identifier(column), table=sql.Identifier(row._meta.db_table)
    )
    with connection.cursor() as cursor:
        cursor.execute(asked, [row.pk])
        found = cursor.fetchone()
    return found[0] if found else None


def check(row: models.Model) -> None:
    """Refuse what the row's own fields do not allow, every problem at once."""
    try:
        row.clean_fields(exclude=[f.name for f in row._meta.fields if f.is_relation])
    except ValidationError as problem:
        fields = {name: " ".join(messages) for name, messages in problem.message_dict.items()}
        raise Refused("not_valid", " ".join(f"{name}: {text}" for name, text in fields.items()), fields) from problem


class _Constraints:
    """Turns a broken constraint into a sentence: the names of our constraints are sentences."""

    def __init__(self, row: models.Model) -> None:
        self.row = row

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        if not isinstance(problem, IntegrityError):
            return
        diagnosis = getattr(problem.__cause__, "diag", None)
        name = getattr(diagnosis, "constraint_name", None) or ""
        if not name:
            return
        sentence = name.replace("_", " ").strip().capitalize()
        raise Refused(name, f"{sentence}.") from problem
