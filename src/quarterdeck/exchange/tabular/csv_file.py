"""Comma-separated text and its relatives."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from quarterdeck.exchange.tabular.encoding import decode
from quarterdeck.exchange.tabular.errors import (
    CellTooLarge,
    Damaged,
    NotASpreadsheet,
    QuoteNotClosed,
    TooManyCells,
    TooManyColumns,
    TooManyRows,
)
from quarterdeck.exchange.tabular.workbook import (
    EMPTY,
    Cell,
    Limits,
    Row,
    Sheet,
    Workbook,
    trimmed,
)

DELIMITERS = (",", ";", "\t", "|")
SNIFFED = 64 * 1024
OTHER_TEXT = (
    (
        re.compile(r"\s*<(!doctype html|html|table|head|body)\b", re.IGNORECASE),
        "a web page",
    ),
    (re.compile(r"\s*<(\?xml|!doctype|!entity|[a-z])", re.IGNORECASE), "an XML file"),
    (re.compile(r"\s*[\[{]\s*(\"[^\"\n]*\"\s*:|[\[{])"), "a JSON file"),
    (re.compile(r"\{\\rtf"), "a text document"),
    (re.compile(r"ERMHDR\t"), "a Primavera schedule"),
)
GUARDED = re.compile("'+[=+\\-@\\t\\r\\n＝＋－＠]")


def read_csv(data: bytes, limits: Limits) -> Workbook:
    """
    Read delimited text; line numbers are those of the file.

    Raises
    ------
    ReadError : one of its subclasses, when it is no table or larger than the limits.
    """
    text, encoding = decode(data)
    for pattern, what in OTHER_TEXT:
        if pattern.match(text):
            raise NotASpreadsheet(what=what)
    text, hint, skipped = _hint(text.rstrip("\x1a"))
    delimiter = hint or sniff(text[:SNIFFED])
    before = csv.field_size_limit(limits.cell_characters)
    try:
        rows = tuple(_rows(text, delimiter, skipped, limits))
    finally:
        csv.field_size_limit(before)
    return Workbook("csv", (Sheet("", rows),), encoding, delimiter)


def _hint(text: str) -> tuple[str, str, int]:
    """Excel lets a first line "sep=;" name the delimiter. Returns the rest, the delimiter and the lines left out."""
    found = re.match(r'"?sep=([,;\t|])"?(\r\n|\n|\r)', text, re.IGNORECASE)
    return (text[found.end() :], found.group(1), 1) if found else (text, "", 0)


def sniff(sample: str) -> str:
    """The delimiter that cuts most rows into the same number of cells, at least two."""
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        try:
            widths = [len(cells) for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if cells]
        except csv.Error:
            continue
        # The sample may end inside a row.
        widths = widths[:-1] if len(widths) > 2 else widths
        several = Counter(width for width in widths if width > 1)
        if not several:
            continue
        width, count = several.most_common(1)[0]
        score = count / len(widths) * (1 + min(width, 50) / 50)
        if score > best_score:
            best, best_score = delimiter, score
    return best


class _Lines(Iterator[str]):
    """The lines of a text, remembering those of the row that is being read."""

    def __init__(self, text: str) -> None:
        self.source = io.StringIO(text, newline="")
        self.current: list[str] = []

    def __next__(self) -> str:
        line = next(self.source)
        self.current.append(line)
        return line


def _rows(text: str, delimiter: str, skipped: int, limits: Limits) -> Iterator[Row]:
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter)
    count = cells_in_all = 0
    while True:
        line = reader.line_num + 1 + skipped
        lines.current.clear()
        try:
            texts = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field larger" in str(error):
                # A quotation mark that never closes swallows lines until the limit of a cell is reached.
                raise (QuoteNotClosed(line=line) if len(lines.current) > 1 else _too_large(line, limits)) from None
            raise Damaged from None
        if len(lines.current) > 1 or lines.current[0].count('"') % 2:
            _require_closed(lines.current, delimiter, line)
        cells = trimmed([Cell(bare(text)) if text else EMPTY for text in texts])
        if not cells:
            continue
        if len(cells) > limits.columns:
            raise TooManyColumns(line=line, limit=limits.columns)
        count += 1
        cells_in_all += len(cells)
        if count > limits.rows:
            raise TooManyRows(limit=limits.rows)
        if cells_in_all > limits.cells:
            raise TooManyCells(limit=limits.cells)
        yield Row(line, cells)


def bare(text: str) -> str:
    """A text without the apostrophe that keeps a spreadsheet from taking it for a formula, as exports write it."""
    return text[1:] if GUARDED.match(text) else text


def _too_large(line: int, limits: Limits) -> CellTooLarge:
    return CellTooLarge(line=line, limit=limits.cell_characters)


def _require_closed(lines: list[str], delimiter: str, line: int) -> None:
    """The tolerant reader ends an open quotation at the end of the file without a word; the strict one tells."""
    try:
        for _ in csv.reader(lines, delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise QuoteNotClosed(line=line) from None
