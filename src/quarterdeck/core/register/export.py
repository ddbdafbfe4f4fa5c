"""A register as CSV or XLSX. What looks like a formula is text, numbers stay numbers."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import HttpResponse

from quarterdeck.core.on_use import on_use
from quarterdeck.core.register.listing import Listing

if TYPE_CHECKING:
    import xlsxwriter
else:
    xlsxwriter = on_use("xlsxwriter")

AT_A_TIME = 100
# Rows go to a temporary file as they come, and stay texts, numbers and days.
AS_A_FILE = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True,
}  # fmt: skip
# A spreadsheet reads a cell that begins like this as a formula; the full-width forms too.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_text(text: str) -> str:
    """
    A text that no spreadsheet takes for a formula; reading it back drops the apostrophe.

    A text that begins with an apostrophe before such a sign gets one more, so that it comes back as it was.
    """
    return f"'{text}" if text.lstrip("'").startswith(DANGEROUS) else text


def csv_cell(value: Any) -> str:
    """A value as CSV text: ISO dates, plain numbers, safe texts."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        # As many decimals as the figure has: columns keep four.
        return format(value.normalize() + 0, "f")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return safe_text(str(value))


def csv_response(found: Listing, filename: str) -> HttpResponse:
    """Every matching row and the columns shown. Read inside the request, so that the past stays the past."""
    heads, rows = _table(found)
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    writer.writerow([safe_text(head) for head in heads])
    for row in rows:
        writer.writerow([csv_cell(value) for value in row])
    return _download(buffer.getvalue().encode(), "text/csv; charset=utf-8", f"{filename}.csv")


def xlsx_response(found: Listing, filename: str) -> HttpResponse:
    """As above, as a workbook of one sheet with typed cells."""
    heads, rows = _table(found)
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, AS_A_FILE)
    sheet = book.add_worksheet(_sheet_name(str(found.register.title)))
    bold = book.add_format({"bold": True, "bottom": 1})
    forms = {
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        # Stays a text also when somebody edits the cell and leaves it again.
        "quoted": book.add_format({"quote_prefix": True}),
    }
    for index, head in enumerate(heads):
        sheet.write_string(0, index, head, bold)
    sheet.set_column(0, max(0, len(heads) - 1), 16)
    for index, column in enumerate(found.columns):
        if column.widest and len(heads) == len(found.columns):
            sheet.set_column(index, index, 40)
    line = 0
    for line, row in enumerate(rows, start=1):
        for index, value in enumerate(row):
            _write(sheet, line, index, value, forms)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, line), max(0, len(heads) - 1))
    book.close()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _download(buffer.getvalue(), kind, f"{filename}.xlsx")


def _write(sheet: Any, line: int, index: int, value: Any, forms: dict[str, Any]) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_string(line, index, "yes" if value else "no")
    elif isinstance(value, int | Decimal):
        sheet.write_number(line, index, value)
    elif isinstance(value, datetime | date):
        sheet.write_datetime(line, index, value, forms["moment" if isinstance(value, datetime) else "day"])
    else:
        text = str(value)[:32_767]
        sheet.write_string(line, index, text, forms["quoted"] if text.startswith(DANGEROUS) else None)


def _sheet_name(title: str) -> str:
    """A sheet's name may not hold some of the characters that a title may."""
    return re.sub(r"[\[\]:*?/\\]", " ", title)[:31].strip("' ") or "1"


def _table(found: Listing) -> tuple[list[str], Iterable[list[Any]]]:
    """Heads and rows: those of the listing, or what it makes of them itself."""
    own = getattr(found, "table", None)
    if own is not None:
        heads, rows = own()
        return heads, rows
    columns = found.columns
    return [str(column.label) for column in columns], ([each.value(row) for each in columns] for row in _rows(found))


def _rows(found: Listing) -> Iterator[Any]:
    """Some at a time: ten thousand rows with all that belongs to them would weigh more than the whole process."""
    rows: Any = found.rows
    if getattr(found, "sorts_here", False):
        for start in range(0, len(found.ids), AT_A_TIME):
            yield from found.rows_of(found.ids[start : start + AT_A_TIME])
        return
    yield from rows.iterator(chunk_size=AT_A_TIME) if isinstance(rows, QuerySet) else rows


def _download(content: bytes, kind: str, filename: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{filename}"'}
    )
