"""
R09: nothing in an export is a formula, numbers stay numbers, and texts come back as they were.

Every kind of value and every head goes through both writers and is read again by other readers. Then everything that
has a name is called like a formula, and every list is taken out with all its columns.
"""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from openpyxl.utils.escape import unescape

from quarterdeck.core.models import Account
from quarterdeck.core.register import Column, all_registers
from quarterdeck.core.register.export import csv_response, xlsx_response
from quarterdeck.core.services import accounts, attachments, rolebook, units
from quarterdeck.core.tests import make as core
from quarterdeck.exchange.tabular.child import read_bytes
from quarterdeck.projects import services
from quarterdeck.projects.models import Project
from quarterdeck.projects.services.projects import TEXTS
from quarterdeck.projects.tests import make
from tests.proof.asking import page_of
from tests.proof.figures import figure
from tests.proof.world import BACKEND

SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
FORMULAS = [
    *(f"{sign}{rest}" for sign in SIGNS for rest in ("1+1", "cmd|' /C calc'!A0", 'HYPERLINK("http://a.example","x")')),
    *SIGNS, "'=1+1", "''=1+1", "'", "=1+1,=2", "=1+1\n=2+2", "=1+1;=2", "==1", "\t\t=1", "=\u0661", "-2.5e3x",
]  # fmt: skip
NUMBERS = [0, -7, 12, Decimal("-1250000.5"), Decimal("0.0001"), Decimal("1E+3"), Decimal("-0")]
DAYS = [date(2026, 11, 25), datetime(2026, 11, 25, 9, 30, tzinfo=UTC)]


def dangerous(text: str) -> bool:
    return text.startswith(SIGNS)


def back(cell: str) -> str:
    """What a reader of CSV makes of a cell that was guarded."""
    return cell[1:] if cell.startswith("'") and dangerous(cell.lstrip("'")) else cell


def column(label: str, values: list[Any]) -> Column:
    return Column("c", label, cell=str, value=lambda row: values[row % len(values)])


def table() -> tuple[list[Column], list[list[Any]]]:
    """A column of each kind under each head, and the rows they give."""
    kinds = [
        FORMULAS, [", ".join(FORMULAS[row:]) for row in range(len(FORMULAS))], NUMBERS, DAYS, [True, False], [None],
    ]  # fmt: skip
    columns = [column(head, kinds[number % len(kinds)]) for number, head in enumerate(FORMULAS)]
    return columns, [[each.value(row) for each in columns] for row in range(len(FORMULAS))]


def listed(columns: list[Column], rows: int) -> Any:
    return SimpleNamespace(columns=columns, rows=range(rows), register=SimpleNamespace(title="=1+1 [x]"))


