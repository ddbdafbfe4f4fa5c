"""Which column fills which field, and how its cells are read. Stored as JSON, matched by name, never by position."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from collections.abc import Mapping as Of
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib import resources
from typing import Any, Literal, get_args

from quarterdeck.exchange.tabular.fields import FIELDS
from quarterdeck.exchange.tabular.header import Column, Table
from quarterdeck.exchange.tabular.names import collapsed, forms, normal
from quarterdeck.exchange.tabular.values.money import Scale
from quarterdeck.exchange.tabular.values.words import NO_VALUE

ScaleOrAuto = Scale | Literal["auto"]
DateOrder = Literal["auto", "day", "month"]
SCALES = (*get_args(Scale), "auto")
DATE_ORDERS = get_args(DateOrder)
# Fields that one column may fill together: where there is no id, the name is it.
MAY_SHARE = ("external_id", "name")


class NotAMapping(Exception):
    """A stored mapping that does not say what it must; the sentence names the key."""


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """
    How one field is filled.

    Parameters
    ----------
    names : acceptable names of its column, best first; * stands for any letters.
    several : every column that answers to a name counts, and per row the first usable cell wins.
    scale : unit of money; auto takes it from the name of the column, "(£m)" or "in T€".
    currency : of money; empty takes it from cell, column name or mapping, in this order.
    date_order : of 03/04/2026; auto looks at the column.
    """

    names: tuple[str, ...]
    several: bool = False
    scale: ScaleOrAuto = "auto"
    currency: str = ""
    date_order: DateOrder = "auto"


@dataclass(frozen=True, slots=True)
class Mapping:
    """
    How one kind of register is read.

    Parameters
    ----------
    columns : field to its rule; keys are those of `fields.FIELDS`.
    values : field to written word to meant word, before anything else looks at the cell.
    no_value : words that say that nothing is given; they are no problem.
    as_of : the day the register describes.
    continues : new name of a unit to its old one, so that a renamed unit stays the same unit.
    """

    name: str
    title: str
    columns: Of[str, ColumnRule]
    values: Of[str, Of[str, str]] = field(default_factory=dict)
    no_value: tuple[str, ...] = NO_VALUE
    as_of: dt.date | None = None
    currency: str = ""
    decimal_comma: bool = False
    date_order: DateOrder = "auto"
    continues: Of[str, str] = field(default_factory=dict)

    def with_columns(self, chosen: Of[str, tuple[str, ...]]) -> "Mapping":
        """The mapping after a person chose: field to labels of columns; an empty choice takes the field out."""
        columns = dict(self.columns)
        for key, labels in chosen.items():
            if key not in FIELDS:
                raise NotAMapping(f'"{key}" is not a field of a register.')
            if labels:
                rule = columns.get(key, ColumnRule(()))
                columns[key] = replace(rule, names=tuple(labels), several=len(labels) > 1)
            else:
                columns.pop(key, None)
        return replace(self, columns=columns)


def match(mapping: Mapping, table: Table) -> dict[str, tuple[Column, ...]]:
    """
    The columns of each field, in the order of the vocabulary; fields without a column are absent.

    The whole name counts before the part before a bracket or line break, and that before a pattern. A column fills one
    field.
    """
    found: dict[str, list[tuple[int, Column]]] = {}
    taken: set[int] = set()
    for step in (_by_whole_name, _by_part, _by_pattern):
        for key in FIELDS:
            rule = mapping.columns.get(key)
            if rule is None or (key in found and not rule.several):
                continue
            for rank, name in enumerate(rule.names):
                column = next((one for one in step(name, table) if one.index not in taken), None)
                if column is None or any(known == rank for known, _ in found.get(key, [])):
                    continue
                found.setdefault(key, []).append((rank, column))
                taken.add(column.index)
                if not rule.several:
                    break
    _share(mapping, table, found)
    ranked = {key: sorted(found[key], key=lambda pair: pair[0]) for key in FIELDS if key in found}
    return {key: tuple(column for _, column in pairs) for key, pairs in ranked.items()}


def _share(mapping: Mapping, table: Table, found: dict[str, list[tuple[int, Column]]]) -> None:
    for key, other in (MAY_SHARE, MAY_SHARE[::-1]):
        rule = mapping.columns.get(key)
        if rule is None or key in found or other not in found:
            continue
        column = found[other][0][1]
        if any(normal(name) in _forms(column) for name in rule.names):
            found[key] = [(0, column)]


def _forms(column: Column) -> tuple[str, ...]:
    return (normal(column.label), *forms(column.name))


def _by_whole_name(name: str, table: Table) -> Iterator[Column]:
    wanted = normal(name)
    return (column for column in table.columns if wanted and wanted in (normal(column.label), normal(column.name)))


def _by_part(name: str, table: Table) -> Iterator[Column]:
    wanted = normal(name)
    return (column for column in table.columns if wanted and wanted in _forms(column))


def _by_pattern(name: str, table: Table) -> Iterator[Column]:
    """Of several columns that differ by year, the latest is today's."""
    if "*" not in name:
        return iter(())
    wanted = "*".join(normal(part) for part in name.split("*")).strip()
    wanted = re.sub(r"(?<=[^\s*])\*$", " *", wanted) if name.endswith(" *") else wanted
    fitting = [column for column in table.columns if any(fnmatchcase(form, wanted) for form in _forms(column))]
    return iter(sorted(fitting, key=lambda column: (-_year(column.label), column.index)))


