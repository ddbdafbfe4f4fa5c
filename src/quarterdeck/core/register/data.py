"""
A register as plain data, for programmes.

Fields, filters and orders are those of the declaration and no others. A list is read page by page with a cursor: it
says after which row to go on, by that row's own place in the order. So a row that comes or goes meanwhile shifts
nothing: every row that keeps its place is given exactly once. A cursor belongs to the question it came from; with
other filters or another order it is refused. It is sealed, for the numbers of rows in it count the hidden ones too.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from quarterdeck.core import sealing
from quarterdeck.core.access import Actor
from quarterdeck.core.register.declaration import Column, Register
from quarterdeck.core.register.listing import Listing, UnknownParameter

# The word in the address that names the row; no column is called so.
KEY = "key"
OWN = ("fields", "cursor", "limit")
PAGE_ONLY = ("page", "format", "control", "columns", "view", "compare_with")
USUAL, MOST = 50, 200


@dataclass(frozen=True, slots=True)
class DataPage:
    """
    A page of a register as data.

    rows : by field, JSON-ready: days and instants in ISO form, amounts as texts, marks as codes, unknown as None.
    next : the cursor of the page after this one; empty on the last.
    listing : the question behind it; its count is one more query.
    """

    rows: list[dict[str, Any]]
    next: str
    listing: Listing


def fields_of(register: Register) -> tuple[str, ...]:
    """The fields that a programme may ask for: the key of the row and every column."""
    return (KEY, *(column.name for column in register.columns))


def rows_as_data(found: Listing, fields: Iterable[str] = (), rows: Sequence[Any] | None = None) -> list[dict[str, Any]]:
    """Rows of a listing (default: its page) by the names of fields (default: all)."""
    register = found.register
    names = tuple(fields) or fields_of(register)
    columns: list[tuple[str, Any]] = []
    for name in names:
        column = register.column(name)
        if column is None and name != KEY:
            raise UnknownParameter(
                "unknown_field", _("This list has no field “%(name)s”.") % {"name": name[:60]}, {"fields": name[:60]}
            )
        columns.append((name, register.key if column is None else _reader(column)))
    return [{name: _plain(read(row)) for name, read in columns} for row in (found.page_rows if rows is None else rows)]


def data_page(register: Register, actor: Actor, parameters: QueryDict) -> DataPage:
    """
    A page of a register for the parameters of an address: filters and q, sort, fields (names with commas), limit
    (1 to 200) and cursor. UnknownParameter (400) for anything else.
    """
    rest = parameters.copy()
    fields, cursor, limit = (str((rest.pop(name, None) or [""])[-1]) for name in OWN)
    if strange := [name for name in PAGE_ONLY if name in rest]:
        raise UnknownParameter("unknown_parameter", _("This list has no filter “%(name)s”.") % {"name": strange[0]})
    most = _limit(limit)
    names = [name for name in fields.split(",") if name]
    found = Listing(register, actor, rest)
    asked = _digest(register, rest)
    at = _opened(cursor, asked) if cursor else None
    places = _placed_here(found, at, most) if found.sorts_here else _placed(found, at, most)
    more = len(places) > most
    places = places[:most]
    data = rows_as_data(found, names, found.rows_of([place[0] for place in places]))
    return DataPage(data, _sealed(asked, places[-1]) if more else "", found)


def _placed(found: Listing, at: Sequence[Any] | None, most: int) -> list[Any]:
    """Ids of the rows after a place, one more than are wanted, each with its own place in the order."""
    order = _order(found)
    rows = found.rows if at is None else found.rows.filter(_after(found.rows, order, at))
    return list(rows.values_list("pk", *(path for path, _descending in order))[: most + 1])


def _placed_here(found: Listing, at: Sequence[Any] | None, most: int) -> list[Any]:
    """The same of a list that the database does not order, which is one of the past: it stays as it is."""
    start = 0
    if at is not None:
        if at[0] not in found.ids:
            raise _wrong_cursor()
        start = found.ids.index(at[0]) + 1
    return [(pk,) for pk in found.ids[start : start + most + 1]]


def _reader(column: Column) -> Any:
    return column.data or column.value


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal):
        # As many decimals as the figure has: columns keep four.
        return format(value.normalize() + 0, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _limit(text: str) -> int:
    if not text:
        return USUAL
    if text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MOST:
        return int(text)
    raise UnknownParameter(
        "wrong_limit", _("A page has 1 to %(most)d rows.") % {"most": MOST}, {"limit": _("1 to 200")}
    )


def _order(found: Listing) -> list[tuple[str, bool]]:
    """The fields that order the rows, with whether downwards; the id comes last and is not among them."""
    return [(each.expression.name, each.descending) for each in found.order[:-1]]


def _digest(register: Register, parameters: QueryDict) -> str:
    asked = sorted((name, sorted(values)) for name, values in parameters.lists())
    return hashlib.sha256(f"{register.name}{asked}".encode()).hexdigest()[:16]


def _sealed(asked: str, place: Sequence[Any]) -> str:
    values = [value if value is None or isinstance(value, bool | int | str) else str(value) for value in place]
    return sealing.seal(json.dumps([asked, values]))


def _opened(cursor: str, asked: str) -> list[Any]:
    try:
        of, values = json.loads(sealing.unseal(cursor) or "")
    except (TypeError, ValueError) as problem:
        raise _wrong_cursor() from problem
    if of != asked:
        raise _wrong_cursor()
    return list(values)


def _wrong_cursor() -> UnknownParameter:
    return UnknownParameter(
        "wrong_cursor",
        _("This cursor is not one of this list. Begin without a cursor, and keep filters and order."),
        {"cursor": _("Begin without a cursor.")},
    )


def _after(rows: QuerySet[Any], order: Sequence[tuple[str, bool]], place: Sequence[Any]) -> Q:
    """The condition of the rows after a place in the order; unknown values come last, whichever way."""
    pk, *values = place
    condition = Q(pk__gt=pk)
    query = rows.query.chain()
    for (path, descending), value in reversed(list(zip(order, values, strict=True))):
        if value is None:
            condition &= Q(**{f"{path}__isnull": True})
            continue
        try:
            known = F(path).resolve_expression(query).output_field.to_python(value)
        except ValidationError as problem:  # a release that ordered by another field
            raise _wrong_cursor() from problem
        beyond = Q(**{f"{path}__{'lt' if descending else 'gt'}": known}) | Q(**{f"{path}__isnull": True})
        condition = beyond | (Q(**{path: known}) & condition)
    return condition
