"""What a register consists of."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from django import forms
from django.db.models import Model, Q, QuerySet
from django_filters import FilterSet

from quarterdeck.core.access import Actor
from quarterdeck.core.texts import Text

# Ids of the rows, of those given, that an actor may change; one question for all of them.
Changeable = Callable[[Actor, Collection[int]], set[int]]


class Change(Protocol):
    """
    The service behind a list: it changes some facts of one row for an actor, with the right of that row.

    facts : by the names that the edits say. version : the row as the actor saw it; a later one is a Conflict.
    reason : why, for the history; empty where nobody said it.
    """

    def __call__(
        self, actor: Actor, row: Any, facts: Mapping[str, Any], /, *, version: int, now: datetime, reason: str = ""
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Edit:
    """
    How a fact is changed: in its cell, and for many rows at once.

    fact : the name by which the change of the register knows it.
    field : the form field for an actor; what it cleans is what the change gets.
    verb : the act for many rows, such as “Set stage”; empty: it is changed one by one only.
    words : a value as people read it in a row. value : that of a row; None: the attribute of the fact's name.
    kept_in : the row, and the attribute of it, in whose versions the fact is kept; None: the row itself.
    note : the fact of a text beside it that says why; empty: none.
    first : stands in the bulk bar itself, not behind “Another fact”.
    changeable : where another right is asked for than for the other facts.
    refuses : why this row cannot take the value, known beforehand; otherwise the preview tries the very service.
    """

    fact: str
    field: Callable[[Actor], forms.Field]
    verb: Text = ""
    words: Callable[[Any, Any], Any] = lambda row, value: "" if value is None else value
    value: Callable[[Any], Any] | None = None
    kept_in: Callable[[Any], tuple[Any, str]] | None = None
    note: str = ""
    first: bool = False
    changeable: Changeable | None = None
    refuses: Callable[[Actor, Any, Any], str] | None = None

    def of(self, row: Any) -> Any:
        """The value of a row."""
        return self.value(row) if self.value is not None else getattr(row, self.fact)


@dataclass(frozen=True, slots=True)
class Column:
    """
    One column.

    cell gives what the page shows (text is escaped, safe strings are not), value what an export holds: a text, a
    number, a Decimal, a date or None. sort names the fields that order the rows; empty: the column does not sort.
    order_by makes fields that are only worked out when somebody orders by the column.
    filled makes the condition of a row with a value: a page leaves the column out where no row of the list has one,
    unless the reader chose the columns.
    phone places it in the two-line row on a phone: title, state, figure, or empty for not at all.
    data gives what a programme gets: a code where value is a word of the reader's language; None: the same as value.
    edit says how its fact is changed; None: it is not changed in the list.
    reads names the fields of the row itself that its value is worked out from, where it is not what sort names.
    looked_up gives the value of every row of a question by its id, in one query or two, where rows do not hold it: the
    past orders and compares by it.
    """

    name: str
    label: Text
    cell: Callable[[Any], Any]
    value: Callable[[Any], Any]
    sort: tuple[str, ...] = ()
    align: Literal["text", "number", "mark"] = "text"
    shown: bool = True
    widest: bool = False
    phone: Literal["title", "state", "figure", ""] = ""
    help: Text = ""
    order_by: Callable[[], dict[str, Any]] | None = None
    filled: Callable[[], Q] | None = None
    data: Callable[[Any], Any] | None = None
    edit: Edit | None = None
    reads: tuple[str, ...] = ()
    looked_up: Callable[[QuerySet[Any]], dict[int, Any]] | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A view that everybody has: a name and the parameters of its address."""

    name: str
    label: Text
    parameters: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """
    A list of one kind of thing.

    question gives the rows an actor may see, with everything the columns read already joined. order is the default
    order, printed on the page in the words of order_label.
    key names a row in addresses, and key_field is the lookup by which the question finds it again.
    change is the service behind edits, changeable who may use it on which rows; without both nothing is edited. acts
    are edits for many rows that belong to no column. former gives what else is put back with facts that are.
    """

    name: str
    title: Text
    noun: Text
    noun_of_one: Text
    route: str
    question: Callable[[Actor], QuerySet[Any]]
    columns: tuple[Column, ...]
    search: tuple[str, ...]
    filters: type[FilterSet]
    order: tuple[str, ...]
    order_label: Text
    views: tuple[View, ...] = ()
    key: Callable[[Model], str] = lambda row: str(row.pk)
    empty_title: Text = ""
    empty_text: Text = ""
    page_size: int = 50
    key_field: str = "pk"
    change: Change | None = None
    changeable: Changeable | None = None
    acts: tuple[Edit, ...] = ()
    former: Callable[[Any, Collection[str]], dict[str, Any]] | None = None

    def column(self, name: str) -> Column | None:
        """The column of a name; None when there is none."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def default_columns(self) -> Sequence[Column]:
        """Columns that are shown unless somebody chose others."""
        return [column for column in self.columns if column.shown]

    @property
    def edits(self) -> dict[str, tuple[Text, Edit]]:
        """Every edit by its fact, with the words for the fact."""
        found = {column.edit.fact: (column.label, column.edit) for column in self.columns if column.edit}
        return found | {act.fact: (act.verb, act) for act in self.acts}

    @staticmethod
    def version_of(row: Any) -> int:
        """The version of a row, which a change of it must name; 0 where rows have none, as people do."""
        return int(getattr(row, "version", 0))

    def name_of(self, row: Any) -> str:
        """What a row is called."""
        return str(self.naming_column.value(row) or "")

    @property
    def naming_column(self) -> Column:
        """The column that names a row on a phone, otherwise the first."""
        return next((column for column in self.columns if column.phone == "title"), self.columns[0])
