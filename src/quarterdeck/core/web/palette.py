"""
What the palette offers besides the things that are found: pages to go to, and acts to begin.

Pages of the navigation are in it by themselves. What else there is each room declares when the site starts. Nothing is
offered to who would be refused there: `may` asks what the page behind it asks.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from quarterdeck.core import search
from quarterdeck.core.access import Actor
from quarterdeck.core.texts import Text
from quarterdeck.core.web import navigation
from quarterdeck.core.web.pages import address

PAGE, ACT = "page", "act"


def _everybody(_actor: Actor) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Offer:
    """
    A page to go to, or an act to begin.

    route : the page it leads to; or presses : the id of the part of every page that it stands for.
    also : other words by which it is found.
    writes : it changes something, so the past does not offer it.
    """

    label: Text
    icon: str
    order: int
    may: Callable[[Actor], bool] = _everybody
    route: str = ""
    presses: str = ""
    also: Text = ""
    group: str = ACT
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A line of the palette: its label in pieces, found ones marked True, and where it leads.

    begins : the label begins as was typed; such a line comes before the things that are found, others after them.
    """

    label: list[tuple[str, bool]]
    context: str
    icon: str
    url: str
    presses: str
    begins: bool


_offers: dict[tuple[str, str], Offer] = {}


def offer(*offers: Offer) -> None:
    """Put pages or acts into the palette. One owner a route."""
    for each in offers:
        if bool(each.route) == bool(each.presses):
            raise ValueError(f"“{each.label}” leads to a page or stands for a part of it, one of both.")
        key = (each.route, each.presses)
        if key in _offers:
            raise ValueError(f"{each.route or each.presses} is in the palette already.")
        _offers[key] = each


def offered() -> list[Offer]:
    """All that was declared, in order."""
    return sorted(_offers.values(), key=lambda each: each.order)


def entries(actor: Actor, text: str, group: str, *, past: bool) -> Iterator[Entry]:
    """What of a group fits the words, in order; everything without any. The words are asked before the rights."""
    terms = search.terms_of(text)
    if group == PAGE:
        for item in navigation.items(actor):
            about = str(navigation.GROUPS[item.group])
            if _fits(terms, item.label, about):
                yield _entry(str(item.label), terms, item.icon, address(item.route), context=about)
    for each in offered():
        is_there = each.group == group and not (past and each.writes)
        if is_there and _fits(terms, each.label, each.also) and each.may(actor):
            url = address(each.route) if each.route else ""
            yield _entry(str(each.label), terms, each.icon, url, presses=each.presses)


def _entry(label: str, terms: list[str], icon: str, url: str, *, context: str = "", presses: str = "") -> Entry:
    begins = search.folded(label).startswith(" ".join(terms))
    return Entry(search.pieces(label, terms), context, icon, url, presses, begins)


def _fits(terms: list[str], *texts: Text) -> bool:
    words = search.folded(" ".join(map(str, texts))).split()
    return all(any(word.startswith(term) for word in words) for term in terms)
