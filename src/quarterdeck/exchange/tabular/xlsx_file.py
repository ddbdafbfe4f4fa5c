"""
XLSX: checked part by part before the spreadsheet library sees it.

The library gets a fresh archive that holds only parts that were unpacked, counted and parsed here. Lying sizes, doubled
or overlapping entries, names that leave the folder, declared entities and cells far outside any register end before it.
"""

import codecs
import datetime as dt
import io
import math
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from xml.parsers import expat

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from quarterdeck.exchange.tabular.errors import (
    CellTooLarge,
    Damaged,
    DeclaresEntities,
    NotASpreadsheet,
    OtherSpreadsheet,
    PasswordProtected,
    ReadError,
    TooManyCells,
    TooManyColumns,
    TooManyParts,
    TooManyRows,
    TooMuchMemory,
    UnpacksTooLarge,
)
from quarterdeck.exchange.tabular.workbook import (
    EMPTY,
    MEGABYTE,
    Cell,
    Kind,
    Limits,
    Row,
    Sheet,
    Workbook,
    trimmed,
)

END_OF_DIRECTORY = b"PK\x05\x06"
REFERENCE = re.compile(r"([A-Z]{1,4})([0-9]{1,8})")
DEPTH = 100
CHUNK = 64 * 1024
NEEDED = re.compile(r"(\[content_types\]\.xml|.*\.rels|.*\.xml)", re.IGNORECASE)
LEFT_OUT = re.compile(
    r"(docprops|customxml|xl/(drawings|charts|media|theme|comments|threadedcomments|persons|pivottables|pivotcache"
    r"|externallinks|printersettings|revisions|querytables|slicers|slicercaches|chartsheets|diagrams|ctrlprops|model))",
    re.IGNORECASE,
)
LIBRARY_ERRORS = (
    CalamineError,
    ValueError,
    OverflowError,
    KeyError,
    IndexError,
    OSError,
)


def read_xlsx(data: bytes, limits: Limits) -> Workbook:
    """
    Read the worksheets of a workbook, hidden ones marked. Formulas count with the result the file holds.

    Raises
    ------
    ReadError : one of its subclasses, when it is no workbook, dangerous or larger than the limits.
    """
    try:
        clean, checks = _checked_parts(data, limits)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OSError,
        UnicodeError,
        ValueError,
    ):
        raise Damaged() from None
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(clean))
        errors = {check.path: check.errors for check in checks}
        paths = _paths(clean)
        sheets = tuple(
            Sheet(
                meta.name,
                tuple(_rows(book, meta.name, errors.get(paths.get(meta.name, ""), {}))),
                hidden,
            )
            for meta in book.sheets_metadata
            if meta.typ == SheetTypeEnum.WorkSheet
            for hidden in [meta.visible != SheetVisibleEnum.Visible]
        )
    except LIBRARY_ERRORS:
        raise Damaged() from None
    return Workbook("xlsx", sheets)


def _checked_parts(data: bytes, limits: Limits) -> tuple[bytes, list["_SheetCheck"]]:
    """The archive again with only the parts that are needed, and what was seen in its sheets."""
    _require_few_parts(data, limits)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        _require_plausible(parts, limits)
        _require_workbook(parts)
        budget = limits.unpacked_bytes
        clean, sheets, strings = io.BytesIO(), [], _StringsCheck(limits)
        with zipfile.ZipFile(clean, "w", zipfile.ZIP_STORED) as copy:
            for part in parts:
                if not NEEDED.fullmatch(part.filename) or LEFT_OUT.match(part.filename):
                    continue
                check = _SheetCheck(part.filename, limits)
                content = _unpacked(archive, part, budget, check, strings)
                budget -= len(content)
                copy.writestr(part.filename, content)
                if check.is_sheet:
                    sheets.append(check)
    _require_bounded_text(sheets, strings, limits)
    return clean.getvalue(), sheets


def _require_few_parts(data: bytes, limits: Limits) -> None:
    """Counted from the last record, so that an archive of a million entries is not even listed."""
    end = data.rfind(END_OF_DIRECTORY)
    if end < 0 or len(data) < end + 22:
        raise Damaged()
    if int.from_bytes(data[end + 10 : end + 12], "little") > limits.parts:
        raise TooManyParts(limit=limits.parts)
    if int.from_bytes(data[end + 12 : end + 16], "little") > 512 * limits.parts:
        raise TooManyParts(limit=limits.parts)