def in_text(value: Any) -> str:
    """A value as CSV writes it, before any guard."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def test_every_kind_of_value_and_head_in_csv() -> None:
    columns, rows = table()
    content = csv_response(listed(columns, len(rows)), "x").content.decode("utf-8-sig")
    found = list(csv.reader(io.StringIO(content, newline="")))
    assert [back(head) for head in found[0]] == FORMULAS
    for cells, values in zip(found[1:], rows, strict=True):
        for cell, value in zip(cells, values, strict=True):
            if isinstance(value, int | Decimal) and not isinstance(value, bool):
                assert Decimal(cell) == value
                assert "E" not in cell
            else:
                assert not dangerous(cell)
                assert back(cell) == in_text(value)
    cells_of = (len(rows) + 1) * len(columns)
    figure("R09", "{n} cells of CSV, 0 formulas, each comes back as it was", n=cells_of, part="every kind")


def test_what_was_taken_out_is_read_in_as_it_was() -> None:
    columns, rows = table()
    book = read_bytes(csv_response(listed(columns, len(rows)), "x").content)
    heads, *lines = book.sheets[0].rows
    assert [cell.text for cell in heads.cells] == FORMULAS
    texts = [[cell.text for cell in line.cells[:2]] for line in lines]
    assert texts == [row[:2] for row in rows]
    figure("R09", "{n} texts read in again as they were", n=2 * len(rows) + len(heads.cells), part="round trip")


def test_every_kind_of_value_and_head_in_a_workbook() -> None:
    columns, rows = table()
    book = openpyxl.load_workbook(io.BytesIO(xlsx_response(listed(columns, len(rows)), "x").content))
    sheet = book.active
    assert not book.defined_names
    found = list(sheet.iter_rows(max_row=len(rows) + 1, max_col=len(columns)))
    assert [text_of(cell) for cell in found[0]] == FORMULAS
    pairs = [pair for cells, values in zip(found[1:], rows, strict=True) for pair in zip(cells, values, strict=True)]
    assert [(cell.coordinate, cell.data_type, value) for cell, value in pairs if not holds(cell, value)] == []
    cells_of = (len(rows) + 1) * len(columns)
    figure("R09", "{n} cells of workbooks, 0 formulas, each comes back as it was", n=cells_of, part="every kind")


def holds(cell: Any, value: Any) -> bool:
    """Whether a cell of a workbook is a value and nothing more."""
    if cell.data_type == "f" or cell.hyperlink:
        return False
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return cell.data_type == "n" and Decimal(str(cell.value)) == value
    if isinstance(value, date):
        return bool(cell.data_type == "d")
    return text_of(cell) == in_text(value) and (cell.data_type == "s" or value is None)


def text_of(cell: Any) -> str:
    """What a spreadsheet shows; a workbook writes control characters in a way of its own."""
    return unescape(cell.value or "")


@pytest.fixture
def lead(db: None) -> Client:
    """The administrator's browser, where everything that has a name is called like a formula."""
    admin = core.admin()
    of = make.portfolio("=1+1 portfolio", ref="ROADS")
    make.programme(of, name="@SUM(A1) programme")
    unit = units.add_unit(admin, name="+1 unit", parent=core.top(), now=make.MONDAY)
    for text in FORMULAS[::3]:
        words = f"{text.strip()}x" if text.strip() else "=x"
        make.project(of, f"{words} project", unit=unit, facts={name: text[:20] for name in TEXTS if name not in CHOSEN})
        person = accounts.add_person(admin, name=f"{words} person", now=make.MONDAY)
        core.grant(person, "viewer", core.top())
    project = Project.objects.latest("pk")
    services.name_holder(admin, project, "manager", person, now=make.MONDAY)
    rolebook.add_role(admin, name="-1 role", given=[], now=make.MONDAY)
    attachments.add_attachment(
        admin, "project", project.ref, name="=1.pdf", note="=1+1", chunks=[b"x"], now=make.MONDAY
    )
    client = Client()
    client.force_login(Account.objects.get(person_id=admin.person_id), backend=BACKEND)
    return client


CHOSEN = {"stage", "confidence", "approach"}


def test_no_list_that_is_taken_out_holds_a_formula(lead: Client) -> None:
    wrong, cells, lists = [], 0, []
    pages = [(page_of(register), register) for register in all_registers().values()]
    addresses = [
        f"{page}?{urlencode({'columns': ','.join(column.name for column in register.columns)})}"
        for page, register in pages
        if page is not None
    ]
    addresses += [reverse("portfolio_rows", args=["ROADS", "projects"]) + "?", "/projects/?compare_with=2026-11-20"]
    for address in addresses:
        content = lead.get(f"{address}&format=csv").content.decode("utf-8-sig")
        for row in csv.reader(io.StringIO(content, newline="")):
            cells += len(row)
            wrong += [(address, cell) for cell in row if dangerous(cell) and not is_number(cell)]
        book = openpyxl.load_workbook(io.BytesIO(lead.get(f"{address}&format=xlsx").content))
        for cell in (cell for line in book.active.iter_rows() for cell in line):
            cells += 1
            if cell.data_type == "f" or cell.hyperlink:
                wrong.append((address, cell.value))
        lists.append(content)
    assert wrong == []
    assert sum("'=" in content for content in lists) >= 3
    figure("R09", f"{len(addresses)} lists as CSV and workbook, {cells:,} cells, 0 formulas", part="every list")


def is_number(text: str) -> bool:
    try:
        Decimal(text)
    except ArithmeticError:
        return False
    return True


def test_a_writer_without_the_guard_is_found_out(lead: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quarterdeck.core.register.export.safe_text", lambda text: text)
    with pytest.raises(AssertionError):
        test_no_list_that_is_taken_out_holds_a_formula(lead)
    with pytest.raises(AssertionError):
        test_every_kind_of_value_and_head_in_csv()
