"""
What changed in a list between two days.

The same question is asked on both days, with the rights of today: what is in the list now and was not then is new in
it, what was in it and is no more is gone from it, and of what is in both each cell is compared. Two questions bring the
fields of all rows and nothing else; whole rows are fetched for the page that is shown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Refused
from quarterdeck.core.history import Governed
from quarterdeck.core.register.declaration import Column, Register
from quarterdeck.core.register.export import csv_cell
from quarterdeck.core.register.listing import Listing, UnknownParameter
from quarterdeck.core.register.rows import classes_of
from quarterdeck.core.texts import Text
from quarterdeck.core.time import at, looking_at

NEW, GONE, CHANGED, SAME = "new", "gone", "changed", "same"
WORDS: dict[str, Text] = {
    NEW: gettext_lazy("new here"),
    GONE: gettext_lazy("gone from here"),
    CHANGED: gettext_lazy("changed"),
    SAME: gettext_lazy("the same"),
}
TONES = {NEW: "qd-tag-good", GONE: "qd-tag-bad", CHANGED: "qd-tag-info"}
AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows are new, gone, changed or the same, and the address that shows those."""

    word: Text
    number: int
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """A row on both days; None where it was not in the list."""

    kind: str
    now: Any
    then: Any


def compares(register: Register, actor: Actor) -> bool:
    """Whether the rows of a list have a history to compare with."""
    return issubclass(register.question(actor).model, Governed)


def asked_day(parameters: QueryDict, *, today: date) -> date | None:
    """The day to compare with; None where the address asks for none. Refused where it is none, or not earlier."""
    text = parameters.get("compare_with", "").strip()
    if not text:
        return None
    moment = looking_at()
    try:
        day = date.fromisoformat(text)
    except ValueError as problem:
        raise Refused("no_such_day", _("“Compare with” needs a day such as 2026-09-30.")) from problem
    if day >= (moment.on if moment else today):
        raise Refused(
            "day_not_earlier", _("A comparison needs a day before the one that is shown. Choose an earlier day.")
        )
    return day


