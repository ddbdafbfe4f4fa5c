"""Every address worth asking, with the parameters of every list: what somebody could learn by asking."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from quarterdeck.core.api.interface import ROOT, description
from quarterdeck.core.register.declaration import Register
from quarterdeck.core.register.registry import all_registers
from quarterdeck.site.api import INTERFACE
from tests.access import TABLE
from tests.access.api import OPERATIONS
from tests.proof.world import World

A_DAY = "2026-11-20"


def pages(world: World) -> list[str]:
    """Every address of the table, on one's own things."""
    return [world.address(name, world.own) for name in TABLE]


def page_of(register: Register) -> str | None:
    """Where a list stands; None for one that is a part of the page of a thing."""
    try:
        return reverse(register.route)
    except NoReverseMatch:
        return None


def parameters(register: Register, words: list[str], *, brief: bool = False) -> Iterator[dict[str, str]]:
    """
    Searches, orders, filters, columns, files and days of a list; words are searched for.

    brief: one of each sort, since the rows behind all of them come from one question.
    """
    columns = ",".join(column.name for column in register.columns)
    orders = [sign + column.name for column in register.columns if column.sort for sign in ("", "-")]
    yield {"q": words[0]}
    yield {"columns": columns, "sort": orders[0] if orders else ""}
    yield {"format": "csv", "columns": columns}
    yield {"format": "xlsx", "columns": columns}
    yield {"as_of": A_DAY}
    for name in register.filters.base_filters:
        yield {"control": name}
    if brief:
        return
    for word in words:
        yield {"q": word, "format": "csv"}
    for order in orders:
        yield {"sort": order}
    yield {"format": "json"}
    yield {"as_of": A_DAY, "format": "csv"}
    yield {"compare_with": A_DAY}
    yield {"page": "2"}


def values(world: World, name: str, schema: dict[str, Any], words: list[str]) -> list[str]:
    """What to ask a parameter of the interface for, by what its description says of it."""
    inner = schema.get("items", schema)
    if name == "q":
        return words
    if name == "fields":
        return [re.findall(r"\w+", schema.get("pattern", "ref"))[0]]
    if "enum" in inner:
        return list(inner["enum"])
    if inner.get("type") == "boolean":
        return ["true"]
    if inner.get("type") == "integer":
        return ["1"]
    return [A_DAY] if inner.get("format") == "date" else [world.own.get(name, "Bridge")]


def operations(world: World, words: list[str]) -> list[str]:
    """Every operation of the interface that reads, with each of its parameters."""
    named = {re.sub(r"{\w+}", "{}", operation.path): operation.path for operation in OPERATIONS.values()}
    found = []
    for full, methods in description(INTERFACE)["paths"].items():
        if "get" not in methods:
            continue
        path = full.removeprefix(ROOT)
        given = {each["name"]: each["schema"] for each in methods["get"].get("parameters", ()) if each["in"] == "path"}
        # The table says which thing a part names; a part that is a choice offers it in its description.
        parts = {name: (schema.get("enum") or ["project"])[0] for name, schema in given.items()}
        address = named.get(re.sub(r"{\w+}", "{}", path), path).format_map({**parts, "kinds": "projects", **world.own})
        found.append(address)
        for each in methods["get"].get("parameters", ()):
            if each["in"] == "query" and each["name"] not in {"known_at", "cursor"}:
                found += [
                    f"{address}?{urlencode({each['name']: value})}"
                    for value in values(world, each["name"], each["schema"], words)
                ]
    return found


def lists(words: list[str], *, brief: bool = False) -> list[str]:
    """Every list with everything that can be asked of it."""
    found = []
    for register in all_registers().values():
        page = page_of(register)
        if page is not None:
            found += [f"{page}?{urlencode(asked)}" for asked in parameters(register, words, brief=brief)]
    return found
