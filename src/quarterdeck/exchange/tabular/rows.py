"""Rows of a table turned into values of a register, with everything that is wrong with them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping as Of
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median

from quarterdeck.exchange.tabular import names
from quarterdeck.exchange.tabular.columns import Reader, Value, readers_of
from quarterdeck.exchange.tabular.fields import FIELDS, SPANS, Holds
from quarterdeck.exchange.tabular.header import Column, Table
from quarterdeck.exchange.tabular.mapping import Mapping, match
from quarterdeck.exchange.tabular.problems import Level, Problem
from quarterdeck.exchange.tabular.workbook import Row

TOTALS = {
    "total", "totals", "grand total", "sum", "sums", "subtotal", "sub total", "overall total",
    "summe", "gesamt", "gesamtsumme", "insgesamt", "zwischensumme", "endsumme",
}  # fmt: skip
# Fewer amounts have no middle to compare with.
ENOUGH_FOR_MEDIAN = 8
SLIP = 1000
UNIT_NAMES = {"thousand": "thousands", "million": "millions", "billion": "billions"}
CURRENCY_NAMES = {
    "GBP": "pounds",
    "EUR": "euros",
    "USD": "dollars",
    "AUD": "dollars",
    "CAD": "dollars",
    "CHF": "francs",
}


@dataclass(frozen=True, slots=True)
class InterpretedRow:
    """
    One project of the register.

    Parameters
    ----------
    values : field to value, for each field that has a column.
    unmapped : label of each other column to its cell as written, empty ones left out.
    refused : the row cannot be imported; a problem of level row says why, or one of the file where no column has ids.
    """

    line: int
    external_id: str
    values: Of[str, Value]
    unmapped: Of[str, str]
    problems: tuple[Problem, ...] = ()
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Interpretation:
    """The register as the mapping understands it: labels of the columns of each field, and problems of the file."""

    mapping: str
    as_of: dt.date | None
    columns: Of[str, tuple[str, ...]]
    rows: tuple[InterpretedRow, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def accepted(self) -> tuple[InterpretedRow, ...]:
        return tuple(row for row in self.rows if not row.refused)

    @property
    def refused(self) -> tuple[InterpretedRow, ...]:
        return tuple(row for row in self.rows if row.refused)

    def all_problems(self) -> tuple[Problem, ...]:
        """Those of the file first, then row by row."""
        return self.problems + tuple(problem for row in self.rows for problem in row.problems)


@dataclass(slots=True)
class _Draft:
    """A row while problems are still being found."""

    row: Row
    values: dict[str, Value] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    refused: bool = False


def interpret(table: Table, mapping: Mapping) -> Interpretation:
    """
    Every row of the table with its values and problems. Nothing in a cell can make it raise.

    Example
    -------
    `interpret(find_table(read(path)), mapping).accepted[0].values["whole_life_cost"].value` is `Decimal("3330000000")`
    for a cell "£3,330" below "Whole life costs (£m)".
    """
    columns = match(mapping, table)
    readers, file_problems = readers_of(table, mapping, columns)
    file_problems += [problem for problem in table.problems if problem.level is Level.FILE]
    missing, missing_problems = _missing(mapping, columns)
    drafts = [_draft(row, readers) for row in table.rows]
    _attach_shape_problems(table, drafts)
    for draft in drafts:
        _judge(draft, table, columns, missing)
        _compare_dates(draft, mapping, readers)
    _refuse_same_ids(drafts, columns)
    _flag_unit_slips(drafts, readers)
    used = {column.index for own in columns.values() for column in own}
    others = [column for column in table.columns if column.index not in used]
    return Interpretation(
        mapping.name,
        mapping.as_of,
        {key: tuple(column.label for column in own) for key, own in columns.items()},
        tuple(_finished(draft, table, others) for draft in drafts),
        tuple(missing_problems + file_problems),
    )


def _draft(row: Row, readers: dict[str, Reader]) -> _Draft:
    draft = _Draft(row)
    for key, reader in readers.items():
        draft.values[key], problems = reader.read(row)
        draft.problems += problems
    return draft


def _finished(draft: _Draft, table: Table, others: list[Column]) -> InterpretedRow:
    unmapped = {column.label: text for column in others if (text := table.cell(draft.row, column).text).strip()}
    external_id = _text(draft, "external_id")
    problems = tuple(sorted(draft.problems, key=lambda problem: problem.level is not Level.ROW))
    return InterpretedRow(draft.row.line, external_id, draft.values, unmapped, problems, draft.refused)


def _text(draft: _Draft, key: str) -> str:
    value = draft.values[key].value if key in draft.values else None
    return value if isinstance(value, str) else ""


def _missing(mapping: Mapping, columns: dict[str, tuple[Column, ...]]) -> tuple[set[str], list[Problem]]:
    """Required fields without a column, and a problem for each field the mapping expects in vain."""
    missing, problems = set(), []
    for key, known in FIELDS.items():
        if key in columns:
            continue
        if known.required:
            missing.add(key)
            problems.append(Problem(0, "", "", Level.FILE, "no_required_column", {"noun": known.noun}))
        elif key in mapping.columns:
            details = {
                "noun": known.noun,
                "names": '", "'.join(mapping.columns[key].names[:5]),
            }
            problems.append(Problem(0, "", "", Level.FILE, "no_column", details))
    return missing, problems


def _attach_shape_problems(table: Table, drafts: list[_Draft]) -> None:
    by_line = {draft.row.line: draft for draft in drafts}
    for problem in table.problems:
        if problem.level is Level.ROW and problem.line in by_line:
            by_line[problem.line].problems.append(problem)


def _judge(
    draft: _Draft,
    table: Table,
    columns: dict[str, tuple[Column, ...]],
    missing: set[str],
) -> None:
    """Refuse what is no project: no id, no name, a total, or the header once more."""
    draft.refused = bool(missing)
    absent = [key for key in ("external_id", "name") if key in columns and not _text(draft, key)]
    if _repeats_header(draft.row, table):
        _refuse(draft, "header_again", columns)
    elif absent and any(names.normal(cell.text) in TOTALS for cell in draft.row.cells):
        _refuse(draft, "total_row", columns)
    else:
        for key in absent:
            _refuse(draft, "no_id" if key == "external_id" else "no_name", columns, key)


def _repeats_header(row: Row, table: Table) -> bool:
    named = [column for column in table.columns if column.name.strip()]
    same = sum(names.collapsed(table.cell(row, column).text) == names.collapsed(column.name) for column in named)
    return same >= 2 and same >= 0.8 * len(named)


def _refuse(
    draft: _Draft,
    code: str,
    columns: dict[str, tuple[Column, ...]],
    key: str = "",
    **details: str,
) -> None:
    column = columns[key][0] if key else None
    as_written = (
        draft.values[key].as_written if key else " | ".join(cell.text for cell in draft.row.cells if cell.text)[:500]
    )
    letter, label = (column.letter, column.label) if column else ("", "")
    draft.problems.append(Problem(draft.row.line, letter, label, Level.ROW, code, details, as_written))
    draft.refused = True


def _refuse_same_ids(drafts: list[_Draft], columns: dict[str, tuple[Column, ...]]) -> None:
    """Rows that were refused already claim no id."""
    by_id: defaultdict[str, list[_Draft]] = defaultdict(list)
    for draft in drafts:
        if not draft.refused and (external_id := _text(draft, "external_id")):
            by_id[external_id.casefold()].append(draft)
    for same in by_id.values():
        if len(same) > 1:
            lines = _listed([str(draft.row.line) for draft in same])
            for draft in same:
                _refuse(
                    draft,
                    "same_id",
                    columns,
                    "external_id",
                    id=_text(draft, "external_id"),
                    lines=lines,
                )


def _listed(words: list[str]) -> str:
    """
    Words of a sentence.

    >>> _listed(["3", "7", "9"])
    '3, 7 and 9'
    """
    shown = words if len(words) <= 12 else [*words[:11], f"{len(words) - 11} more"]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _compare_dates(draft: _Draft, mapping: Mapping, readers: dict[str, Reader]) -> None:
    for start_key, finish_key in SPANS:
        start, finish = _day(draft, start_key), _day(draft, finish_key)
        if start and finish and start > finish:
            details = {"start": _long_date(start), "finish": _long_date(finish)}
            draft.problems.append(_doubt(draft, start_key, readers, "start_after_finish", details))
    for key in ("actual_start", "actual_finish"):
        day = _day(draft, key)
        if day and mapping.as_of and day > mapping.as_of:
            details = {
                "noun": FIELDS[key].noun,
                "date": _long_date(day),
                "as_of": _long_date(mapping.as_of),
            }
            draft.problems.append(_doubt(draft, key, readers, "in_the_future", details))


def _day(draft: _Draft, key: str) -> dt.date | None:
    value = draft.values[key].value if key in draft.values else None
    return value if isinstance(value, dt.date) else None


def _long_date(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"


def _doubt(
    draft: _Draft,
    key: str,
    readers: dict[str, Reader],
    code: str,
    details: dict[str, str],
) -> Problem:
    value = draft.values[key]
    column = next(column for column in readers[key].columns if column.label == value.column)
    return Problem(
        draft.row.line,
        column.letter,
        column.label,
        Level.CELL,
        code,
        details,
        value.as_written,
    )


def _flag_unit_slips(drafts: list[_Draft], readers: dict[str, Reader]) -> None:
    """An amount a thousand times the middle of its column was probably written in another unit."""
    for key, reader in readers.items():
        if FIELDS[key].holds is not Holds.MONEY:
            continue
        amounts = {index: amount for index, draft in enumerate(drafts) if (amount := _amount(draft, key)) is not None}
        positive = [amount for amount in amounts.values() if amount > 0]
        if len(positive) < ENOUGH_FOR_MEDIAN:
            continue
        middle = median(positive)
        for index, amount in amounts.items():
            if amount >= SLIP * middle:
                details = {
                    "noun": FIELDS[key].noun,
                    "times": f"{int(amount / middle):,}",
                }
                scale = reader.scales[drafts[index].values[key].column]
                if scale != "one":
                    currency = drafts[index].values[key].currency
                    details |= {
                        "unit": UNIT_NAMES[scale],
                        "small": CURRENCY_NAMES.get(currency, "whole units"),
                    }
                code = "far_above" if scale == "one" else "unit_slip"
                drafts[index].problems.append(_doubt(drafts[index], key, readers, code, details))


def _amount(draft: _Draft, key: str) -> Decimal | None:
    value = draft.values[key].value
    return value if isinstance(value, Decimal) and not draft.refused else None
