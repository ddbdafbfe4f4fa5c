"""The page of columns as a form: one row a column, and what is read from what was sent."""

from collections.abc import Mapping as Of
from collections.abc import Set
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from quarterdeck.core.models import Node
from quarterdeck.exchange import rules
from quarterdeck.exchange.tabular.fields import FIELDS, Holds
from quarterdeck.exchange.tabular.header import Table
from quarterdeck.exchange.tabular.mapping import ColumnRule, Mapping, match
from quarterdeck.exchange.tabular.suggestion import REASONS
from quarterdeck.exchange.tabular.values.unusable import Unusable
from quarterdeck.exchange.tabular.values.words import is_no_value, is_sentence, no_value_words, read_rating
from quarterdeck.projects.models import Project

# One column can be both where a register has no ids.
BOTH = "id_and_name"
SKIPPED = "tier"
WORDED = ("confidence", "unit", "stage", "approach")
NOTHING = "-"
SCALES = ("auto", "one", "thousand", "million", "billion")
ORDERS = ("auto", "day", "month")


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a list."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """
    A word of a column: how often it stands there, what it means by itself, and what it can be made to mean.

    new: it names a unit that the import will make.
    """

    name: str
    word: str
    count: int
    options: list[Option]
    understood: bool
    new: bool = False


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column of the file as the page shows it."""

    index: int
    letter: str
    label: str
    samples: list[str]
    filled: int
    fills: str
    options: list[Option]
    why: str
    scales: list[Option] = field(default_factory=list)
    orders: list[Option] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)

    @property
    def open_words(self) -> int:
        """How many words mean nothing yet."""
        return sum(1 for word in self.words if not word.understood)

    @property
    def new_words(self) -> int:
        """How many units will be made."""
        return sum(1 for word in self.words if word.new)

    @property
    def kept_only(self) -> bool:
        return not self.fills


def scale_labels() -> dict[str, str]:
    """Units of money in words."""
    return {
        "auto": _("unit from the column’s name"),
        "one": _("whole units"),
        "thousand": _("thousands"),
        "million": _("millions"),
        "billion": _("billions"),
    }


def short_reasons() -> dict[str, str]:
    """Reasons for a suggestion, where the name of the column stands beside them."""
    return {
        "mapping": _("Named by the mapping."),
        "name": _("By its name."),
        "similar": _("Its name is close to “{name}”."),
    }


def order_labels() -> dict[str, str]:
    """Orders of day and month in words."""
    return {
        "auto": _("form seen from the cells"),
        "day": _("day before month"),
        "month": _("month before day"),
    }


def field_options(chosen: str) -> list[Option]:
    """What a column can fill, in the order of the vocabulary."""
    options = [Option("", _("Keep with the row, not used"), not chosen)]
    for key, known in FIELDS.items():
        if key == SKIPPED:
            continue
        options.append(Option(key, _(known.label), key == chosen))
        if key == "name":
            options.append(Option(BOTH, _("Project name, also its id"), chosen == BOTH))
    return options


