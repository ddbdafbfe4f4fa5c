"""Where the table is: the sheet, the line with the names of the columns, and the rows below it."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from math import log2

from quarterdeck.exchange.tabular import names
from quarterdeck.exchange.tabular.errors import NoSuchSheet, NoTable
from quarterdeck.exchange.tabular.problems import Level, Problem
from quarterdeck.exchange.tabular.workbook import (
    EMPTY,
    Cell,
    Kind,
    Row,
    Sheet,
    Workbook,
)

LOOKED_AT = 30
SAMPLE = 40
LONGEST_NAME = 120
# A column without a name counts as one when so many rows fill it; fewer are spilled sentences.
FILLED_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Column:
    """
    One column. `name` is as written, `label` on one line and unique within the table, `index` counts from 0.
    """

    index: int
    letter: str
    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Table:
    """The rows below a header, with what is wrong with their shape."""

    sheet: str
    header_line: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()

    def cell(self, row: Row, column: Column) -> Cell:
        return row.cells[column.index] if column.index < len(row.cells) else EMPTY

    def column(self, label: str) -> Column | None:
        return next((column for column in self.columns if column.label == label), None)


@dataclass(frozen=True, slots=True)
class Place:
    """A line that may be the header. `score` orders places, more is likelier; `names` is what a person chooses by."""

    sheet: str
    header_line: int
    score: float
    names: tuple[str, ...]
    rows_below: int


def places(workbook: Workbook, *, known: Collection[str] = ()) -> list[Place]:
    """
    Lines that may hold the names of columns, likeliest first.

    Parameters
    ----------
    known : normal forms of names that registers use (`names.normal`); each one met makes a line likelier.
    """
    found = [place for sheet in workbook.sheets for place in _places_in(sheet, frozenset(known))]
    return sorted(found, key=lambda place: -place.score)


def find_table(
    workbook: Workbook,
    *,
    sheet: str | None = None,
    header_line: int | None = None,
    known: Collection[str] = (),
) -> Table:
    """
    The likeliest table, or the one a person chose by sheet and line.

    Raises
    ------
    NoTable, NoSuchSheet
    """
    if sheet is not None and not any(sheet == one.name for one in workbook.sheets):
        raise NoSuchSheet(sheet=sheet)
    candidates = [one for one in workbook.sheets if sheet is None or one.name == sheet]
    if header_line is not None:
        for one in candidates:
            for position, row in enumerate(one.rows):
                if row.line == header_line:
                    return _table(one, position)
        raise NoTable()
    best = next(iter(places(Workbook(workbook.form, tuple(candidates)), known=known)), None)
    if best is None:
        raise NoTable()
    return find_table(workbook, sheet=best.sheet, header_line=best.header_line)


def _places_in(sheet: Sheet, known: frozenset[str]) -> list[Place]:
    found = []
    for position, row in enumerate(sheet.rows[:LOOKED_AT]):
        below = sheet.rows[position + 1 : position + 1 + SAMPLE]
        score = _score(row, below, known)
        if score > 0:
            depth = 1 + min(log2(1 + len(sheet.rows) - position), 8) / 8
            written = tuple(names.collapsed(cell.text) for cell in row.cells if cell.text.strip())
            hidden = 0.5 if sheet.hidden else 1.0
            found.append(
                Place(
                    sheet.name,
                    row.line,
                    score * depth * hidden,
                    written,
                    len(sheet.rows) - position - 1,
                )
            )
    return found


def _score(row: Row, below: tuple[Row, ...], known: frozenset[str]) -> float:
    """
    Many distinct short texts, with rows below that fill the same columns with something else.

    A title above the table has one text; a row of data has numbers, dates or values that come again below.
    """
    filled = [index for index, cell in enumerate(row.cells) if cell.text.strip()]
    if len(filled) < 2 or not below:
        return 0.0
    short = [index for index in filled if _is_name(row.cells[index])]
    distinct = {names.normal(row.cells[index].text) for index in short}
    if len(distinct) < 2:
        return 0.0
    share = len(distinct) / len(filled)
    width = sum(1 for index in filled if any(_text(other, index) for other in below)) / len(filled)
    unlike = sum(1 for index in filled if _is_unlike(row.cells[index], index, below)) / len(filled)
    met = sum(1 for index in short if known.intersection(names.forms(row.cells[index].text)))
    return (min(len(distinct), 15) + 3 * met) * share**2 * (0.2 + 0.8 * width) * (0.5 + 0.5 * unlike)


def _is_name(cell: Cell) -> bool:
    if cell.kind is not Kind.TEXT:
        return False
    form = next(iter(reversed(names.forms(cell.text))), "")
    # Years and numbers may name columns, but a row of them is data.
    return 0 < len(form) <= LONGEST_NAME and any(letter.isalpha() for letter in form)


def _text(row: Row, index: int) -> str:
    return row.cells[index].text.strip() if index < len(row.cells) else ""


def _is_unlike(cell: Cell, index: int, below: tuple[Row, ...]) -> bool:
    """Nothing below repeats the name, and what is there is of another kind, repeats itself or is longer."""
    texts = [text for row in below if (text := _text(row, index))]
    if not texts or cell.text.strip() in texts:
        return False
    kinds = {row.cells[index].kind for row in below if _text(row, index)}
    digits = not _has_digit(cell.text) and sum(map(_has_digit, texts)) >= len(texts) / 2
    return (
        bool(kinds - {Kind.TEXT, Kind.EMPTY})
        or digits
        or len(set(texts)) < len(texts)
        or sum(map(len, texts)) / len(texts) > 1.5 * len(cell.text)
    )


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def _table(sheet: Sheet, position: int) -> Table:
    header, rows = sheet.rows[position], sheet.rows[position + 1 :]
    used = Counter(index for row in rows for index, cell in enumerate(row.cells) if cell.text.strip())
    named = {index for index, cell in enumerate(header.cells) if cell.text.strip()}
    width = max(named, default=-1) + 1
    indexes = sorted(
        named | {index for index, count in used.items() if index < width or count >= FILLED_SHARE * len(rows)}
    )
    last = indexes[-1] + 1 if indexes else 0
    columns, problems = _columns(header, indexes)
    for row in rows:
        if len(row.cells) > last:
            problems.append(
                Problem(
                    row.line,
                    names.letter(last),
                    "",
                    Level.ROW,
                    "too_many_cells",
                    {
                        "count": str(len(row.cells)),
                        "expected": str(last),
                        "letter": names.letter(last - 1),
                    },
                    " | ".join(cell.text for cell in row.cells[last:] if cell.text.strip()),
                )
            )
    return Table(sheet.name, header.line, columns, rows, tuple(problems))


def _columns(header: Row, indexes: list[int]) -> tuple[tuple[Column, ...], list[Problem]]:
    """Columns with labels that differ: one without a name, and the second of a name, are called by their letter."""
    columns: list[Column] = []
    twins: dict[str, list[Column]] = {}
    for index in indexes:
        name = header.cells[index].text if index < len(header.cells) else ""
        label, letter = names.collapsed(name), names.letter(index)
        taken = {column.label for column in columns}
        if not label:
            label = f"Column {letter}"
        first = next(
            (column for column in columns if names.collapsed(column.name) == label),
            None,
        )
        while label in taken:
            label = f"{label} (column {letter})"
        column = Column(index, letter, name, label)
        columns.append(column)
        if first is not None:
            twins.setdefault(first.label, [first]).append(column)
    problems = [
        Problem(
            header.line,
            same[0].letter,
            label,
            Level.FILE,
            "same_column_name",
            {
                "letters": ", ".join(column.letter for column in same),
                "name": label,
                "others": ", ".join(f'"{column.label}"' for column in same[1:]),
            },
        )
        for label, same in twins.items()
    ]
    return tuple(columns), problems
