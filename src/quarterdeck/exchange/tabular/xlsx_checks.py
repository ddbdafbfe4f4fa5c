"""
The parts of an XLSX file, unpacked, counted and parsed before the spreadsheet library sees any of them.
"""

import codecs
import io
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import zip_longest
from xml.parsers import expat

from quarterdeck.exchange.tabular.errors import (
    CellTooLarge,
    Damaged,
    DeclaresEntities,
    NotASpreadsheet,
    OtherSpreadsheet,
    PasswordProtected,
    TooManyCells,
    TooManyColumns,
    TooManyParts,
    TooManyRows,
    TooMuchMemory,
    UnpacksTooLarge,
)
from quarterdeck.exchange.tabular.workbook import MEGABYTE, Limits

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


def checked_parts(data: bytes, limits: Limits) -> tuple[bytes, list["PartCheck"]]:
    """The archive again with only the parts that are needed, and what was seen in each."""
    _require_few_parts(data, limits)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        _require_plausible(parts, limits)
        _require_workbook(parts)
        budget = limits.unpacked_bytes
        clean, checks = io.BytesIO(), []
        with zipfile.ZipFile(clean, "w", zipfile.ZIP_STORED) as copy:
            for part in parts:
                if not NEEDED.fullmatch(part.filename) or LEFT_OUT.match(part.filename):
                    continue
                check = PartCheck(part.filename, limits)
                content = _unpacked(archive, part, budget, check)
                budget -= len(content)
                copy.writestr(part.filename, content)
                checks.append(check)
    _require_bounded_text(checks, limits)
    return clean.getvalue(), checks


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


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo, budget: int, check: "PartCheck") -> bytes:
    """The bytes of one part, counted while they come, and parsed at the same time."""
    content = bytearray()
    # One encoding, whatever the part declares, so that the library cannot read other characters than this parser saw.
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    _Reader(parser, check)
    with archive.open(part) as source:
        while chunk := source.read(CHUNK):
            if not content and chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise Damaged()
            content += chunk
            if len(content) > budget:
                raise UnpacksTooLarge()
            parse(parser, chunk, last=False)
    parse(parser, b"", last=True)
    return bytes(content)


def parse(parser: expat.XMLParserType, chunk: bytes, *, last: bool) -> None:
    try:
        parser.Parse(chunk, last)
    except expat.ExpatError:
        raise Damaged() from None


@dataclass(slots=True)
class PartCheck:
    """
    What one part showed, whatever it calls itself.

    Cells of a sheet: their count, errors by (line, column), shared strings by number with how often and where first.
    Shared strings: their lengths in order.
    """

    path: str
    limits: Limits
    cells: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    shared: Counter[int] = field(default_factory=Counter)
    lines: dict[int, int] = field(default_factory=dict)
    lengths: list[int] = field(default_factory=list)


class _Reader:
    """
    The handlers of one part.

    Cells and strings are looked for in every part, because the library finds them by element and not by the root.
    """

    def __init__(self, parser: expat.XMLParserType, check: PartCheck) -> None:
        self.parser, self.check, self.limits = parser, check, check.limits
        self.depth = self.line = self.column = 0
        self.kind = self.text = ""
        parser.StartDoctypeDeclHandler = self.declares
        parser.EntityDeclHandler = self.declares
        parser.StartElementHandler = self.enter
        parser.EndElementHandler = self.leave

    def declares(self, *_: object) -> None:
        raise DeclaresEntities()

    def enter(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEPTH:
            raise Damaged()
        name = name[name.find(":") + 1 :]
        if name == "c":
            self.line, self.column = _position(attributes.get("r"), self.line, self.column + 1)
            self.kind = attributes.get("t", "n")
        elif self.kind:
            self.require_within()
            if name in {"v", "t"}:
                self.text = ""
                self.parser.CharacterDataHandler = self.cell_text
        elif name == "row":
            self.line, self.column = _number(attributes.get("r"), self.line + 1), 0
        elif name == "si":
            self.check.lengths.append(0)
            self.parser.CharacterDataHandler = self.string_text

    def require_within(self) -> None:
        """Formatting alone may reach far; a cell with anything in it may not."""
        if self.line > self.limits.rows + 1:
            raise TooManyRows(limit=self.limits.rows)
        if self.column > self.limits.columns:
            raise TooManyColumns(line=self.line, limit=self.limits.columns)

    def string_text(self, text: str) -> None:
        self.check.lengths[-1] += len(text)

    def cell_text(self, text: str) -> None:
        self.text += text
        if len(self.text) > self.limits.cell_characters:
            raise CellTooLarge(line=self.line, limit=self.limits.cell_characters)

    def leave(self, name: str) -> None:
        self.depth -= 1
        name = name[name.find(":") + 1 :]
        if name == "c":
            self.kind = ""
        elif name == "si":
            self.parser.CharacterDataHandler = None
        elif self.kind and name in {"v", "t"}:
            self.parser.CharacterDataHandler = None
            if self.text:
                self.filled()

    def filled(self) -> None:
        """A cell with content ended."""
        self.check.cells += 1
        if self.kind == "e":
            self.check.errors[self.line, self.column] = self.text.strip()
        elif self.kind == "s" and self.text.strip().isdecimal() and len(self.text) < 12:
            number = int(self.text)
            self.check.shared[number] += 1
            self.check.lines.setdefault(number, self.line)


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


def _require_bounded_text(checks: list[PartCheck], limits: Limits) -> None:
    """A short file can name one long string in every cell; the sum is known before any of it is built."""
    if sum(check.cells for check in checks) > limits.cells:
        raise TooManyCells(limit=limits.cells)
    # There is one part of strings; where a file has two, the longer string counts.
    lengths = [max(several) for several in zip_longest(*(check.lengths for check in checks), fillvalue=0)]
    total = 0
    for check in checks:
        for number, times in check.shared.items():
            length = lengths[number] if number < len(lengths) else 0
            if length > limits.cell_characters:
                raise CellTooLarge(line=check.lines[number], limit=limits.cell_characters)
            total += length * times
    if total > limits.output_bytes:
        raise TooMuchMemory()
