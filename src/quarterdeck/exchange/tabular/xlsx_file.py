"""
XLSX: checked part by part before the spreadsheet library sees it.

The library gets a fresh archive that holds only parts that were unpacked, counted and parsed here. Lying sizes, doubled
or overlapping entries, names that leave the folder, declared entities and cells far outside any register end before it.
"""

import datetime as dt
import io
import math
import re
import zipfile
import zlib
from collections.abc import Iterator
from decimal import Decimal
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from quarterdeck.exchange.tabular.errors import Damaged, ReadError
from quarterdeck.exchange.tabular.workbook import EMPTY, Cell, Kind, Limits, Row, Sheet, Workbook, trimmed
from quarterdeck.exchange.tabular.xlsx_checks import checked_parts, parse

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
        clean, checks = checked_parts(data, limits)
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
        if len(set(paths.values())) < len(paths):
            # Two sheets of one part: a small file would be read as many times as it names itself.
            raise Damaged()
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
    parse(parser, content, last=True)
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
