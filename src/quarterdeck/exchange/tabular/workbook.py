"""What a file holds before anybody knows what it means: sheets of rows of cells as text."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

MEGABYTE = 1024 * 1024


class Kind(StrEnum):
    """What the file itself said about a cell. CSV says nothing: every cell is text."""

    EMPTY = ""
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    BOOLEAN = "boolean"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Cell:
    """
    One cell. `text` is canonical for everything but text: 1234.5, 2026-03-31 or 2026-03-31 17:00:00, TRUE, #REF!.

    A number keeps every digit the file has, so that money can be read exactly.
    """

    text: str
    kind: Kind = Kind.TEXT


EMPTY = Cell("", Kind.EMPTY)


@dataclass(frozen=True, slots=True)
class Row:
    """
    One row without empty cells at its end. `line` is the row of a sheet, or the line of the text file where it begins.

    A text file counts every line break, also those inside quoted cells, as an editor does.
    """

    line: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet without its empty rows. A CSV file is one sheet without a name."""

    name: str
    rows: tuple[Row, ...]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Workbook:
    """A file that was read. `encoding` and `delimiter` are empty for XLSX."""

    form: str
    sheets: tuple[Sheet, ...]
    encoding: str = ""
    delimiter: str = ""

    def rows(self) -> Iterator[Row]:
        for sheet in self.sheets:
            yield from sheet.rows


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. Sizes in bytes unless the name says otherwise."""

    file_bytes: int = 20 * MEGABYTE
    rows: int = 20_000
    columns: int = 200
    cells: int = 1_000_000
    cell_characters: int = 1_000_000
    unpacked_bytes: int = 200 * MEGABYTE
    unpack_ratio: int = 150
    parts: int = 1_000
    output_bytes: int = 64 * MEGABYTE
    memory_bytes: int = 512 * MEGABYTE
    cpu_seconds: int = 10
    wall_seconds: float = 20.0


USUAL = Limits()


def trimmed(cells: list[Cell]) -> tuple[Cell, ...]:
    """The cells up to the last one that is not empty."""
    end = len(cells)
    while end and not cells[end - 1].text.strip():
        end -= 1
    return tuple(cells[:end])
