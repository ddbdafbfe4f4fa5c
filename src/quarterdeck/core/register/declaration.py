"""What a register consists of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Model, Q, QuerySet
from django_filters import FilterSet

from quarterdeck.core.access import Actor
from quarterdeck.core.texts import Text


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

    def column(self, name: str) -> Column | None:
        """The column of a name; None when there is none."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def default_columns(self) -> Sequence[Column]:
        """Columns that are shown unless somebody chose others."""
        return [column for column in self.columns if column.shown]
