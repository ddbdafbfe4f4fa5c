"""Where a person begins."""

from collections.abc import Callable

from django.urls import reverse

from quarterdeck.core.access import Actor

# Each source gives an address, or None when it is not for this actor; the lowest order that answers wins.
_sources: list[tuple[int, Callable[[Actor], str | None]]] = []


def offer(order: int, source: Callable[[Actor], str | None]) -> None:
    """Offer a page to begin with."""
    _sources.append((order, source))


def address_for(actor: Actor) -> str:
    """The page the actor begins with."""
    for _order, source in sorted(_sources, key=lambda entry: entry[0]):
        if url := source(actor):
            return url
    return reverse("my_work")