class Columns:
    """The page of columns for a file and a mapping."""

    def __init__(
        self,
        look: Of[str, Any],
        table: Table,
        mapping: Mapping,
        units: list[Node],
        reasons: Of[str, Any] | None = None,
        *,
        known_units: Set[str] = frozenset(),
        may_make_units: bool = False,
    ) -> None:
        self.look, self.table, self.mapping, self.units = look, table, mapping, units
        self.known_units, self.may_make_units = known_units, may_make_units
        self.continues = {new.casefold(): old.casefold() for new, old in mapping.continues.items()}
        self.reasons = reasons or {}
        self.found = match(mapping, table)
        self.fields: dict[int, str] = {}
        for key, columns in self.found.items():
            for column in columns:
                both = self.fields.get(column.index) in {"external_id", "name"} and key in {"external_id", "name"}
                self.fields[column.index] = BOTH if both else key

    @property
    def missing(self) -> list[str]:
        """Labels of required fields without a column."""
        return [_(known.label) for key, known in FIELDS.items() if known.required and key not in self.found]

    @property
    def used(self) -> int:
        """How many columns fill a field."""
        return sum(1 for key in self.fields.values() if key and key != SKIPPED)

    def rows(self) -> list[ColumnRow]:
        """All columns, in the order of the file."""
        return [self._row(column) for column in self.look.get("columns", [])]

    def _row(self, column: Of[str, Any]) -> ColumnRow:
        key = self.fields.get(column["index"], "")
        key = "" if key == SKIPPED else key
        rule = self.mapping.columns.get(key)
        holds = FIELDS[key].holds if key in FIELDS else None
        labels, orders = scale_labels(), order_labels()
        return ColumnRow(
            index=column["index"],
            letter=column["letter"],
            label=column["label"],
            samples=column["samples"],
            filled=column["filled"],
            fills=key,
            options=field_options(key),
            why=self._why(key),
            scales=[Option(each, labels[each], rule.scale == each) for each in SCALES]
            if rule and holds is Holds.MONEY
            else [],
            orders=[Option(each, orders[each], rule.date_order == each) for each in ORDERS]
            if rule and holds is Holds.DATE
            else [],
            words=self._words(column, key) if key in WORDED else [],
        )

    def _why(self, key: str) -> str:
        sentences = {**REASONS, **short_reasons()}
        given = self.reasons.get("name" if key == BOTH else key, [])
        if key == BOTH:
            # That one column does for both says more than where its name was found.
            told = [*given, *self.reasons.get("external_id", [])]
            given = [each for each in told if each[0] in {"name_as_id", "id_as_name"}] or given
        return " ".join(_(sentences[code]).format(**details) for code, details in given)

    def _words(self, column: Of[str, Any], key: str) -> list[Word]:
        said = {word.casefold(): meant for word, meant in self.mapping.values.get(key, {}).items()}
        nothing = no_value_words(self.mapping.no_value)
        found = []
        for number, (word, count) in enumerate(column["words"]):
            if key != "unit" and is_sentence(word):
                # It explains why there is no value; nobody maps it.
                continue
            meant = said.get(word.casefold())
            own = "" if is_no_value(word, nothing) else self._meaning(key, word)
            options = [Option("", own or _("not understood"), meant is None)]
            options += [Option(value, label, meant == value) for value, label in self._choices(key)]
            options.append(Option(NOTHING, _("no value"), meant == ""))
            understood = meant is not None or bool(own) or is_no_value(word, nothing)
            if is_no_value(word, nothing):
                options[0] = Option("", _("no value"), meant is None)
                options.pop()
            new = key == "unit" and meant is None and bool(own) and not self._is_known_unit(word)
            found.append(Word(f"w{column['index']}_{number}", word, count, options, understood, new))
        return found

    def _meaning(self, key: str, word: str) -> str:
        """What a word means without being told; empty when nothing."""
        if key == "confidence":
            rating = read_rating(word)
            return "" if isinstance(rating, Unusable) else str(Project.Confidence(rating).label)
        if key == "stage":
            code = rules.stage_of(word)
            return str(Project.Stage(code).label) if code else ""
        if key == "approach":
            code = rules.approach_of(word)
            return str(Project.Approach(code).label) if code else ""
        if self._is_known_unit(word):
            return _("the unit of this name")
        return _("a new unit of this name") if self.may_make_units else ""

    def _is_known_unit(self, word: str) -> bool:
        """Whether a word names a unit that is there, also by the name it had."""
        key = word.casefold()
        return key in self.known_units or self.continues.get(key) in self.known_units

    def _choices(self, key: str) -> list[tuple[str, str]]:
        if key == "confidence":
            return [(str(value), str(label)) for value, label in Project.Confidence.choices]
        if key == "stage":
            return [(str(value), str(label)) for value, label in Project.Stage.choices]
        if key == "approach":
            return [(str(value), str(label)) for value, label in Project.Approach.choices]
        return [(unit.name, unit.name) for unit in self.units]


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent from the page of columns; errors by the name of the field."""

    mapping: Mapping
    as_of: date | None
    currency: str
    save_as: str
    errors: dict[str, str]


def read(data: QueryDict, look: Of[str, Any], table: Table, base: Mapping) -> Sent:
    """
    The mapping a person chose.

    Parameters
    ----------
    base : the mapping the page was made from: what the page does not show of it is kept.
    """
    before = match(base, table)
    chosen: dict[str, list[str]] = {}
    errors: dict[str, str] = {}
    labels = {column["index"]: column["label"] for column in look.get("columns", [])}
    rules_of: dict[str, ColumnRule] = {}
    for index, label in labels.items():
        key = data.get(f"c{index}", "")
        for each in ("external_id", "name") if key == BOTH else (key,):
            if each in FIELDS and each != SKIPPED:
                chosen.setdefault(each, []).append(label)
                rules_of.setdefault(each, _rule(data, index, base.columns.get(each)))
    columns = {}
    for key, found in chosen.items():
        same = [column.label for column in before.get(key, ())]
        if sorted(found) == sorted(same):
            # The names that other files of this kind use are kept.
            columns[key] = replace(
                base.columns[key],
                scale=rules_of[key].scale,
                date_order=rules_of[key].date_order,
            )
        else:
            columns[key] = replace(rules_of[key], names=tuple(found), several=len(found) > 1)
    currency = data.get("currency", "").strip().upper()
    if currency and (len(currency) != 3 or not currency.isascii() or not currency.isalpha()):
        errors["currency"] = _("A currency has three letters, such as EUR.")
        currency = ""
    as_of = _day(data.get("as_of", ""))
    if as_of is None:
        errors["as_of"] = _("Give the day the register tells of, such as 2026-09-30.")
    mapping = replace(
        base,
        columns=columns or base.columns,
        values=_values(data, look, base),
        currency=currency,
        decimal_comma="decimal_comma" in data,
    )
    if not {"external_id", "name"} <= set(columns):
        errors["columns"] = _("Say which column holds the id and which the name of a project. One column can be both.")
    return Sent(mapping, as_of, currency, " ".join(data.get("save_as", "").split())[:80], errors)


def _rule(data: QueryDict, index: int, known: ColumnRule | None) -> ColumnRule:
    rule = known or ColumnRule(())
    scale, order = data.get(f"u{index}", ""), data.get(f"d{index}", "")
    if scale in SCALES:
        rule = replace(rule, scale=scale)  # type: ignore[arg-type]
    if order in ORDERS:
        rule = replace(rule, date_order=order)  # type: ignore[arg-type]
    return rule


def _day(text: str) -> date | None:
    try:
        return parse_date(text.strip())
    except ValueError:
        return None


def _values(data: QueryDict, look: Of[str, Any], base: Mapping) -> dict[str, dict[str, str]]:
    """Words with a meaning that was chosen; words that were not on the page keep theirs."""
    values = {key: dict(words) for key, words in base.values.items()}
    for column in look.get("columns", []):
        key = data.get(f"c{column['index']}", "")
        if key not in WORDED:
            continue
        own = values.setdefault(key, {})
        for number, (word, _count) in enumerate(column["words"]):
            name = f"w{column['index']}_{number}"
            if name not in data:
                continue
            for known in [known for known in own if known.casefold() == word.casefold()]:
                del own[known]
            meant = data.get(name, "")
            if meant:
                own[word] = "" if meant == NOTHING else meant
    return {key: words for key, words in values.items() if words}
