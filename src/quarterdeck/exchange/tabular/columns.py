"""How the cells of each mapped column are read: one reader a field, which has looked at its whole column first."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from quarterdeck.exchange.tabular.fields import FIELDS, Holds
from quarterdeck.exchange.tabular.header import Column, Table
from quarterdeck.exchange.tabular.mapping import Mapping
from quarterdeck.exchange.tabular.names import collapsed, normal
from quarterdeck.exchange.tabular.problems import Level, Problem, excerpt
from quarterdeck.exchange.tabular.values.dates import (
    Day,
    Precision,
    orders,
    read_date,
)
from quarterdeck.exchange.tabular.values.money import (
    Amount,
    Scale,
    currency_of,
    read_money,
    scale_of,
)
from quarterdeck.exchange.tabular.values.unusable import Unusable
from quarterdeck.exchange.tabular.values.words import (
    is_no_value,
    is_sentence,
    no_value_words,
    read_address,
    read_flag,
    read_rating,
    read_tier,
)
from quarterdeck.exchange.tabular.workbook import Cell, Kind, Row

Reason = Literal["not_given", "withheld", "unusable"]
Meaning = str | dt.date | Decimal | int | bool | None
EXCEL_DAY = "46112"


@dataclass(frozen=True, slots=True)
class Value:
    """
    What a cell means for its field.

    Parameters
    ----------
    value : text, date, Decimal in whole units of `currency`, rating, tier or flag; None where nothing usable is there.
    as_written : the cell, untouched.
    reason : why there is no value: nothing was given, a sentence stands in its place, or the cell cannot be read.
    column : label of the column it comes from.
    precision : of a date; "Mar 2026" is of a month and means its last day for a finish, its first for a start.
    """

    value: Meaning
    as_written: str
    reason: Reason | None = None
    column: str = ""
    precision: Precision | None = None
    currency: str = ""

    @property
    def explanation(self) -> str:
        """The sentence that stands in the place of a value, on one line."""
        return collapsed(self.as_written) if self.reason == "withheld" else ""


@dataclass(frozen=True, slots=True)
class _Told:
    """One cell: its value, and at most one problem with its code and details."""

    value: Value
    code: str = ""
    details: tuple[tuple[str, str], ...] = ()


class Reader:
    """Reads one field of a row from its columns: the first usable cell wins, and every unusable one is a problem."""

    def __init__(self, table: Table, mapping: Mapping, key: str, columns: tuple[Column, ...]) -> None:
        self.table, self.mapping, self.field, self.columns = (
            table,
            mapping,
            FIELDS[key],
            columns,
        )
        self.rule = mapping.columns[key]
        self.nothing = no_value_words(mapping.no_value)
        self.words = {normal(word) or word.strip(): meant for word, meant in mapping.values.get(key, {}).items()}
        self.month_first: dict[str, bool] = {}
        self.scales: dict[str, Scale] = {}
        self.currencies: dict[str, str] = {}
        if self.field.holds is Holds.MONEY:
            for column in columns:
                self.scales[column.label] = (
                    scale_of(column.name[:500]) if self.rule.scale == "auto" else self.rule.scale
                )
                expected = self.rule.currency or currency_of(column.name[:500], mapping.currency)
                self.currencies[column.label] = expected

    def read(self, row: Row) -> tuple[Value, list[Problem]]:
        problems: list[Problem] = []
        told = []
        for column in self.columns:
            one = self._tell(self.table.cell(row, column), column)
            told.append(one.value)
            if one.code:
                details = {"noun": self.field.noun, **dict(one.details)}
                as_written = one.value.as_written
                problems.append(
                    Problem(
                        row.line,
                        column.letter,
                        column.label,
                        Level.CELL,
                        one.code,
                        details,
                        as_written,
                    )
                )
        ranked = {None: 0, "withheld": 1, "unusable": 2, "not_given": 3}
        return min(told, key=lambda value: ranked[value.reason]), problems

    def text_of(self, cell: Cell) -> str:
        """The cell with the words of the mapping put in."""
        if self.words and len(cell.text) <= 500:
            return self.words.get(normal(cell.text) or cell.text.strip(), cell.text)
        return cell.text

    def _tell(self, cell: Cell, column: Column) -> _Told:
        text = self.text_of(cell)
        if is_no_value(text, self.nothing):
            return _Told(Value(None, cell.text, "not_given", column.label))
        if cell.kind is Kind.ERROR:
            return self._unusable(Unusable("spreadsheet_error", {"text": excerpt(text)}), cell, column)
        tellers: dict[Holds, Callable[[str, Cell, Column], _Told]] = {
            Holds.TEXT: self._prose,
            Holds.DATE: self._date,
            Holds.MONEY: self._money,
            Holds.FLAG: self._flag,
        }
        return tellers.get(self.field.holds, self._word)(text, cell, column)

    def _unusable(self, found: Unusable, cell: Cell, column: Column) -> _Told:
        """A sentence in the place of a value is its reason; anything else unreadable is a mistake."""
        if found.code != "spreadsheet_error" and is_sentence(cell.text):
            details = (("text", excerpt(cell.text)),)
            return _Told(Value(None, cell.text, "withheld", column.label), "sentence", details)
        return _Told(
            Value(None, cell.text, "unusable", column.label),
            found.code,
            tuple(found.details.items()),
        )

    def _prose(self, text: str, cell: Cell, column: Column) -> _Told:
        text = _with_lines(text) if self.field.lines else collapsed(text)
        if len(text) > self.field.longest:
            details = {"count": f"{len(text):,}", "limit": f"{self.field.longest:,}"}
            return _Told(
                Value(None, cell.text, "unusable", column.label),
                "too_long",
                tuple(details.items()),
            )
        return _Told(Value(text, cell.text, None, column.label))

    def _word(self, text: str, cell: Cell, column: Column) -> _Told:
        found: str | int | Unusable
        match self.field.holds:
            case Holds.CONFIDENCE:
                found = read_rating(text)
            case Holds.TIER:
                found = read_tier(text)
            case _:
                found = read_address(text)
        if isinstance(found, Unusable):
            return self._unusable(found, cell, column)
        return _Told(Value(found, cell.text, None, column.label))

    def _flag(self, text: str, cell: Cell, column: Column) -> _Told:
        found = read_flag(text)
        if isinstance(found, Unusable):
            # Nobody must see a project because a word in this column was new.
            return _Told(
                Value(True, cell.text, None, column.label),
                found.code,
                tuple(found.details.items()),
            )
        return _Told(Value(found, cell.text, None, column.label))

    def _date(self, text: str, cell: Cell, column: Column) -> _Told:
        found = read_date(text, month_first=self.month_first.get(column.label, False))
        if isinstance(found, Unusable):
            return self._unusable(found, cell, column)
        day = found.last if self.field.ends else found.first
        value = Value(day, cell.text, None, column.label, found.precision)
        if found.form == EXCEL_DAY:
            return _Told(value, "excel_day", (("text", text), ("date", f"{day.day} {day:%B %Y}")))
        return _Told(value)

    def _money(self, text: str, cell: Cell, column: Column) -> _Told:
        expected = self.currencies[column.label]
        comma = self.mapping.decimal_comma and cell.kind is not Kind.NUMBER
        found = read_money(
            text,
            scale=self.scales[column.label],
            currency=expected,
            decimal_comma=comma,
        )
        if isinstance(found, Unusable):
            return self._unusable(found, cell, column)
        value = Value(found.value, cell.text, None, column.label, currency=found.currency)
        if expected and found.currency != expected:
            return _Told(
                value,
                "other_currency",
                (("currency", found.currency), ("expected", expected)),
            )
        if found.value < 0 and not self.field.may_be_negative:
            return _Told(value, "negative")
        return _Told(value)


def _with_lines(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()).strip()


def readers_of(
    table: Table, mapping: Mapping, columns: dict[str, tuple[Column, ...]]
) -> tuple[dict[str, Reader], list[Problem]]:
    """A reader for each field that has columns, and what their columns as a whole leave open."""
    readers = {key: Reader(table, mapping, key, own) for key, own in columns.items()}
    problems = _settle_orders(table, mapping, readers)
    problems += _mixed_forms(table, readers)
    money = [reader for reader in readers.values() if reader.field.holds is Holds.MONEY]
    expected = any(reader.currencies[column.label] for reader in money for column in reader.columns)
    if money and not expected and not any(_names_currency(table, reader) for reader in money):
        problems.append(Problem(0, "", "", Level.FILE, "no_currency"))
    return readers, problems


def _names_currency(table: Table, reader: Reader) -> bool:
    return any(
        isinstance(
            found := read_money(table.cell(row, column).text, decimal_comma=reader.mapping.decimal_comma),
            Amount,
        )
        and found.currency
        for column in reader.columns
        for row in table.rows
    )


def _texts(table: Table, column: Column) -> list[str]:
    return [text for row in table.rows if (text := table.cell(row, column).text.strip())]


def _settle_orders(table: Table, mapping: Mapping, readers: dict[str, Reader]) -> list[Problem]:
    """Day or month first: what the mapping says, else what the column proves, else what the other columns prove."""
    dated = [
        (reader, column, orders(_texts(table, column)))
        for reader in readers.values()
        if reader.field.holds is Holds.DATE
        for column in reader.columns
    ]
    proven_elsewhere = sum(found.month_first for *_, found in dated) > sum(found.day_first for *_, found in dated)
    nothing_proven = not any(found.day_first or found.month_first for *_, found in dated)
    problems = []
    for reader, column, found in dated:
        said = reader.rule.date_order if reader.rule.date_order != "auto" else mapping.date_order
        month_first = found.month_first > found.day_first or (
            not found.month_first and not found.day_first and proven_elsewhere
        )
        if said != "auto":
            month_first = said == "month"
        reader.month_first[column.label] = month_first
        order = {"order": "month" if month_first else "day"}
        if found.day_first and found.month_first:
            order |= {
                "day_first": str(found.day_first),
                "month_first": str(found.month_first),
            }
            problems.append(
                Problem(
                    table.header_line,
                    column.letter,
                    column.label,
                    Level.FILE,
                    "both_orders",
                    order,
                )
            )
        elif found.either and nothing_proven and said == "auto":
            problems.append(
                Problem(
                    table.header_line,
                    column.letter,
                    column.label,
                    Level.FILE,
                    "day_or_month_first",
                    order,
                )
            )
    return problems


def _mixed_forms(table: Table, readers: dict[str, Reader]) -> list[Problem]:
    problems = []
    for reader in readers.values():
        if reader.field.holds is not Holds.DATE:
            continue
        for column in reader.columns:
            month_first = reader.month_first[column.label]
            found = (read_date(text, month_first=month_first) for text in _texts(table, column))
            forms = Counter(day.form for day in found if isinstance(day, Day))
            if len(forms) > 1:
                listed = ", ".join(f"{form} ({count})" for form, count in forms.most_common())
                details = {"count": str(len(forms)), "forms": listed}
                problems.append(
                    Problem(
                        table.header_line,
                        column.letter,
                        column.label,
                        Level.FILE,
                        "two_date_forms",
                        details,
                    )
                )
    return problems