def _require_plausible(parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(parts) > limits.parts:
        raise TooManyParts(limit=limits.parts)
    if any(part.flag_bits & 1 for part in parts):
        raise PasswordProtected()
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.unpacked_bytes:
        raise UnpacksTooLarge()
    for part in parts:
        if part.file_size > MEGABYTE and part.file_size > limits.unpack_ratio * max(part.compress_size, 1):
            raise UnpacksTooLarge()
    names = [part.filename.casefold() for part in parts]
    if len(set(names)) < len(names) or any(_leaves_folder(name) for name in names):
        raise Damaged()


def _leaves_folder(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/") or "\0" in name


def _require_workbook(parts: list[zipfile.ZipInfo]) -> None:
    names = {part.filename.casefold() for part in parts}
    if any(re.fullmatch(r"xl/workbook\d*\.xml", name) for name in names):
        return
    if "xl/workbook.bin" in names:
        raise OtherSpreadsheet(what="a binary Excel workbook (XLSB)")
    if "content.xml" in names:
        raise OtherSpreadsheet(what="an OpenDocument file")
    if any(name.startswith("word/") for name in names):
        raise NotASpreadsheet(what="a text document")
    if any(name.startswith("ppt/") for name in names):
        raise NotASpreadsheet(what="a presentation")
    raise NotASpreadsheet(what="a ZIP archive")


def _unpacked(
    archive: zipfile.ZipFile,
    part: zipfile.ZipInfo,
    budget: int,
    sheet: "_SheetCheck",
    strings: "_StringsCheck",
) -> bytes:
    """The bytes of one part, counted while they come, and parsed at the same time."""
    content = bytearray()
    # One encoding, whatever the part declares, so that the library cannot read other characters than this parser saw.
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    _Reader(parser, sheet, strings)
    with archive.open(part) as source:
        while chunk := source.read(CHUNK):
            if not content and chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise Damaged()
            content += chunk
            if len(content) > budget:
                raise UnpacksTooLarge()
            _parse(parser, chunk, last=False)
    _parse(parser, b"", last=True)
    return bytes(content)


def _parse(parser: expat.XMLParserType, chunk: bytes, *, last: bool) -> None:
    try:
        parser.Parse(chunk, last)
    except expat.ExpatError:
        raise Damaged() from None


@dataclass(slots=True)
class _StringsCheck:
    """Lengths of the shared strings in their order; a cell names its string by number."""

    limits: Limits
    lengths: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _SheetCheck:
    """What one part showed if it is a sheet: how far its cells reach, errors by (line, column), shared strings used."""

    path: str
    limits: Limits
    is_sheet: bool = False
    cells: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    shared: Counter[int] = field(default_factory=Counter)
    lines: dict[int, int] = field(default_factory=dict)


class _Reader:
    """The handlers of one part. The first element decides whether it is a sheet, the shared strings or neither."""

    def __init__(self, parser: expat.XMLParserType, sheet: _SheetCheck, strings: _StringsCheck) -> None:
        self.parser, self.sheet, self.strings, self.limits = (
            parser,
            sheet,
            strings,
            sheet.limits,
        )
        self.depth = self.line = self.column = 0
        self.kind = self.text = ""
        parser.StartDoctypeDeclHandler = self.declares
        parser.EntityDeclHandler = self.declares
        parser.StartElementHandler = self.first
        parser.EndElementHandler = self.leave

    def declares(self, *_: object) -> None:
        raise DeclaresEntities()

    def enter(self, _name: str, _attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEPTH:
            raise Damaged()

    def leave(self, _name: str) -> None:
        self.depth -= 1

    def first(self, name: str, attributes: dict[str, str]) -> None:
        self.depth = 1
        root = name.rpartition(":")[2]
        self.parser.StartElementHandler = self.enter
        if root == "worksheet":
            self.sheet.is_sheet = True
            self.parser.StartElementHandler = self.enter_in_sheet
            self.parser.EndElementHandler = self.leave_in_sheet
        elif root == "sst":
            self.parser.StartElementHandler = self.enter_in_strings
            self.parser.CharacterDataHandler = self.string_text

    def enter_in_strings(self, name: str, attributes: dict[str, str]) -> None:
        self.enter(name, attributes)
        if name.rpartition(":")[2] == "si":
            self.strings.lengths.append(0)

    def string_text(self, text: str) -> None:
        if self.strings.lengths:
            self.strings.lengths[-1] += len(text)

    def enter_in_sheet(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEPTH:
            raise Damaged()
        name = name[name.find(":") + 1 :]
        if name == "row":
            self.line, self.column = _number(attributes.get("r"), self.line + 1), 0
            if self.line > self.limits.rows + 1:
                raise TooManyRows(limit=self.limits.rows)
        elif name == "c":
            self.enter_cell(attributes)
        elif name in {"v", "t"} and self.kind:
            self.text = ""
            self.parser.CharacterDataHandler = self.cell_text

    def enter_cell(self, attributes: dict[str, str]) -> None:
        self.line, self.column = _position(attributes.get("r"), self.line, self.column + 1)
        self.kind = attributes.get("t", "n")
        if self.line > self.limits.rows + 1:
            raise TooManyRows(limit=self.limits.rows)
        # Formatting alone may reach far to the right; only cells with something in them count (see `leave_in_sheet`).
        if self.column > 16_384:
            raise Damaged()

    def cell_text(self, text: str) -> None:
        self.text += text
        if len(self.text) > self.limits.cell_characters:
            raise CellTooLarge(line=self.line, limit=self.limits.cell_characters)

    def leave_in_sheet(self, name: str) -> None:
        self.depth -= 1
        name = name[name.find(":") + 1 :]
        if name == "c":
            self.kind = ""
        elif name in {"v", "t"} and self.kind:
            self.parser.CharacterDataHandler = None
            self.filled()

    def filled(self) -> None:
        """A cell with content ended."""
        if not self.text:
            return
        self.sheet.cells += 1
        if self.column > self.limits.columns:
            raise TooManyColumns(line=self.line, limit=self.limits.columns)
        if self.kind == "e":
            self.sheet.errors[self.line, self.column] = self.text.strip()
        elif self.kind == "s" and self.text.strip().isdecimal() and len(self.text) < 12:
            number = int(self.text)
            self.sheet.shared[number] += 1
            self.sheet.lines.setdefault(number, self.line)


def _number(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise Damaged()
    return int(text)


def _position(reference: str | None, line: int, column: int) -> tuple[int, int]:
    """Line and column, both from 1, of a reference such as AB12; a cell without one follows its neighbour."""
    if reference is None:
        return line, column
    found = REFERENCE.fullmatch(reference)
    if not found:
        raise Damaged()
    return int(found.group(2)), _column(found.group(1))


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _require_bounded_text(sheets: list[_SheetCheck], strings: _StringsCheck, limits: Limits) -> None:
    """A short file can name one long string in every cell; the sum is known before any of it is built."""
    if sum(sheet.cells for sheet in sheets) > limits.cells:
        raise TooManyCells(limit=limits.cells)
    total = 0
    for sheet in sheets:
        for number, times in sheet.shared.items():
            length = strings.lengths[number] if number < len(strings.lengths) else 0
            if length > limits.cell_characters:
                raise CellTooLarge(line=sheet.lines[number], limit=limits.cell_characters)
            total += length * times
    if total > limits.output_bytes:
        raise TooMuchMemory()


def _paths(clean: bytes) -> dict[str, str]:
    """Sheet name to the part that holds it, to find the errors of a sheet: the library leaves them out."""
    with zipfile.ZipFile(io.BytesIO(clean)) as archive:
        names = archive.namelist()
        workbook = next(name for name in names if re.fullmatch(r"xl/workbook\d*\.xml", name, re.IGNORECASE))
        relations = next(
            (name for name in names if name.casefold() == f"xl/_rels/{workbook[3:]}.rels".casefold()),
            None,
        )
        if relations is None:
            raise Damaged()
        targets: dict[str, str] = {}
        for attributes in _elements(archive.read(relations), "Relationship"):
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        return {
            attributes.get("name", ""): targets.get(_relation(attributes), "")
            for attributes in _elements(archive.read(workbook), "sheet")
        }


def _relation(attributes: dict[str, str]) -> str:
    return next(
        (value for name, value in attributes.items() if name.rpartition(":")[2] == "id"),
        "",
    )


def _elements(content: bytes, wanted: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    def enter(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == wanted:
            found.append(dict(attributes))

    parser = expat.ParserCreate()
    parser.StartElementHandler = enter
    _parse(parser, content, last=True)
    return found


def _rows(book: CalamineWorkbook, name: str, errors: dict[tuple[int, int], str]) -> Iterator[Row]:
    sheet = book.get_sheet_by_name(name)
    lines_with_errors = {line for line, _ in errors}
    values = sheet.to_python(skip_empty_area=False) if sheet.height else []
    for line, row in enumerate(values, start=1):
        cells = [_cell(value) for value in row]
        if line in lines_with_errors:
            for column in range(1, len(cells) + 1):
                if (line, column) in errors:
                    cells[column - 1] = Cell(errors[line, column], Kind.ERROR)
        if kept := trimmed(cells):
            yield Row(line, kept)


def _cell(value: object) -> Cell:
    """The canonical text of what the library found."""
    match value:
        case "" | None:
            return EMPTY
        case str():
            # No database keeps a zero character, and some writers escape one into a string.
            return Cell(value.replace("\0", ""))
        case bool():
            return Cell("TRUE" if value else "FALSE", Kind.BOOLEAN)
        case int():
            return Cell(str(value), Kind.NUMBER)
        case float():
            return _number_cell(value)
        case dt.datetime():
            return Cell(value.replace(microsecond=0).isoformat(" "), Kind.DATE)
        case dt.date():
            return Cell(value.isoformat(), Kind.DATE)
        case dt.time():
            return Cell(value.replace(microsecond=0).isoformat(), Kind.TIME)
        case dt.timedelta():
            return Cell(str(value), Kind.TIME)
    raise ReadError()


def _number_cell(value: float) -> Cell:
    """The shortest digits that are the stored number, without exponent."""
    if not math.isfinite(value):
        return Cell("#NUM!", Kind.ERROR)
    exact = Decimal(repr(value))
    if exact == exact.to_integral_value():
        exact = exact.to_integral_value()
    return Cell(format(exact, "f"), Kind.NUMBER)
