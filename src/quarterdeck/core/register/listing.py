"""From the parameters of an address to the rows that it asks for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, F, Max, Q, QuerySet, Value, When
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django_filters import FilterSet

from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Refused
from quarterdeck.core.register.declaration import Changeable, Column, Register
from quarterdeck.core.register.rows import Rows
from quarterdeck.core.texts import Text
from quarterdeck.core.time import looking_at

# Parameters that are not filters.
OWN = (
    "q",
    "sort",
    "columns",
    "page",
    "format",
    "control",
    "as_of",
    "known_at",
    "compare",
    "compare_with",
    "changes",
    "view",
)


class UnknownParameter(Refused):
    """The address asks for a column, an order or a filter that does not exist."""

    status = 400


@dataclass(frozen=True, slots=True)
class Control:
    """One filter as the page offers it: what it is set to, and the address that brings its choices."""

    name: str
    label: str
    value: str
    url: str


@dataclass(frozen=True, slots=True)
class OpenControl:
    """A filter that somebody opened: its bound field, the rest of the address, and the address without it."""

    name: str
    field: Any
    hidden: SafeString
    clear_url: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A column in the list of columns."""

    name: str
    label: str
    shown: bool


@dataclass(frozen=True, slots=True)
class Standard:
    """A view that everybody has: its parameters, and whether the address shows it."""

    label: str
    parameters: str
    current: bool


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column."""

    column: Column
    sort_url: str
    direction: str


class Listing:
    """The rows of a register for one address and one actor."""

    def __init__(self, register: Register, actor: Actor, parameters: QueryDict) -> None:
        self.register = register
        self.parameters = parameters
        # The address of the list as such; another where it opens with a view of the reader's.
        self.bare_url = "?"
        # Whether facts are changed in this list; the page says so, since it knows where the list stands.
        self.edits = False
        self._asked: dict[Changeable, set[int]] = {}
        self.actor = actor
        self.text = parameters.get("q", "").strip()[:200]
        self._chosen = self._columns()
        self.order, self.sorted_by, self.descending = self._order()
        self._all = register.question(actor)
        self.filterset: FilterSet = register.filters(parameters, queryset=self._all, actor=actor)
        self._check_parameters()

    def _check_parameters(self) -> None:
        known = {*OWN, *(name for name in self.filterset.filters)}
        unknown = [name for name in self.parameters if name not in known]
        if unknown:
            raise UnknownParameter(
                "unknown_parameter", _("This list has no filter “%(name)s”.") % {"name": unknown[0][:60]}
            )
        # The form of the filters is work; without one in the address there is nothing to check.
        if self._filters_asked and not self.filterset.is_valid():
            problems = "; ".join(str(error) for errors in self.filterset.errors.values() for error in errors)
            raise UnknownParameter("wrong_filter", problems)

    @cached_property
    def _filters_asked(self) -> bool:
        """Whether the filters have work: the address names one, set or not, or they narrow the list by themselves."""
        narrows = getattr(type(self.filterset), "filter_queryset", None) is not FilterSet.filter_queryset
        return narrows or any(name in self.parameters for name in self.filterset.filters)

    @cached_property
    def columns(self) -> list[Column]:
        """The columns that were chosen, otherwise those of everybody; a page then leaves out what no row fills."""
        if self._chosen:
            return self._chosen
        usual = list(self.register.default_columns)
        if self.parameters.get("format") or not self.count:
            return usual
        blank = [column for column in usual if column.filled is not None and not self._fills(column)]
        return [column for column in usual if column not in blank or self._is_filled_elsewhere[column.name]]

    def _fills(self, column: Column) -> bool:
        """Whether a row of this page has a value in the column."""
        return any(column.value(row) not in (None, "") for row in self.page_rows)

    @cached_property
    def _is_filled_elsewhere(self) -> dict[str, bool]:
        """Which of the columns that this page leaves blank another page fills; one query, where there is one."""
        blank = [
            column for column in self.register.default_columns if column.filled is not None and not self._fills(column)
        ]
        if self.pages == 1:
            return dict.fromkeys((column.name for column in blank), False)
        rows = self.rows.order_by()
        if rows.query.distinct:
            # A filter by several things lists a row once; what the columns hold is then asked of those rows.
            rows = self._all.order_by().filter(pk__in=rows.values("pk"))
        asked = {column.name: Max(_one_where(column.filled())) for column in blank if column.filled is not None}
        return {name: bool(found) for name, found in rows.aggregate(**asked).items()}

    def _columns(self) -> list[Column]:
        asked = [name for name in self.parameters.get("columns", "").split(",") if name]
        if not asked:
            return []
        found = [self.register.column(name) for name in asked]
        if None in found:
            raise UnknownParameter("unknown_column", _("This list has no such column."))
        return [column for column in found if column is not None]

    def _order(self) -> tuple[tuple[Any, ...], str, bool]:
        asked = self.parameters.get("sort", "")
        if not asked:
            return (*_orderings(self.register.order), F("pk").asc()), "", False
        name, descending = asked.removeprefix("-"), asked.startswith("-")
        column = self.register.column(name)
        if column is None or not column.sort:
            raise UnknownParameter("unknown_order", _("This list cannot be sorted that way."))
        fields = [f"-{field}" if descending else field for field in column.sort]
        return (*_orderings(fields), F("pk").asc()), name, descending

    @cached_property
    def rows(self) -> QuerySet[Any]:
        """Every row that matches, in order."""
        found: QuerySet[Any] = self.filterset.qs if self._filters_asked else self._all
        if self.text:
            found = found.filter(
                reduce(or_, (Q(**{f"{field}__icontains": self.text}) for field in self.register.search))
            )
        column = self.register.column(self.sorted_by) if self.sorted_by else None
        if self._looked_up is not None:
            return found.order_by("pk")
        if column is not None and column.order_by is not None:
            found = found.annotate(**column.order_by())
        return found.order_by(*self.order)

    @cached_property
    def ids(self) -> list[Any]:
        """The ids of every row that matches, in order."""
        if not self.sorts_here:
            return list(self.rows.values_list("pk", flat=True))
        assert self._looked_up is not None
        known = self._looked_up(self.rows.order_by())
        found = list(self.rows.order_by("pk").values_list("pk", flat=True))
        blank = [pk for pk in found if known.get(pk) in (None, "")]
        return (
            sorted(
                (pk for pk in found if known.get(pk) not in (None, "")),
                key=lambda pk: (known[pk],),
                reverse=self.descending,
            )
            + blank
        )

    @cached_property
    def _looked_up(self) -> Callable[[QuerySet[Any]], dict[int, Any]] | None:
        """How the rows are ordered in the past by what they do not hold themselves: asking row by row takes minutes."""
        column = self.register.column(self.sorted_by) if self.sorted_by else None
        return column.looked_up if column is not None and looking_at() is not None else None

    @property
    def sorts_here(self) -> bool:
        """Whether the rows are put in order here and not by the database."""
        return self._looked_up is not None

    @property
    def takes_all_ids(self) -> bool:
        """Whether one question for all ids is less work than one for their number and one for those of the page."""
        return bool(self.text) or self._looked_up is not None

    @cached_property
    def count(self) -> int:
        """How many rows match."""
        return len(self.ids) if self.takes_all_ids else self.rows.order_by().count()

    @cached_property
    def total(self) -> int:
        """How many rows there are without search and filters."""
        return self._all.order_by().count() if self.is_narrowed else self.count

    @property
    def noun(self) -> str:
        """What the rows are called, one or many."""
        return str(self.register.noun_of_one if self.count == 1 else self.register.noun)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.filters_in_force)

    @cached_property
    def filters_in_force(self) -> list[str]:
        return [name for name in self.filterset.filters if any(self.parameters.getlist(name))]

    @cached_property
    def pages(self) -> int:
        return max(1, -(-self.count // self.register.page_size))

    @cached_property
    def page(self) -> int:
        asked = self.parameters.get("page", "1")
        return min(max(1, int(asked)), self.pages) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1

    @cached_property
    def first(self) -> int:
        return (self.page - 1) * self.register.page_size

    @cached_property
    def page_rows(self) -> Sequence[Any]:
        # Order and cut on the ids alone, then fetch what the columns read for these rows only.
        start, end = self.first, self.first + self.register.page_size
        found = self.ids if self.takes_all_ids else self.rows.values_list("pk", flat=True)
        return self.rows_of(list(found[start:end]))

    def rows_of(self, ids: Sequence[Any]) -> list[Any]:
        """The rows of these ids that the actor may see, in this order, with everything the columns read."""
        found = {row.pk: row for row in self._all.filter(pk__in=ids)}
        return [found[pk] for pk in ids if pk in found]

    @property
    def last(self) -> int:
        return self.first + len(self.page_rows)

    def url(self, **changes: Any) -> str:
        """The address with some parameters changed; None takes one out. The page begins again."""
        parameters = self.parameters.copy()
        parameters.pop("page", None)
        parameters.pop("format", None)
        parameters.pop("control", None)
        for name, value in changes.items():
            if value in (None, ""):
                parameters.pop(name, None)
            elif isinstance(value, list):
                parameters.setlist(name, value)
            else:
                parameters[name] = str(value)
        return f"?{parameters.urlencode()}" if parameters else self.bare_url

    @property
    def next_url(self) -> str:
        return self.url(page=self.page + 1) if self.page < self.pages else ""

    @property
    def previous_url(self) -> str:
        return self.url(page=self.page - 1) if self.page > 1 else ""

    @cached_property
    def clear_url(self) -> str:
        kept = self.parameters.copy()
        for name in ("q", "page", *self.filterset.filters):
            kept.pop(name, None)
        return f"?{kept.urlencode()}" if kept else self.bare_url

    @property
    def csv_url(self) -> str:
        return self.url(format="csv")

    @property
    def xlsx_url(self) -> str:
        return self.url(format="xlsx")

    def controls(self) -> list[Control]:
        """The filters as the page offers them. Their choices are asked for when somebody opens one."""
        found = []
        for name, chosen in self.filterset.filters.items():
            is_set = any(self.parameters.getlist(name))
            value = self._value_of(name, self.filterset.form.fields[name]) if is_set else ""
            found.append(Control(name, str(chosen.label or name), value, self.url(control=name)))
        return found

    def _value_of(self, name: str, field: Any) -> str:
        """What a filter is set to, in words."""
        words = {str(value): str(label) for value, label in choices_of(field)}
        return ", ".join(words.get(item, item) for item in self.parameters.getlist(name) if item)

    @property
    def control(self) -> OpenControl | None:
        """The filter that the address opens, with its choices."""
        name = self.parameters.get("control", "")
        if not name:
            return None
        if name not in self.filterset.form.fields:
            raise UnknownParameter("unknown_parameter", _("This list has no such filter."))
        return OpenControl(
            name, self.filterset.form[name], self.hidden_fields(name), self.url(**{name: None, "control": None})
        )

    def column_choices(self) -> list[Choice]:
        """The columns in the order of the page, those not shown at the end."""
        shown = [column.name for column in self.columns]
        rest = [column for column in self.register.columns if column.name not in shown]
        chosen = [Choice(column.name, str(column.label), True) for column in self.columns]
        return chosen + [Choice(column.name, str(column.label), False) for column in rest]

    def standard_views(self) -> list[Standard]:
        """The views that everybody has; the one whose filters are those of the address is current."""
        here = self._narrowing(self.parameters)
        return [
            Standard(str(view.label), view.parameters, self._narrowing(QueryDict(view.parameters)) == here)
            for view in self.register.views
        ]

    def _narrowing(self, parameters: QueryDict) -> set[tuple[str, str]]:
        """What an address narrows the list to, whatever its order and columns."""
        names = {"q", *self.filterset.filters}
        return {
            (name, str(value)) for name, values in parameters.lists() for value in values if name in names and value
        }

    def heads(self) -> list[Head]:
        """Heads of the columns shown."""
        heads = []
        for column in self.columns:
            current = self.sorted_by == column.name
            direction = ("descending" if self.descending else "ascending") if current else ""
            target = f"-{column.name}" if current and not self.descending else column.name
            heads.append(Head(column, self.url(sort=target) if column.sort else "", direction))
        return heads

    def _may_change(self, ask: Changeable) -> set[int]:
        """The rows of this page that the actor may change in one of the ways there are; one question a way."""
        if ask not in self._asked:
            self._asked[ask] = ask(self.actor, [row.pk for row in self.page_rows])
        return self._asked[ask]

    @cached_property
    def editable(self) -> dict[str, set[int]]:
        """By the name of a column the rows of this page of which the actor may change the fact."""
        if not self.edits or self.register.change is None:
            return {}
        found = {}
        for column in self.columns:
            ask = column.edit and (column.edit.changeable or self.register.changeable)
            if ask:
                found[column.name] = self._may_change(ask)
        return found

    @cached_property
    def pickable(self) -> set[int] | None:
        """The rows of this page that can be selected for a change at once; None where nothing is selected."""
        if not self.edits or self.register.change is None or not self.acts():
            return None
        assert self.register.changeable is not None  # or nothing could be done
        return self._may_change(self.register.changeable) or None

    @property
    def body(self) -> SafeString:
        """The rows of the page as HTML."""
        rows = Rows(self.register, self.columns, editable=self.editable, pickable=self.pickable)
        return mark_safe("\n".join(rows.write(row) for row in self.page_rows))

    def acts(self) -> list[tuple[str, Text, bool]]:
        """What can be done to many rows at once: fact, verb, and whether it stands in the bar itself."""
        found = []
        for _label, edit in self.register.edits.values():
            ask = edit.changeable or self.register.changeable
            if edit.verb and ask is not None and self._may_change(ask):
                found.append((edit.fact, edit.verb, edit.first))
        return found

    @property
    def more_acts(self) -> bool:
        """Whether some of what can be done does not stand in the bar itself."""
        return not all(first for _fact, _verb, first in self.acts())

    @property
    def kept_address(self) -> str:
        """Filters and search, as parameters: what all that match are asked by, again."""
        kept = QueryDict(mutable=True)
        for name, values in self.parameters.lists():
            if name == "q" or name in self.filterset.filters:
                kept.setlist(name, values)
        return kept.urlencode()

    @property
    def column_names(self) -> str:
        """The columns shown, as an address names them."""
        return ",".join(column.name for column in self.columns)

    def hidden_fields(self, *without: str) -> SafeString:
        """The parameters of the address as hidden fields, for forms that change one of them."""
        kept = [
            (name, value)
            for name, values in self.parameters.lists()
            for value in values
            if name not in {*without, "page", "format", "control"}
        ]
        return format_html_join("", '<input type="hidden" name="{}" value="{}">', kept)

    @property
    def hidden_for_comparison(self) -> SafeString:
        """The address as hidden fields, for the form that asks for the two days of a comparison."""
        return self.hidden_fields("compare_with", "changes", "as_of")

    @property
    def kept_without_text(self) -> list[tuple[str, str]]:
        """The parameters that the search box carries on."""
        return [
            (name, value)
            for name, values in self.parameters.lists()
            for value in values
            if name not in {"q", "page", "format", "control"}
        ]

    def order_words(self) -> str:
        """How the rows are ordered, in words."""
        column = self.register.column(self.sorted_by) if self.sorted_by else None
        if column is None:
            return str(self.register.order_label)
        return format_html("{}, {}", column.label, _("descending") if self.descending else _("ascending"))


def listing(register: Register, actor: Actor, parameters: QueryDict) -> Listing:
    """The rows of a register; raises UnknownParameter for what it does not have."""
    return Listing(register, actor, parameters)


def _orderings(fields: Iterable[str]) -> list[Any]:
    """Unknown values come last, whichever way the rows are ordered."""
    return [
        F(field[1:]).desc(nulls_last=True) if field.startswith("-") else F(field).asc(nulls_last=True)
        for field in fields
    ]


def _one_where(condition: Q) -> Case:
    return Case(When(condition, then=Value(1)), default=Value(0))


def choices_of(field: Any) -> Iterable[tuple[Any, Any]]:
    """Value and label of every choice of a field; none for a field without choices."""
    for value, label in getattr(field, "choices", None) or ():
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield value, label
