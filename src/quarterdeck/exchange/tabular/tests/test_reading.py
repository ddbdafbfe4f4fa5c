"""Files become rows of cells with their kinds and line numbers."""

import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from quarterdeck.exchange.tabular import errors
from quarterdeck.exchange.tabular.child import read_bytes
from quarterdeck.exchange.tabular.reading import read
from quarterdeck.exchange.tabular.tests import make
from quarterdeck.exchange.tabular.workbook import Cell, Kind, Limits, Workbook

FIVE_IN_THE_AFTERNOON = dt.datetime(2026, 3, 31, 17)  # noqa: DTZ001 - spreadsheets know no time zones


def texts(book: Workbook) -> list[tuple[int, list[str]]]:
    return [(row.line, [cell.text for cell in row.cells]) for row in book.rows()]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"), ("cp1252", "cp1252"), ("cp850", "cp850"),
    ],
)  # fmt: skip
def test_german_text_survives_every_encoding(encoding: str, found: str) -> None:
    text = "Nr;Projekt;Größe\n" + "\n".join(
        f"{n};Brücke für Köln an der Straße {n};größer und schöner" for n in range(30)
    )

    book = read_bytes(text.encode(encoding))

    assert book.encoding == found
    assert texts(book)[1] == (2, ["0", "Brücke für Köln an der Straße 0", "größer und schöner"])


def test_dashes_and_quotes_of_windows_are_not_control_characters() -> None:
    book = read_bytes("ID,Name\n1,“Bridge” – phase 2\n".encode("cp1252"))

    assert texts(book)[1] == (2, ["1", "“Bridge” – phase 2"])


def test_russian_text_of_windows_is_recognised() -> None:
    text = "Код;Проект;Описание\n" + "\n".join(f"{n};Строительство моста;Работы начались весной" for n in range(20))

    book = read_bytes(text.encode("cp1251"))

    assert (book.encoding, texts(book)[1][1][1]) == ("cp1251", "Строительство моста")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    lines = [["ID", "Name", "Note"], ["1", "Bridge", "a; b, c" if delimiter not in ",;" else "d"], ["2", "Road", "e"]]
    text = "\n".join(delimiter.join(line) for line in lines)

    book = read_bytes(text.encode())

    assert book.delimiter == delimiter
    assert [cells for _, cells in texts(book)] == lines


def test_a_line_that_names_the_delimiter_is_obeyed_and_counted() -> None:
    assert texts(read_bytes(b"sep=;\r\nID;Name\r\n1;a,b,c\r\n")) == [(2, ["ID", "Name"]), (3, ["1", "a,b,c"])]


def test_a_row_knows_the_line_where_it_begins() -> None:
    book = read_bytes(b'ID,Name\n1,"two\nlines"\n\n\n2,"a\r\nb\rc"\n3,d\n')

    assert texts(book) == [(1, ["ID", "Name"]), (2, ["1", "two\nlines"]), (6, ["2", "a\r\nb\rc"]), (9, ["3", "d"])]


def test_empty_rows_and_cells_at_the_end_are_left_out() -> None:
    assert texts(read_bytes(b"ID,Name,,,\n,,,,\n1,a,,,\n")) == [(1, ["ID", "Name"]), (3, ["1", "a"])]


def test_cells_of_a_workbook_keep_their_kind_and_their_digits() -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["text", 1.1, 3, 1122486.96, True, dt.date(2026, 3, 31), FIVE_IN_THE_AFTERNOON, "=1/0"])
    page.append([None, 1e21, -0.5])
    packed = io.BytesIO()
    book.save(packed)

    found = read_bytes(packed.getvalue())

    first, second = found.sheets[0].rows
    assert first.cells == (
        Cell("text"),
        Cell("1.1", Kind.NUMBER),
        Cell("3", Kind.NUMBER),
        Cell("1122486.96", Kind.NUMBER),
        Cell("TRUE", Kind.BOOLEAN),
        Cell("2026-03-31", Kind.DATE),
        Cell("2026-03-31 17:00:00", Kind.DATE),
    )
    assert [cell.text for cell in second.cells] == ["", "1000000000000000000000", "-0.5"]


def test_errors_of_a_workbook_are_kept() -> None:
    page = make.sheet('<row r="3"><c r="B3" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="C3"><v>2</v></c></row>')

    row = read_bytes(make.xlsx(page)).sheets[0].rows[0]

    assert (row.line, row.cells[1], row.cells[2]) == (3, Cell("#DIV/0!", Kind.ERROR), Cell("2", Kind.NUMBER))