class Compared(Listing):
    """A listing whose rows say what changed since a day."""

    def __init__(self, register: Register, actor: Actor, parameters: QueryDict, day: date) -> None:
        super().__init__(register, actor, parameters)
        if not compares(register, actor):
            raise UnknownParameter("unknown_parameter", _("This list has no history to compare with."))
        self.day = day
        moment = looking_at()
        self.known_at: datetime | None = moment.known_at if moment else None
        # The later of the two days, and whether it is one that is looked back to.
        self.until = moment.on if moment else actor.on
        self.looks_back = moment is not None
        self.asked = parameters.get("changes", "")
        if self.asked not in {"", NEW, GONE, CHANGED, SAME}:
            raise UnknownParameter("unknown_parameter", _("Rows are new, gone, changed or same."))

    @cached_property
    def columns(self) -> list[Column]:
        """The columns that were chosen, otherwise those of everybody that a row of the page fills on one day."""
        if self._chosen:
            return self._chosen
        usual = list(self.register.default_columns)
        if self.parameters.get("format") or not self.count:
            return usual
        rows = [row for pair in self.pairs for row in (pair.now, pair.then) if row is not None]
        return [
            column
            for column in usual
            if column.filled is None or any(column.value(row) not in (None, "") for row in rows)
        ]

    @property
    def _compared(self) -> Sequence[Column]:
        """The columns by which a row counts as changed, known before a page is: chosen, or of everybody."""
        return self._chosen or self.register.default_columns

    @cached_property
    def then(self) -> Listing | None:
        """The same question on the other day; None where a filter names what was not there yet."""
        with at(self.day, self.known_at):
            try:
                return Listing(self.register, self.actor, self.parameters)
            except UnknownParameter:
                return None

    @cached_property
    def kinds(self) -> dict[int, str]:
        """By id what became of each row, in the order of the list, what is gone at the end."""
        now = _fields(self, self._compared)
        with at(self.day, self.known_at):
            then = {} if self.then is None else _fields(self.then, self._compared)
        found = {pk: NEW if pk not in then else self._became(pk, now[pk], then[pk]) for pk in self.ids}
        return found | {pk: GONE for pk in then if pk not in found}

    def _became(self, pk: int, now: Sequence[Any], then: Sequence[Any]) -> str:
        """
        Whether a row changed. A value that is worked out may be the same although what it is worked out from is not:
        a slip is told in months.
        """
        if now == then:
            return SAME
        for column, here, there in zip(self._compared, now, then, strict=True):
            if here != there and (
                not column.reads or self._worked_out(column, pk, here) != self._worked_out(column, pk, there)
            ):
                return CHANGED
        return SAME

    def _worked_out(self, column: Column, pk: int, fields: Sequence[Any]) -> Any:
        row = self.rows.model.from_db(None, ["id", *column.reads], [pk, *fields])
        return column.value(row)

    def changed(self, pair: Pair) -> list[Column]:
        """The columns whose value differs on the two days."""
        return [column for column in self._compared if column.value(pair.now) != column.value(pair.then)]

    @cached_property
    def chosen_ids(self) -> list[int]:
        """Ids of the rows that the address asks for: all that changed in some way, unless it asks for one kind."""
        wanted = {self.asked} if self.asked else {NEW, GONE, CHANGED}
        return [pk for pk, kind in self.kinds.items() if kind in wanted]

    @cached_property
    def count(self) -> int:
        return len(self.chosen_ids)

    @cached_property
    def pairs(self) -> list[Pair]:
        """The rows of the page on both days."""
        return list(self._pairs_of(self.chosen_ids[self.first : self.first + self.register.page_size], self.kinds))

    @cached_property
    def page_rows(self) -> Sequence[Any]:
        return [pair.now if pair.now is not None else pair.then for pair in self.pairs]

    def _pairs_of(self, ids: Sequence[int], kinds: dict[int, str]) -> Iterator[Pair]:
        now = {row.pk: row for row in self.rows_of([pk for pk in ids if kinds[pk] != GONE])}
        then: dict[int, Any] = {}
        if self.then is not None:
            with at(self.day, self.known_at):
                then = {row.pk: row for row in self.then.rows_of([pk for pk in ids if kinds[pk] != NEW])}
        for pk in ids:
            if pk in now or pk in then:
                yield Pair(kinds[pk], now.get(pk), then.get(pk))

    @property
    def everything(self) -> int:
        """How many rows were in the list on one of the two days."""
        return len(self.kinds)

    def counts(self) -> list[Count]:
        """How many rows are what, each as a filter."""
        numbers = dict.fromkeys(WORDS, 0)
        for kind in self.kinds.values():
            numbers[kind] += 1
        return [
            Count(words, numbers[kind], self.url(changes="" if self.asked == kind else kind), self.asked == kind)
            for kind, words in WORDS.items()
        ]

    @property
    def stop_url(self) -> str:
        """The list without the comparison."""
        return self.url(compare_with=None, changes=None)

    @property
    def body(self) -> SafeString:
        return mark_safe("\n".join(self._line(pair) for pair in self.pairs))

    def _line(self, pair: Pair) -> str:
        differing = {column.name for column in self.changed(pair)} if pair.kind == CHANGED else set()
        row = pair.now if pair.now is not None else pair.then
        then = self._cells(pair.then) if pair.then is not None and (differing or pair.kind == GONE) else {}
        named = self.register.naming_column.name
        cells = []
        for index, column in enumerate(self.columns):
            shown: Any = then[column.name] if pair.now is None else column.cell(row)
            if column.name in differing:
                before, shown = _told_apart(column, pair, then[column.name], shown)
                shown = format_html(
                    '<span class="qd-old"><span class="qd-hidden">{} </span>{}</span> <span class="qd-arrow" '
                    'aria-hidden="true">→</span> <span class="qd-hidden">{} </span>{}',
                    _("was"),
                    before,
                    _("is"),
                    shown,
                )
            if column.name == named or (index == 0 and named not in {each.name for each in self.columns}):
                shown = format_html("{}{}", self._tag(pair.kind), shown)
            mark = " qd-differs" if column.name in differing else ""
            cells.append(
                format_html('<td class="{}{}" data-label="{}">{}</td>', classes_of(column), mark, column.label, shown)
            )
        return format_html('<tr data-key="{}">{}</tr>', self.register.key(row), mark_safe("".join(cells)))

    def _cells(self, then: Any) -> dict[str, Any]:
        """The cells of the other day, whose links lead there."""
        with at(self.day, self.known_at):
            return {column.name: conditional_escape(column.cell(then)) for column in self.columns}

    def _tag(self, kind: str) -> SafeString:
        if kind == SAME:
            return mark_safe("")
        return format_html('<span class="qd-tag {}">{}</span> ', TONES[kind], WORDS[kind])

    def table(self) -> tuple[list[str], Iterator[list[Any]]]:
        """For exports: what became of each row, and every column then and now."""
        heads = [_("What changed")]
        for column in self.columns:
            heads += [
                _("%(column)s, %(day)s") % {"column": column.label, "day": day.isoformat()}
                for day in (self.day, self.until)
            ]
        return heads, self._values()

    def _values(self) -> Iterator[list[Any]]:
        for start in range(0, len(self.chosen_ids), AT_A_TIME):
            for pair in self._pairs_of(self.chosen_ids[start : start + AT_A_TIME], self.kinds):
                line: list[Any] = [str(WORDS[pair.kind])]
                for column in self.columns:
                    line += [None if row is None else column.value(row) for row in (pair.then, pair.now)]
                yield line


def _told_apart(column: Column, pair: Pair, then: Any, now: Any) -> tuple[Any, Any]:
    """Both values as they are shown; where the short form is the same, such as a month, in full."""
    before, after = column.value(pair.then), column.value(pair.now)
    if str(then) != str(conditional_escape(now)):
        return then, now
    if isinstance(before, date) and isinstance(after, date):
        return date_format(before, "j M Y"), date_format(after, "j M Y")
    return csv_cell(before), csv_cell(after)


def _fields(found: Listing, columns: Sequence[Column]) -> dict[int, list[Any]]:
    """By id, in order, the fields by which rows are compared: one query, and two for what rows do not hold."""
    read = [_read(column) for column in columns]
    flat = list(dict.fromkeys(path for paths in read for path in paths))
    rows: QuerySet[Any] = found.rows.order_by("pk")
    looked = [column.looked_up(rows) if column.looked_up else None for column in columns]
    places = {path: index for index, path in enumerate(flat, start=1)}
    values = {each[0]: each for each in rows.values_list("pk", *flat)}
    result = {}
    for pk in found.ids:
        line = values[pk]
        result[pk] = [
            known.get(pk) if known is not None else tuple(line[places[path]] for path in paths)
            for known, paths in zip(looked, read, strict=True)
        ]
    return result


def _read(column: Column) -> tuple[str, ...]:
    return () if column.looked_up else column.reads or column.sort
