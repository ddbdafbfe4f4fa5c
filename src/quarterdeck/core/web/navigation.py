"""What the shell shows: pages in the navigation, work that waits, tabs of an object. Higher domains register theirs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from quarterdeck.core import rights
from quarterdeck.core.access import Actor
from quarterdeck.core.texts import Text

GROUPS: dict[str, Text] = {
    "own": "",
    "portfolio": _("Portfolio"),
    "delivery": _("Delivery"),
    "people": _("People"),
    "governance": _("Governance"),
    "office": _("PMO office"),
    "data": _("Data"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """A page in the navigation. count gives the number beside it, at no more than one query."""

    group: str
    label: Text
    route: str
    icon: str
    order: int
    may: Callable[[Actor], bool]
    count: Callable[[Actor], int | None] | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for a person: what, because of what, by when, and what happens otherwise."""

    act: str
    title: str
    context: str
    url: str
    button: Text
    icon: str = "clock"
    due: date | None = None
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """
    A page of an object. count may say how many things it holds.

    args: what its address names, for a page that all kinds share; otherwise the thing's own key.
    """

    kind: str
    label: Text
    route: str
    order: int
    may: Callable[[Actor, Any], bool] = lambda actor, thing: True
    count: Callable[[Actor, Any], int | None] | None = None
    args: Callable[[Any], tuple[str, ...]] | None = None


_items: dict[str, Item] = {}
_waiting: list[Callable[[Actor], Sequence[Waiting]]] = []
_tabs: dict[tuple[str, str], Tab] = {}


def add_item(item: Item) -> None:
    """Put a page into the navigation. One owner a route."""
    if item.route in _items:
        raise ValueError(f"The page {item.route} is in the navigation already.")
    if item.group not in GROUPS:
        raise ValueError(f"The navigation has no group {item.group}.")
    _items[item.route] = item


def add_waiting(source: Callable[[Actor], Sequence[Waiting]]) -> None:
    """Add to “My work”."""
    _waiting.append(source)


def add_tab(tab: Tab) -> None:
    """Add a page to the tabs of a kind of object. One owner a route."""
    if (tab.kind, tab.route) in _tabs:
        raise ValueError(f"The tab {tab.route} of a {tab.kind} exists already.")
    _tabs[tab.kind, tab.route] = tab


def items(actor: Actor) -> list[Item]:
    """Pages of the navigation that the actor may see, in order."""
    return sorted((item for item in _items.values() if item.may(actor)), key=lambda item: item.order)


def waiting(actor: Actor) -> list[Waiting]:
    """Everything that waits for the actor, the earliest due first."""
    found = [thing for source in _waiting for thing in source(actor)]
    return sorted(found, key=lambda thing: (thing.due is None, thing.due or date.max))


def tabs(kind: str, actor: Actor, thing: Any) -> list[Tab]:
    """Tabs of an object that the actor may see, in order."""
    return sorted((tab for tab in _tabs.values() if tab.kind == kind and tab.may(actor, thing)), key=lambda t: t.order)


def register_own() -> None:
    """The kernel's own pages."""
    add_item(
        Item("own", _("My work"), "my_work", "inbox", 10, lambda actor: True, lambda actor: len(waiting(actor)) or None)
    )
    add_item(
        Item(
            "governance",
            _("Ledger"),
            "ledger",
            "file-certificate",
            740,
            lambda actor: actor.holds(rights.SEE_LEDGER),
        )
    )
