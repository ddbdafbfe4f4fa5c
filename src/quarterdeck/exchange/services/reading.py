"""From the bytes of a file to its table, and what the page of columns shows of it."""

import tempfile
from collections import Counter
from dataclasses import asdict
from typing import Any

from quarterdeck.core.errors import Refused
from quarterdeck.exchange.tabular import header
from quarterdeck.exchange.tabular.errors import ReadError
from quarterdeck.exchange.tabular.header import Column, Place, Table
from quarterdeck.exchange.tabular.mapping import known_names
from quarterdeck.exchange.tabular.reading import read
from quarterdeck.exchange.tabular.workbook import Cell, Kind, Row, Workbook

# What the page of columns shows: cells of a column, different words of one, lines of a sheet, places for the header.
SAMPLES, WORDS, LINES, PLACES = 3, 40, 8, 6
CELL = 120


def workbook_of(content: bytes) -> Workbook:
    """What the file holds; refused in the sentence of the reader."""
    with tempfile.NamedTemporaryFile(prefix="quarterdeck-", suffix=".upload") as file:
        file.write(content)
        file.flush()
        try:
            return read(file.name)
        except ReadError as problem:
            raise Refused(problem.code, problem.message, {"file": problem.message}) from problem


def table_of(workbook: Workbook, *, sheet: str | None = None, header_line: int | None = None) -> Table:
    """The likeliest table, or the one at a sheet and line."""
    try:
        found = header.find_table(workbook, sheet=sheet, header_line=header_line, known=known_names())
    except ReadError as problem:
        raise Refused(problem.code, problem.message, {"header_line": problem.message}) from problem
    return Table(
        _sound(found.sheet),
        found.header_line,
        tuple(Column(c.index, c.letter, _sound(c.name), _sound(c.label)) for c in found.columns),
        tuple(Row(row.line, tuple(_sound_cell(cell) for cell in row.cells)) for row in found.rows),
        found.problems,
    )


def _sound(text: str) -> str:
    """Text that UTF-8 and the database can hold: halves of surrogate pairs and NUL are replaced."""
    if text.isascii():
        return text.replace("\x00", "\ufffd")
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


def _sound_cell(cell: Cell) -> Cell:
    text = _sound(cell.text)
    return cell if text == cell.text else Cell(text, cell.kind)


def look_at(workbook: Workbook, table: Table) -> dict[str, Any]:
    """
    What the page of columns needs to know of the file, as plain JSON types.

    sheets, places (lines that may hold the names), lines (the first of the chosen sheet), columns with samples and,
    where a column has few, all its different words.
    """
    sheet = next(one for one in workbook.sheets if _sound(one.name) == table.sheet)
    return {
        "form": workbook.form,
        "encoding": workbook.encoding,
        "sheets": [{"name": _sound(one.name), "rows": len(one.rows)} for one in workbook.sheets],
        "places": [_place(place) for place in header.places(workbook, known=known_names())[:PLACES]],
        "lines": [
            {"line": row.line, "cells": [_short(_sound(cell.text)) for cell in row.cells[:12]]}
            for row in sheet.rows[:LINES]
        ],
        "rows": len(table.rows),
        "columns": [_column(table, column) for column in table.columns],
    }


def _place(place: Place) -> dict[str, Any]:
    item = asdict(place)
    return {
        "sheet": _sound(item["sheet"]),
        "header_line": item["header_line"],
        "names": [_short(_sound(name)) for name in place.names[:6]],
        "rows_below": item["rows_below"],
    }


def _column(table: Table, column: Column) -> dict[str, Any]:
    cells = [cell for row in table.rows if (cell := table.cell(row, column)).text.strip()]
    counted = Counter(_short(" ".join(cell.text.split())) for cell in cells)
    few = len(counted) <= WORDS and all(len(word) < CELL for word in counted)
    return {
        "index": column.index,
        "letter": column.letter,
        "name": column.name,
        "label": column.label,
        "filled": len(cells),
        "samples": [word for word, _ in counted.most_common(SAMPLES)],
        "words": [[word, count] for word, count in counted.most_common()] if few else [],
    }


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= CELL else f"{line[: CELL - 1].rstrip()}…"


def columns_of(look: dict[str, Any], sheet: str, header_line: int) -> Table:
    """The table without its rows, from what was kept of it: enough to match columns by name."""
    columns = tuple(Column(c["index"], c["letter"], c["name"], c["label"]) for c in look.get("columns", []))
    return Table(sheet, header_line, columns, ())


def cells_of(table: Table, row: Row) -> dict[str, str]:
    """Every cell of a row as written, by the label of its column; empty cells are left out."""
    found = {}
    for column in table.columns:
        cell = table.cell(row, column)
        if cell.kind is not Kind.EMPTY and cell.text.strip():
            found[column.label] = cell.text
    return found
