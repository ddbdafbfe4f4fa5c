"""Every address there is, walked from the root of the resolver."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Found:
    """An address: its name, its parts, and the view behind it."""

    name: str
    parts: tuple[str, ...]
    view: Any


def walk(resolver: Any = None) -> Iterator[Found]:
    """Every address, one a pattern. One without a name goes by its pattern, and so is in no table."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from walk(entry)
        elif isinstance(entry, URLPattern):
            yield Found(entry.name or str(entry.pattern), tuple(entry.pattern.converters), entry.callback)


def names(resolver: Any = None) -> list[str]:
    return [found.name for found in walk(resolver)]
