"""The table is found below titles, beside other sheets, and with columns nobody named."""

import pytest

from quarterdeck.exchange.tabular.child import read_bytes
from quarterdeck.exchange.tabular.errors import NoSuchSheet, NoTable
from quarterdeck.exchange.tabular.header import find_table, places
from quarterdeck.exchange.tabular.tests.make import csv_text
from quarterdeck.exchange.tabular.workbook import Cell, Kind, Row, Sheet, Workbook

ROWS = ["P1,Bridge,2026-03-31,12", "P2,Road,2026-06-30,40", "P3,School,2027-01-31,7"]


def sheet(name: str, *lines: str, hidden: bool = False) -> Sheet:
    """Numbers of a line are cells of kind number, as in a workbook."""
    rows = []
    for number, line in enumerate(lines, start=1):
        cells = [Cell(text, Kind.NUMBER if text.isdecimal() else Kind.TEXT) for text in line.split(",")]
        if line:
            rows.append(Row(number, tuple(cells)))
    return Sheet(name, tuple(rows), hidden)


def test_titles_above_the_header_are_passed_over() -> None:
    book = read_bytes(csv_text("Portfolio of the ministry", "As of,31 March 2026", "", "ID,Name,Finish,Cost", *ROWS))

    table = find_table(book)

    assert table.header_line == 4
    assert [column.label for column in table.columns] == ["ID", "Name", "Finish", "Cost"]
    assert [row.line for row in table.rows] == [5, 6, 7]


def test_the_sheet_with_the_table_is_chosen_and_another_can_be() -> None:
    book = Workbook(
        "xlsx",
        (
            sheet("Read me", "How to use", "Fill in,every column"),
            sheet("Projects", "ID,Name,Cost", "P1,Bridge,12", "P2,Road,40"),
            sheet("Lists", "Code,Word", "G,Green", "A,Amber"),
        ),
    )

    assert find_table(book).sheet == "Projects"
    assert find_table(book, sheet="Lists").header_line == 1
    assert find_table(book, sheet="Read me", header_line=2).columns[1].label == "every column"


def test_a_hidden_copy_is_not_preferred() -> None:
    lines = ("ID,Name,Cost", "P1,Bridge,12", "P2,Road,40")

    assert find_table(Workbook("xlsx", (sheet("Old", *lines, hidden=True), sheet("New", *lines)))).sheet == "New"


def test_places_are_offered_with_their_names_likeliest_first() -> None:
    book = Workbook("xlsx", (sheet("A", "Title", "ID,Name,Cost", "P1,Bridge,12", "P2,Road,40"),))

    first = places(book)[0]

    assert (first.sheet, first.header_line, first.names, first.rows_below) == ("A", 2, ("ID", "Name", "Cost"), 2)


def test_known_names_decide_where_all_cells_are_text() -> None:
    book = read_bytes(csv_text("alpha,beta,gamma", "Project id,Project name,Unit", "one,two,three"))

    assert find_table(book, known={"project id", "project name", "unit"}).header_line == 2


def test_names_keep_their_line_breaks_and_labels_do_not() -> None:
    table = find_table(read_bytes(csv_text('ID,"End  date\n(latest approved)"', "P1,2026-03-31")))

    assert table.columns[1].name == "End  date\n(latest approved)"
    assert table.columns[1].label == "End date (latest approved)"


def test_columns_without_a_name_and_of_one_name_stay_apart() -> None:
    table = find_table(read_bytes(csv_text("ID,Name,,Cost,Cost", "P1,Bridge,x,1,2", "P2,Road,y,3,4")), header_line=1)

    assert [column.label for column in table.columns] == ["ID", "Name", "Column C", "Cost", "Cost (column E)"]
    assert table.problems[0].message == (
        'Columns D, E have the same name "Cost". The later ones are called "Cost (column E)".'
    )


def test_a_row_whose_sentence_spills_over_is_reported() -> None:
    table = find_table(read_bytes(csv_text("ID,Name", *["P1,Bridge"] * 5, "P2,Road, which is long, and wide")))

    assert [(problem.line, problem.code, problem.as_written) for problem in table.problems] == [
        (7, "too_many_cells", " which is long |  and wide")
    ]
    assert table.problems[0].message == "The row has 4 cells, the header 2. What is beyond column B is not read."


def test_a_column_filled_in_most_rows_counts_without_a_name() -> None:
    table = find_table(read_bytes(csv_text("ID,Name", "P1,Bridge,x", "P2,Road,y", "P3,School")))

    assert [column.label for column in table.columns] == ["ID", "Name", "Column C"]
    assert table.problems == ()


@pytest.mark.parametrize("lines", [("one",), ("ID,Name",), ("1,2,3", "4,5,6"), ("a", "b", "c")])
def test_what_has_no_header_is_no_table(lines: tuple[str, ...]) -> None:
    with pytest.raises(NoTable):
        find_table(read_bytes(csv_text(*lines)))


def test_a_sheet_or_line_that_is_not_there_is_refused() -> None:
    book = read_bytes(csv_text("ID,Name", "P1,Bridge"))

    with pytest.raises(NoSuchSheet, match='no sheet "Projects"'):
        find_table(book, sheet="Projects")
    with pytest.raises(NoTable):
        find_table(book, header_line=99)
