"""A register as CSV or XLSX. What looks like a formula is text, numbers stay numbers."""

import csv
import io
from collections.abc import Iterator
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

AT_A_TIME = 500
# A spreadsheet reads a cell that begins like this as a formula; the full-width forms too.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula; reading it back drops the apostrophe."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


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
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    writer.writerow([safe_text(str(column.label)) for column in found.columns])
    for row in _rows(found):
        writer.writerow([csv_cell(column.value(row)) for column in found.columns])
    return _download(buffer.getvalue().encode(), "text/csv; charset=utf-8", f"{filename}.csv")


def xlsx_response(found: Listing, filename: str) -> HttpResponse:
    """As above, as a workbook of one sheet with typed cells."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    )
    sheet = book.add_worksheet(str(found.register.title)[:31])
    head = book.add_format({"bold": True, "bottom": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for index, column in enumerate(found.columns):
        sheet.write_string(0, index, str(column.label), head)
        sheet.set_column(index, index, 40 if column.widest else 16)
    for line, row in enumerate(_rows(found), start=1):
        for index, column in enumerate(found.columns):
            value = column.value(row)
            if value is None:
                continue
            if isinstance(value, bool):
                sheet.write_string(line, index, "yes" if value else "no")
            elif isinstance(value, int | Decimal):
                sheet.write_number(line, index, value)
            elif isinstance(value, datetime | date):
                sheet.write_datetime(line, index, value, day)
            else:
                sheet.write_string(line, index, str(value)[:32_767])
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, found.count), max(0, len(found.columns) - 1))
    book.close()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _download(buffer.getvalue(), kind, f"{filename}.xlsx")


def _rows(found: Listing) -> Iterator[Any]:
    """Some at a time: ten thousand rows with all that belongs to them would weigh more than the whole process."""
    rows: Any = found.rows
    yield from rows.iterator(chunk_size=AT_A_TIME) if isinstance(rows, QuerySet) else rows


def _download(content: bytes, kind: str, filename: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{filename}"'}
    )