def _year(label: str) -> int:
    return max((int(year) for year in re.findall(r"(?:19|20|21)\d{2}", label)), default=0)


def to_json(mapping: Mapping) -> str:
    """JSON with what differs from the defaults, keys in the order of the class."""
    item: dict[str, Any] = {"name": mapping.name, "title": mapping.title}
    if mapping.as_of:
        item["as_of"] = mapping.as_of.isoformat()
    if mapping.currency:
        item["currency"] = mapping.currency
    if mapping.decimal_comma:
        item["decimal_comma"] = True
    if mapping.date_order != "auto":
        item["date_order"] = mapping.date_order
    item["columns"] = {key: _rule_item(rule) for key, rule in mapping.columns.items()}
    if mapping.values:
        item["values"] = {key: dict(words) for key, words in mapping.values.items()}
    if mapping.no_value != NO_VALUE:
        item["no_value"] = list(mapping.no_value)
    if mapping.continues:
        item["continues"] = dict(mapping.continues)
    return json.dumps(item, ensure_ascii=False, indent=2)


def _rule_item(rule: ColumnRule) -> dict[str, Any]:
    item: dict[str, Any] = {"names": list(rule.names)}
    if rule.several:
        item["several"] = True
    if rule.scale != "auto":
        item["scale"] = rule.scale
    if rule.currency:
        item["currency"] = rule.currency
    if rule.date_order != "auto":
        item["date_order"] = rule.date_order
    return item


def from_json(text: str) -> Mapping:
    """
    Read a stored mapping.

    Raises
    ------
    NotAMapping : with a sentence that names what is wrong.
    """
    try:
        item = json.loads(text)
    except (ValueError, RecursionError):
        raise NotAMapping("The mapping is not JSON.") from None
    if not isinstance(item, dict):
        raise NotAMapping("The mapping is not an object.")
    allowed = {
        "name",
        "title",
        "as_of",
        "currency",
        "decimal_comma",
        "date_order",
        "columns",
        "values",
        "no_value",
        "continues",
    }
    _require(
        not set(item) - allowed,
        f"The mapping has keys nobody reads: {', '.join(sorted(set(item) - allowed))}.",
    )
    columns = _object(item, "columns")
    _require(bool(columns), "The mapping names no columns.")
    order = item.get("date_order", "auto")
    _require(order in DATE_ORDERS, '"date_order" is auto, day or month.')
    _require(
        isinstance(item.get("decimal_comma", False), bool),
        '"decimal_comma" is true or false.',
    )
    return Mapping(
        name=_text(item, "name"),
        title=_text(item, "title"),
        columns={_field(key): _rule(key, rule) for key, rule in columns.items()},
        values={_field(key): _words(words, "values") for key, words in _object(item, "values").items()},
        no_value=_texts(item.get("no_value", list(NO_VALUE)), "no_value"),
        as_of=_date(item.get("as_of")),
        currency=_currency(item),
        decimal_comma=item.get("decimal_comma", False),
        date_order=order,
        continues=_words(item.get("continues", {}), "continues"),
    )


