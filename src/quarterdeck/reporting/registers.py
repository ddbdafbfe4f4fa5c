"""The list behind a figure: the projects that went into it, with their values then and now."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from quarterdeck.core.register import Column, Listing
from quarterdeck.core.templatetags.qd import confidence_mark, dash, day, money, percent_signed, signed
from quarterdeck.core.web.pages import address
from quarterdeck.projects.rules import CONFIDENCE_ORDER
from quarterdeck.reporting.queries import Label, Look
from quarterdeck.reporting.rules import NO_DATA, Basis, Before, Row

PAGE = 50
FINISH = ("actual_finish", "forecast_finish")
COST = ("forecast_cost", "whole_life_cost")


@dataclass(frozen=True, slots=True)
class Line:
    """One project: what it is called, where it belongs, and its state on both days (None: not in the register)."""

    id: int
    label: Label
    unit: str
    now: Row | None
    then: Before | None


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column."""

    column: Column
    sort_url: str
    direction: str


@dataclass(frozen=True, slots=True)
class Title:
    """The title of an exported list. A sheet's name may not hold some of the characters that a title may."""

    title: str


@dataclass
class Rows:
    """
    The list of a figure for one address: sorted, a page of it, or all for an export.

    It has what the exports of a register read of a Listing, over lines that were worked out instead of queried.
    """

    title: str
    columns: Sequence[Column]
    lines: list[Line]
    parameters: QueryDict
    path: str = ""
    register: Title = field(init=False)

    def __post_init__(self) -> None:
        self.register = Title(re.sub(r"[\[\]:*?/\\]", " ", self.title))
        asked = self.parameters.get("sort", "")
        self.sorted_by, self.descending = asked.removeprefix("-"), asked.startswith("-")
        self._by = next((column for column in self.columns if column.name == self.sorted_by), None)

    def listing(self) -> Listing:
        """As what the exports of a register take."""
        return cast("Listing", self)

    @cached_property
    def rows(self) -> list[Line]:
        """All lines, sorted as asked; unknown values come last, whichever way."""
        if self._by is None:
            return self.lines
        key: Callable[[Line], Any] = ORDERS.get(self._by.name) or self._by.value
        keyed = [(key(line), line) for line in self.lines]
        known = [each for each in keyed if each[0] is not None]
        known.sort(key=lambda each: each[0], reverse=self.descending)
        return [line for _value, line in known] + [line for value, line in keyed if value is None]

    @property
    def count(self) -> int:
        return len(self.lines)

    @cached_property
    def page(self) -> int:
        asked = self.parameters.get("page", "1")
        last = max(1, -(-self.count // PAGE))
        return min(max(1, int(asked)), last) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE

    @property
    def last(self) -> int:
        return min(self.first + PAGE, self.count)

    def url(self, **changes: Any) -> str:
        """The address with some parameters changed; None takes one out. The page begins again."""
        parameters = self.parameters.copy()
        for name in ("page", "format"):
            parameters.pop(name, None)
        for name, value in changes.items():
            if value is None:
                parameters.pop(name, None)
            else:
                parameters[name] = str(value)
        return f"{self.path}?{parameters.urlencode()}"

    @property
    def next_url(self) -> str:
        return self.url(page=self.page + 1) if self.last < self.count else ""

    @property
    def previous_url(self) -> str:
        return self.url(page=self.page - 1) if self.page > 1 else ""

    @property
    def csv_url(self) -> str:
        return self.url(format="csv")

    @property
    def xlsx_url(self) -> str:
        return self.url(format="xlsx")

    def heads(self) -> list[Head]:
        """Heads of the columns, each with the address that sorts by it."""
        heads = []
        for column in self.columns:
            current = self._by is column
            target = f"-{column.name}" if current and not self.descending else column.name
            direction = ("descending" if self.descending else "ascending") if current else ""
            heads.append(Head(column, self.url(sort=target), direction))
        return heads

    @property
    def body(self) -> SafeString:
        """The lines of this page as HTML, joined here and not in a template loop."""
        opened = [
            (f'<td class="{_classes(column)}" data-label="{conditional_escape(str(column.label))}">', column.cell)
            for column in self.columns
        ]
        return mark_safe(
            "\n".join(
                f"<tr>{''.join(f'{head}{conditional_escape(cell(line))}</td>' for head, cell in opened)}</tr>"
                for line in self.rows[self.first : self.last]
            )
        )


def _classes(column: Column) -> str:
    kind = {"text": "", "number": "qd-num", "mark": ""}[column.align]
    phone = f"qd-ph-{column.phone}" if column.phone else "qd-ph-none"
    return " ".join(part for part in (kind, "qd-trunc" if column.widest else "", phone) if part)


def _level(line: Line, row: Row | Before | None) -> int | None:
    level = row.confidence if row else NO_DATA
    return CONFIDENCE_ORDER.index(level) if level in CONFIDENCE_ORDER else None


# Orders that are not those of the exported value.
ORDERS: dict[str, Callable[[Line], Any]] = {
    "project": lambda line: line.label.name.casefold(),
    "unit": lambda line: line.unit.casefold() or None,
    "confidence": lambda line: _level(line, line.now),
    "confidence_then": lambda line: _level(line, line.then),
}


def lines(look: Look, keys: Sequence[int], labels: dict[int, Label]) -> list[Line]:
    """The projects behind a figure, in the order given. What the reader may not see has no label and no line."""
    rows, left = look.picture.rows, look.picture.left
    then = look.picture.then.rows if look.picture.then else {}
    found = []
    for key in keys:
        if key not in labels:
            continue
        now, before = rows.get(key), then.get(key)
        place = now or left.get(key)
        found.append(Line(key, labels[key], look.named.unit(place.unit) if place else "", now, before))
    return found


def name_cell(line: Line) -> SafeString:
    """The name as a link to the project."""
    return format_html('<a class="qd-name" href="{}">{}</a>', address("project", line.label.ref), line.label.name)


def columns(look: Look) -> list[Column]:
    """What the list of a figure shows: more where there is an earlier day, a baseline or an approved budget."""
    return [
        Column("ref", _("Reference"), lambda line: line.label.ref, lambda line: line.label.ref),
        Column("project", _("Project"), name_cell, lambda line: line.label.name, widest=True, phone="title"),
        Column("unit", _("Unit"), lambda line: line.unit, lambda line: line.unit),
        *_confidence_columns(look),
        *_finish_columns(look),
        *_cost_columns(look),
    ]


def _confidence_columns(look: Look) -> list[Column]:
    now = Column(
        "confidence",
        _("Confidence") if look.compare is None else _("Confidence now"),
        lambda line: level_cell(look, line, line.now),
        lambda line: _known(line.now),
        align="mark",
        phone="state",
    )
    if look.compare is None:
        return [now]
    return [
        Column(
            "confidence_then",
            _("Then"),
            lambda line: level_cell(look, line, line.then, then=True),
            lambda line: _known(line.then),
            align="mark",
        ),
        now,
    ]


def _known(row: Row | Before | None) -> str | None:
    return row.confidence if row and row.confidence != NO_DATA else None


def level_cell(look: Look, line: Line, row: Row | Before | None, *, then: bool = False) -> SafeString:
    """Confidence on one of the days, or a dash with its reason."""
    if row is None:
        return dash(absent(look, then=then))
    if row.confidence == NO_DATA:
        return dash(_not_known(look, line, ("confidence",), then=then))
    return confidence_mark(row.confidence, short=True)


def absent(look: Look, *, then: bool) -> str:
    """Why a project has no values on one of the days."""
    if then:
        return _("Not in the register on %(then)s.") % {"then": day(look.compare)}
    return _("Not in the register any more.")


def _not_known(look: Look, line: Line, facts: Sequence[str], *, then: bool = False) -> str:
    if then:
        return _("Not known on %(then)s.") % {"then": day(look.compare)}
    return next(
        (line.label.unknown[fact] for fact in facts if fact in line.label.unknown), _("Nobody has entered it yet.")
    )


def _date_cell(look: Look, line: Line, row: Row | Before | None, value: date | None, *, then: bool = False) -> str:
    if value is not None:
        return day(value)
    return dash(absent(look, then=then) if row is None else _not_known(look, line, FINISH, then=then))


def _amount_cell(look: Look, line: Line, row: Row | Before | None, value: Decimal | None, *, then: bool = False) -> str:
    if value is not None:
        return money(value, look.portfolio.currency)
    return dash(absent(look, then=then) if row is None else _not_known(look, line, COST, then=then))


def months_cell(look: Look, months: int | None, *, over: int | None = None, why: str = "") -> str:
    """A difference in months; red beyond a limit that the page names."""
    if months is None:
        return dash(why or _("It needs a finish on both days."))
    text = signed(months, _("mo"))
    return format_html('<span class="qd-bad">{}</span>', text) if over is not None and months >= over else text


def share_cell(share: Decimal | None, *, over: Decimal | None = None, why: str = "") -> str:
    """A relative difference; red beyond a limit that the page names."""
    if share is None:
        return dash(why or _("It needs a cost on both days."))
    text = percent_signed(share * 100)
    return format_html('<span class="qd-bad">{}</span>', text) if over is not None and share >= over else text


def _finish_columns(look: Look) -> list[Column]:
    picture = look.picture
    found = []
    if look.compare is not None:
        found.append(
            Column(
                "finish_then",
                _("Finish then"),
                lambda line: _date_cell(look, line, line.then, line.then.finish if line.then else None, then=True),
                lambda line: line.then.finish if line.then else None,
                align="number",
            )
        )
    found.append(
        Column(
            "finish",
            _("Finish"),
            lambda line: _date_cell(look, line, line.now, line.now.finish if line.now else None),
            lambda line: line.now.finish if line.now else None,
            align="number",
        )
    )
    if look.compare is not None:
        found.append(
            Column(
                "moved",
                _("Moved"),
                lambda line: months_cell(look, picture.moved.get(line.id)),
                lambda line: picture.moved.get(line.id),
                align="number",
                phone="figure",
            )
        )
    if picture.finish_basis is Basis.BASELINE:
        needs = _("It needs a baseline finish and a finish.")
        found.append(
            Column(
                "late",
                _("Against baseline"),
                lambda line: months_cell(look, picture.late.get(line.id), why=needs),
                lambda line: picture.late.get(line.id),
                align="number",
                phone="" if look.compare else "figure",
            )
        )
    return found


def _cost_columns(look: Look) -> list[Column]:
    picture = look.picture
    found = []
    if look.compare is not None:
        found.append(
            Column(
                "cost_then",
                _("Cost then"),
                lambda line: _amount_cell(look, line, line.then, line.then.cost if line.then else None, then=True),
                lambda line: line.then.cost if line.then else None,
                align="number",
            )
        )
    found.append(
        Column(
            "cost",
            _("Cost"),
            lambda line: _amount_cell(look, line, line.now, line.now.cost if line.now else None),
            lambda line: line.now.cost if line.now else None,
            align="number",
            phone="" if look.compare else "figure",
        )
    )
    if look.compare is not None:
        found.append(
            Column(
                "changed",
                _("Change"),
                lambda line: share_cell(picture.changed.get(line.id)),
                lambda line: _rounded(picture.changed.get(line.id)),
                align="number",
                phone="figure",
            )
        )
    if picture.cost_basis is Basis.BASELINE:
        needs = _("It needs an approved budget and a cost.")
        found += [
            Column(
                "approved",
                _("Approved"),
                lambda line: (
                    money(line.now.approved, look.portfolio.currency)
                    if line.now and line.now.approved is not None
                    else dash(_("No approved budget is known."))
                ),
                lambda line: line.now.approved if line.now else None,
                align="number",
            ),
            Column(
                "grown",
                _("Against approved"),
                lambda line: share_cell(picture.grown.get(line.id), why=needs),
                lambda line: _rounded(picture.grown.get(line.id)),
                align="number",
            ),
        ]
    return found


def _rounded(share: Decimal | None) -> Decimal | None:
    """A share as exported: four decimals are a hundredth of a percent."""
    return None if share is None else share.quantize(Decimal("0.0001"))
