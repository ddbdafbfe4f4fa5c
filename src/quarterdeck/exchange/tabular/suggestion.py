"""A first mapping for a table nobody described: by the names of its columns, then by what stands in them."""

import re
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Of
from dataclasses import dataclass, replace
from statistics import mean
from typing import TYPE_CHECKING

from quarterdeck.core.on_use import on_use
from quarterdeck.exchange.tabular.fields import FIELDS, Holds
from quarterdeck.exchange.tabular.header import Column, Table
from quarterdeck.exchange.tabular.mapping import ColumnRule, Mapping, generic, match
from quarterdeck.exchange.tabular.names import collapsed, forms, normal
from quarterdeck.exchange.tabular.values.dates import Day, read_date
from quarterdeck.exchange.tabular.values.money import (
    WITH_COMMA,
    WITH_POINT,
    Amount,
    currency_of,
    read_money,
    scale_of,
)
from quarterdeck.exchange.tabular.values.unusable import Unusable
from quarterdeck.exchange.tabular.values.words import (
    is_no_value,
    no_value_words,
    read_address,
    read_flag,
    read_rating,
    read_tier,
)
from quarterdeck.exchange.tabular.workbook import Kind

if TYPE_CHECKING:
    from rapidfuzz import fuzz, process
else:
    fuzz, process = on_use("rapidfuzz.fuzz"), on_use("rapidfuzz.process")

SAMPLE = 400
# A known mapping is taken as a whole when this share of its columns is there, the required ones among them.
ENOUGH_OF_KNOWN = 0.8
SIMILAR = 88
# A column whose cells hardly ever are what its name promises is not suggested.
LEAST_USABLE = 0.3
BY_CONTENT = 0.6