def _require(truth: bool, sentence: str) -> None:
    if not truth:
        raise NotAMapping(sentence)


def _field(key: str) -> str:
    _require(key in FIELDS, f'"{key}" is not a field of a register.')
    return key


def _rule(key: str, item: Any) -> ColumnRule:
    _require(isinstance(item, dict), f'The column of "{key}" is not an object.')
    unknown = set(item) - {"names", "several", "scale", "currency", "date_order"}
    _require(
        not unknown,
        f'The column of "{key}" has keys nobody reads: {", ".join(sorted(unknown))}.',
    )
    rule = ColumnRule(
        _texts(item.get("names"), "names"),
        item.get("several", False),
        item.get("scale", "auto"),
        _currency(item),
        item.get("date_order", "auto"),
    )
    _require(bool(rule.names), f'The column of "{key}" has no name.')
    _require(isinstance(rule.several, bool), f'"several" of "{key}" is true or false.')
    _require(rule.scale in SCALES, f'"scale" of "{key}" is one of {", ".join(SCALES)}.')
    _require(
        rule.date_order in DATE_ORDERS,
        f'"date_order" of "{key}" is auto, day or month.',
    )
    return rule


def _text(item: dict[str, Any], key: str) -> str:
    value = item.get(key)
    if not isinstance(value, str) or not value.strip():
        raise NotAMapping(f'The mapping has no "{key}".')
    return value


def _texts(value: Any, key: str) -> tuple[str, ...]:
    _require(
        isinstance(value, list) and all(isinstance(one, str) for one in value),
        f'"{key}" is a list of texts.',
    )
    return tuple(value)


def _object(item: dict[str, Any], key: str) -> dict[str, Any]:
    value = item.get(key, {})
    _require(isinstance(value, dict), f'"{key}" is an object.')
    return dict(value)


def _words(value: Any, key: str) -> dict[str, str]:
    fine = isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
    _require(fine, f'"{key}" pairs texts with texts.')
    return dict(value)


def _currency(item: dict[str, Any]) -> str:
    value = item.get("currency", "")
    fine = isinstance(value, str) and re.fullmatch(r"([A-Z]{3})?", value) is not None
    _require(fine, "A currency is three capital letters.")
    return str(value)


def _date(value: Any) -> dt.date | None:
    if value is None:
        return None
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise NotAMapping('"as_of" is a date such as 2026-03-31.') from None


@lru_cache(maxsize=1)
def shipped() -> tuple[Mapping, ...]:
    """The mappings that come with the product, by file name; `generic` is among them."""
    folder = resources.files("quarterdeck.exchange").joinpath("mappings")
    files = sorted(
        (one for one in folder.iterdir() if one.name.endswith(".json")),
        key=lambda one: one.name,
    )
    return tuple(from_json(one.read_text(encoding="utf-8")) for one in files)


def generic() -> Mapping:
    """Names that registers use for every field, in English and German."""
    return next(mapping for mapping in shipped() if mapping.name == "generic")


@lru_cache(maxsize=1)
def known_names() -> frozenset[str]:
    """Normal forms of every column name a shipped mapping knows, for `header.find_table`."""
    return frozenset(
        normal(collapsed(name))
        for mapping in shipped()
        for rule in mapping.columns.values()
        for name in rule.names
        if "*" not in name
    )