def test_hidden_sheets_are_marked() -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["a", "b"])
    hidden = book.create_sheet("Lists")
    hidden.append(["x", "y"])
    hidden.sheet_state = "hidden"
    packed = io.BytesIO()
    book.save(packed)

    assert [(sheet.name, sheet.hidden) for sheet in read_bytes(packed.getvalue()).sheets] == [
        ("Sheet", False),
        ("Lists", True),
    ]


def test_the_child_gives_the_same_workbook_as_reading_here(tmp_path: Path) -> None:
    for name, data in {"a.csv": b'ID,Name\n1,"Gr\xc3\xb6\xc3\x9fe\n2"\n', "b.xlsx": make.xlsx()}.items():
        path = tmp_path / name
        path.write_bytes(data)

        assert read(path) == read_bytes(data)


def test_what_a_file_is_called_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "-c import os; .xls"
    path.write_bytes(make.xlsx())

    assert read(path).form == "xlsx"


def refusal(path: Path, limits: Limits | None = None) -> errors.ReadError:
    with pytest.raises(errors.ReadError) as caught:
        read(path, limits=limits or Limits())
    return caught.value


def test_a_file_above_the_limit_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(34 * 1024 * 1024)

    assert refusal(path).message == (
        "The file has 34 MB; 20 MB is the most that is read. Save only the sheet with the projects."
    )


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.csv").code == "file_missing"
    assert refusal(tmp_path).code == "file_missing"
    assert refusal(Path("bad\0name")).code == "file_missing"


def test_a_child_that_needs_too_long_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"ID,Name\n1,a\n")

    assert refusal(path, Limits(wall_seconds=0.01)).code == "took_too_long"


def test_a_child_that_uses_its_processor_time_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(("ID,Name\n" + "1,a\n" * 300_000).encode())
    limits = Limits(rows=10**9, cells=10**9, output_bytes=10**9, cpu_seconds=1, memory_bytes=2 * 10**9)

    assert refusal(path, limits).code == "took_too_long"


def test_a_child_that_needs_too_much_memory_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(("ID,Name\n" + "1,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" * 200_000).encode())

    assert refusal(path, Limits(rows=10**9, cells=10**9, memory_bytes=90 * 1024 * 1024)).code == "too_much_memory"


@pytest.mark.parametrize("program", ["/bin/false", "/bin/echo", "/no/such/program"])
def test_a_child_that_does_not_answer_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"ID,Name\n1,a\n")
    monkeypatch.setattr("sys.executable", program)

    assert refusal(path).code == "reader_stopped"


def test_output_beyond_its_limit_is_not_collected(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(("ID,Name\n" + "1,aaaaaaaaaaaaaaaaaaaa\n" * 10_000).encode())

    assert refusal(path, Limits(output_bytes=100_000)).code == "too_much_memory"


@pytest.mark.parametrize(
    ("stream", "code"),
    [("EncryptedPackage", "password_protected"), ("Workbook", "old_excel"), ("WordDocument", "not_a_spreadsheet")],
)
def test_old_containers_are_told_apart(stream: str, code: str) -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + stream.encode("utf-16-le") + bytes(500)

    with pytest.raises(errors.ReadError) as caught:
        read_bytes(data)
    assert caught.value.code == code


def test_other_spreadsheets_are_named() -> None:
    ods = make.archive({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"})
    xlsb = make.archive({"[Content_Types].xml": make.CONTENT_TYPES, "xl/workbook.bin": b"x"})

    for data, what in ((ods, "OpenDocument"), (xlsb, "XLSB")):
        with pytest.raises(errors.OtherSpreadsheet, match=what):
            read_bytes(data)


def test_a_workbook_written_without_compression_is_read() -> None:
    assert texts(read_bytes(make.archive(make.parts(), zipfile.ZIP_STORED))) == [
        (1, ["ID", "Name"]),
        (2, ["1", "Bridge"]),
    ]


def test_every_error_has_its_own_code_and_a_sentence() -> None:
    kinds = [kind for kind in errors.ReadError.__subclasses__() if kind is not errors.Unreadable]

    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(kind.sentence.endswith(".") for kind in kinds)
    assert isinstance(errors.from_code("no_rows", {}), errors.NoRows)
    assert isinstance(errors.from_code("nonsense", {}), errors.ReaderStopped)
