"""Where a thing has its page. The domain that has the page says so; lower domains link to it without knowing it."""

from collections.abc import Callable
from typing import Any

_addresses: dict[str, Callable[[Any], str]] = {}


def own(kind: str, address: Callable[[Any], str]) -> None:
    """Say where things of a kind have their page. One owner a kind."""
    if kind in _addresses:
        raise ValueError(f"The page of a {kind} is owned already.")
    _addresses[kind] = address


def address_of(kind: str, thing: Any) -> str:
    """The address of a thing's page; empty while no domain has a page for it."""
    found = _addresses.get(kind)
    return found(thing) if found else ""