REASONS = {
    "mapping": 'The column "{column}" is the one {title} names.',
    "name": 'The column "{column}" has this name.',
    "similar": 'The name "{column}" is close to "{name}".',
    "mostly_unusable": "Only {share} % of its cells can be read so.",
    "only_id": "Its cells are short and no two are the same.",
    "name_as_id": "No column holds an id, so the name identifies a project. A renamed project looks like a new one.",
    "id_as_name": "No column holds a name, so the id stands for it.",
    "names": "Its cells are short texts, nearly all different.",
    "dates": "{share} % of its cells are dates.",
    "ratings": "{share} % of its cells are ratings.",
    "money": "{share} % of its cells are amounts in a currency.",
}
START = re.compile(r"start|begin|kick.?off", re.IGNORECASE)
FINISH = re.compile(r"finish|\bend|complet|due|target|ende\b|fertig", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Suggested:
    """
    One field and the columns that would fill it.

    `confidence` is from 0 to 1. `reasons` are keys of `REASONS` with their details, so that a page can translate the
    sentences; `why` is them in English.
    """

    field: str
    columns: tuple[Column, ...]
    confidence: float
    reasons: tuple[tuple[str, Of[str, str]], ...]

    @property
    def why(self) -> str:
        return " ".join(REASONS[code].format(**details) for code, details in self.reasons)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """
    A mapping ready for `rows.interpret`, or for a person to correct.

    `based_on` is the name of the known mapping it is, or "generic"; `missing` are required fields without a column.
    """

    mapping: Mapping
    based_on: str
    columns: tuple[Suggested, ...]
    missing: tuple[str, ...]

    def column(self, field: str) -> Suggested | None:
        return next((one for one in self.columns if one.field == field), None)


def suggest(table: Table, known: Sequence[Mapping]) -> Suggestion:
    """
    The best known mapping if the table has its columns, else one made of names and content.

    Parameters
    ----------
    known : mappings of earlier imports and the shipped ones; `generic` among them is used for names only.
    """
    best = _best_known(table, [mapping for mapping in known if mapping.name != "generic"])
    if best is not None:
        return best
    return _Maker(
        table,
        next((mapping for mapping in known if mapping.name == "generic"), generic()),
    ).suggestion()


def _best_known(table: Table, known: Sequence[Mapping]) -> Suggestion | None:
    fitting = []
    for mapping in known:
        found = match(mapping, table)
        whole = all(key in found for key, field in FIELDS.items() if field.required)
        share = len(found) / max(len(mapping.columns), 1)
        if whole and share >= ENOUGH_OF_KNOWN:
            fitting.append((share, len(found), mapping, found))
    if not fitting:
        return None
    # All of a larger mapping says more than all of a smaller one. Of equals, the one that was listed first.
    share, _, mapping, found = max(fitting, key=lambda one: (one[0], one[1]))
    columns = tuple(
        Suggested(
            key,
            used,
            share,
            (("mapping", {"column": used[0].label, "title": mapping.title}),),
        )
        for key, used in found.items()
    )
    return Suggestion(mapping, mapping.name, columns, ())


class _Maker:
    """Makes a mapping for one table, taking columns away from the pool as fields claim them."""

    def __init__(self, table: Table, names: Mapping) -> None:
        self.table, self.names = table, names
        self.nothing = no_value_words(names.no_value)
        self.samples = {column.index: self._sample(column) for column in table.columns}
        self.decimal_comma = self._decimal_comma()
        self.found: dict[str, Suggested] = {}

    def _sample(self, column: Column) -> list[str]:
        texts = []
        for row in self.table.rows:
            cell = self.table.cell(row, column)
            if cell.kind is not Kind.ERROR and not is_no_value(cell.text, self.nothing):
                texts.append(cell.text)
            if len(texts) == SAMPLE:
                break
        return texts

    def _decimal_comma(self) -> bool:
        """Whether amounts only make sense with a decimal comma: 1.234,56 or 3,5 and never 1,234.56 or 3.5."""
        comma = point = 0
        for texts in self.samples.values():
            for text in texts:
                number = re.sub(r"[^\d.,]", "", text) if len(text) <= 40 and _is_number_like(text) else ""
                if not number:
                    continue
                with_comma, with_point = (
                    bool(WITH_COMMA.fullmatch(number)),
                    bool(WITH_POINT.fullmatch(number)),
                )
                comma += with_comma and not with_point
                point += with_point and not with_comma
        return comma > point

    def suggestion(self) -> Suggestion:
        self.by_name()
        self.by_similar_name()
        self.by_content()
        columns = tuple(self.found[key] for key in FIELDS if key in self.found)
        rules = {one.field: ColumnRule(tuple(column.label for column in one.columns)) for one in columns}
        mapping = replace(
            self.names,
            name="suggested",
            title="Suggested from names and content",
            columns=rules,
            decimal_comma=self.decimal_comma,
            currency=self._currency(columns),
        )
        missing = tuple(key for key, field in FIELDS.items() if field.required and key not in self.found)
        return Suggestion(mapping, "generic", columns, missing)

    def _currency(self, columns: tuple[Suggested, ...]) -> str:
        if self.names.currency:
            return self.names.currency
        for one in columns:
            if FIELDS[one.field].holds is not Holds.MONEY:
                continue
            texts = [column.label for column in one.columns] + self.samples[one.columns[0].index][:20]
            for text in texts:
                if currency := currency_of(text[:200], ""):
                    return currency
        return ""

    def free(self) -> list[Column]:
        used = {column.index for one in self.found.values() for column in one.columns}
        return [column for column in self.table.columns if column.index not in used]

    def usable(self, key: str, column: Column) -> float:
        """Share of cells with something in them that can be read as the field; 1 where there is nothing to judge by."""
        texts = self.samples[column.index]
        if not texts:
            return 1.0
        return mean(not isinstance(self.read(key, text), Unusable) for text in texts)

    def read(self, key: str, text: str) -> object:
        readers: dict[Holds, Callable[[str], object]] = {
            Holds.DATE: read_date,
            Holds.MONEY: lambda text: read_money(text, decimal_comma=self.decimal_comma),
            Holds.CONFIDENCE: read_rating,
            Holds.TIER: read_tier,
            Holds.FLAG: read_flag,
            Holds.EMAIL: read_address,
        }
        reader = readers.get(FIELDS[key].holds)
        return reader(text) if reader else text

    def by_name(self) -> None:
        """Names are tried field by field, and a column that does not hold what its name promises is passed over."""
        rejected: set[tuple[str, int]] = set()
        while True:
            columns = match(self.names, self._without(rejected))
            poor = {
                (key, used[0].index)
                for key, used in columns.items()
                if (
                    self.usable(key, used[0]) < LEAST_USABLE or (key == "external_id" and not self._identifies(used[0]))
                )
            }
            if not poor - rejected:
                break
            rejected |= poor
        for key, used in columns.items():
            whole = normal(used[0].label) in {normal(name) for name in self.names.columns[key].names}
            share = self.usable(key, used[0])
            reasons: list[tuple[str, Of[str, str]]] = [("name", {"column": used[0].label})]
            if share < BY_CONTENT:
                reasons.append(("mostly_unusable", {"share": str(round(100 * share))}))
            confidence = round((0.95 if whole else 0.85) * (0.5 + share / 2), 2)
            self.found[key] = Suggested(key, used, confidence, tuple(reasons))

    def _without(self, rejected: set[tuple[str, int]]) -> Table:
        """The table without columns that failed for a field they were named for."""
        indexes = {index for _, index in rejected}
        return replace(
            self.table,
            columns=tuple(one for one in self.table.columns if one.index not in indexes),
        )

    def _identifies(self, column: Column) -> bool:
        """
        An id is short, and hardly ever the same twice.

        One slip more is let pass, so that a copied row in a short file does not take its ids away.
        """
        texts = [collapsed(text) for text in self.samples[column.index]]
        if not texts or mean(map(len, texts)) > 40:
            return False
        return len(set(texts)) >= max(0.9 * len(texts) - 1, len(texts) / 2)

    def by_similar_name(self) -> None:
        choices = {
            normal(name): (key, name)
            for key, rule in self.names.columns.items()
            for name in rule.names
            if key not in self.found and len(normal(name)) > 5
        }
        for column in self.free():
            for form in forms(column.name)[::-1]:
                near = process.extractOne(
                    form,
                    list(choices),
                    scorer=fuzz.token_sort_ratio,
                    score_cutoff=SIMILAR,
                )
                if near is None:
                    continue
                key, name = choices[near[0]]
                fits = self.usable(key, column) >= BY_CONTENT and (key != "external_id" or self._identifies(column))
                if key not in self.found and fits:
                    details = {"column": column.label, "name": name}
                    self.found[key] = Suggested(key, (column,), round(0.7 * near[1] / 100, 2), (("similar", details),))
                    break

    def by_content(self) -> None:
        self._ratings()
        self._dates()
        self._money()
        self._name()
        self._id()
        if "name" not in self.found and "external_id" in self.found:
            self._take("name", self.found["external_id"].columns[0], 0.3, "id_as_name")

    def _take(self, key: str, column: Column, confidence: float, why: str, share: float | None = None) -> None:
        details = {} if share is None else {"share": str(round(100 * share))}
        self.found[key] = Suggested(key, (column,), confidence, ((why, details),))

    def _share(self, column: Column, reader: Callable[[str], object], wanted: type) -> float:
        texts = self.samples[column.index]
        return mean(isinstance(reader(text), wanted) for text in texts) if len(texts) >= 3 else 0.0

    def _ratings(self) -> None:
        if "confidence" in self.found:
            return
        shares = [(self._share(column, _long_rating, str), column) for column in self.free()]
        share, column = max(shares, key=lambda one: one[0], default=(0.0, None))
        if column is not None and share >= BY_CONTENT:
            self._take(
                "confidence",
                column,
                round(0.6 * share, 2),
                "ratings",
                share=share,
            )

    def _dates(self) -> None:
        dates = [(share, column) for column in self.free() if (share := self._share(column, _day, Day)) >= BY_CONTENT]
        for key, pattern in (("forecast_start", START), ("forecast_finish", FINISH)):
            if key in self.found:
                continue
            for share, column in dates:
                taken = any(column in one.columns for one in self.found.values())
                if pattern.search(column.label) and not taken:
                    self._take(
                        key,
                        column,
                        round(0.5 * share, 2),
                        "dates",
                        share=share,
                    )
                    break

    def _money(self) -> None:
        if any(FIELDS[key].holds is Holds.MONEY for key in self.found):
            return
        for column in self.free():
            share = self._share(column, self._amount, Amount)
            named = scale_of(column.label) != "one" or currency_of(column.label, "") != ""
            symbol = any(currency_of(text[:60], "") for text in self.samples[column.index][:20])
            if share >= BY_CONTENT and (named or symbol):
                self._take(
                    "approved_budget",
                    column,
                    round(0.4 * share, 2),
                    "money",
                    share=share,
                )
                return

    def _amount(self, text: str) -> object:
        return read_money(text, decimal_comma=self.decimal_comma)

    def _name(self) -> None:
        if "name" in self.found:
            return
        for column in self.free():
            texts = [collapsed(text) for text in self.samples[column.index]]
            if not texts:
                continue
            worded = mean(sum(letter.isalpha() for letter in text) > len(text) / 2 for text in texts)
            if worded > 0.8 and 8 <= mean(map(len, texts)) <= 100 and len(set(texts)) >= 0.9 * len(texts):
                self._take("name", column, 0.4, "names")
                return

    def _id(self) -> None:
        if "external_id" in self.found:
            return
        for column in self.free():
            texts = self.samples[column.index]
            dated = self._share(column, _day, Day) >= BY_CONTENT
            counted = all(re.fullmatch(r"-?\d*[.,]\d+", text) for text in texts)
            full = len(texts) >= min(SAMPLE, 0.9 * len(self.table.rows))
            alike = dated or counted or len(set(texts)) < len(texts) or not self._identifies(column)
            if full and not alike and all(len(text) <= 24 and re.search(r"\d", text) for text in texts):
                self._take("external_id", column, 0.5, "only_id")
                return
        if "name" in self.found:
            self._take("external_id", self.found["name"].columns[0], 0.3, "name_as_id")


def _is_number_like(text: str) -> bool:
    return bool(re.fullmatch(r"[^\d]{0,5}[\d.,\s'’]+[^\d]{0,8}", text)) and any(mark in text for mark in ".,")


def _day(text: str) -> object:
    """A year or a bare number is too little to call a column one of dates."""
    return None if text.strip().isdecimal() else read_date(text)


def _long_rating(text: str) -> object:
    """Single letters may be anything, so they do not make a column one of ratings."""
    return read_rating(text) if len(text.strip()) > 1 else None
