"""Registers that offices published, read as they are. Expected figures are counted here by other means."""

import csv
import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from quarterdeck.exchange.tabular.header import Table, find_table
from quarterdeck.exchange.tabular.mapping import ColumnRule, Mapping, known_names, shipped
from quarterdeck.exchange.tabular.reading import read
from quarterdeck.exchange.tabular.rows import Interpretation, interpret
from quarterdeck.exchange.tabular.suggestion import Suggestion, suggest
from quarterdeck.exchange.tabular.tests.make import AUSTRALIA, FEDERAL, GMPP_2022, GMPP_2023, MELBOURNE, REAL_DATA

pytestmark = pytest.mark.skipif(not REAL_DATA.is_dir(), reason="the published registers are not beside this checkout")

RATINGS = {"Green": "G", "Amber": "A", "Red": "R"}
NOTHING = {"", "NA", "Inf"}
ISO = re.compile(r"\d{4}-\d\d-\d\d")
MONEY = re.compile(r"-?£?-?[\d,]+(\.\d+)?")


def understood(path: Path) -> tuple[Table, Suggestion, Interpretation]:
    table = find_table(read(path), known=known_names())
    suggestion = suggest(table, shipped())
    return table, suggestion, interpret(table, suggestion.mapping)


def raw(path: Path, encoding: str = "utf-8-sig") -> tuple[list[str], list[list[str]]]:
    with path.open(encoding=encoding, newline="") as file:
        header, *rows = list(csv.reader(file))
    return header, rows


def usable(header: str, text: str) -> bool:
    if "Confidence" in header:
        return text in RATINGS
    return bool((ISO if "Date" in header else MONEY).fullmatch(text))


@pytest.mark.parametrize(
    ("path", "name", "count", "as_of", "unusable"),
    [
        (GMPP_2022, "gmpp-2022", 235, "2022-03-31", {"F": 14, "G": 14, "I": 11, "J": 17, "P": 42}),
        (GMPP_2023, "gmpp-2023", 244, "2023-03-31", {"F": 12, "G": 11, "I": 7, "J": 30, "P": 49, "R": 12}),
    ],
)
def test_the_uk_portfolio_is_recognised_and_every_row_accepted(
    path: Path, name: str, count: int, as_of: str, unusable: dict[str, int]
) -> None:
    _, suggestion, found = understood(path)

    assert (suggestion.based_on, len(found.accepted), len(found.refused)) == (name, count, 0)
    assert (str(found.as_of), found.problems) == (as_of, ())
    header, rows = raw(path)
    counted = Counter(
        "ABCDEFGHIJKLMNOPQRS"[index]
        for row in rows
        for index, text in enumerate(row)
        if "ABCDEFGHIJKLMNOPQRS"[index] in "FGIJPR" and len(header[index]) and text not in NOTHING
        and not usable(header[index], text)
    )  # fmt: skip
    listed = Counter(
        problem.column_letter for row in found.rows for problem in row.problems if not problem.value_is_kept
    )
    assert listed == counted == unusable


@pytest.mark.parametrize(("path", "benefits"), [(GMPP_2022, None), (GMPP_2023, 17)])
def test_every_value_of_the_uk_portfolio_equals_its_cell(path: Path, benefits: int | None) -> None:
    _, _, found = understood(path)
    _, rows = raw(path)

    def amount(text: str) -> Decimal | None:
        return Decimal(re.sub("[£,]", "", text)) * 1_000_000 if MONEY.fullmatch(text) else None

    for row, cells in zip(found.rows, rows, strict=True):
        values = row.values
        assert row.external_id == cells[0]
        assert values["unit"].value == cells[2]
        assert values["confidence"].value == (RATINGS.get(cells[5]) or RATINGS.get(cells[6]))
        for key, index in (("forecast_start", 8), ("forecast_finish", 9)):
            assert str(values[key].value or "") == (cells[index] if ISO.fullmatch(cells[index]) else "")
        assert values["whole_life_cost"].value == amount(cells[15])
        if benefits:
            assert values["benefits"].value == amount(cells[benefits])


def test_lines_are_those_of_the_file() -> None:
    _, _, found = understood(GMPP_2022)
    with GMPP_2022.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        begins = []
        before = 0
        for _ in reader:
            begins.append(before + 1)
            before = reader.line_num

    assert [row.line for row in found.rows] == begins[1:]


def test_two_years_of_the_uk_portfolio_share_206_projects_and_one_unit_was_renamed() -> None:
    (_, _, before), (_, suggestion, after) = understood(GMPP_2022), understood(GMPP_2023)

    assert len({row.external_id for row in before.rows} & {row.external_id for row in after.rows}) == 206
    assert suggestion.mapping.continues == {"DESNZ": "BEIS"}


def test_the_year_before_is_not_taken_for_this_one() -> None:
    _, before, _ = understood(GMPP_2022)
    _, after, _ = understood(GMPP_2023)

    assert "benefits" not in before.mapping.columns
    assert "benefits" in after.mapping.columns


def test_the_one_date_that_runs_backwards_is_flagged() -> None:
    _, _, found = understood(GMPP_2023)

    flagged = [problem for row in found.rows for problem in row.problems if problem.value_is_kept]
    assert [(problem.code, problem.line) for problem in flagged] == [("start_after_finish", 1072)]


def test_the_australian_text_file_and_workbook_say_the_same() -> None:
    _, suggestion, found = understood(AUSTRALIA / "mdpr-dataset-project-data-1.csv")
    book_table, _, book = understood(AUSTRALIA / "mdpr-dataset-for-public-release.xlsx")

    assert book_table.sheet == "Digital Project Data"
    assert (len(found.accepted), len(found.refused), len(book.accepted)) == (136, 0, 136)
    by_name = {row.external_id: row for row in book.rows}
    for row in found.rows:
        other = by_name[row.external_id]
        for key in ("forecast_finish", "approved_budget", "confidence", "tier"):
            assert row.values[key].value == other.values[key].value, (row.line, key)
    assert suggestion.column("external_id").columns[0].label == "Project name"  # type: ignore[union-attr]
    codes = Counter(row.values["confidence"].value for row in found.rows)
    assert codes == {None: 63, "AG": 35, "A": 16, "G": 13, "AR": 7, "R": 2}
    assert [problem.as_written for row in found.rows for problem in row.problems] == ["Ongoing - No End Date"]


def test_the_australian_workbook_of_the_year_before_has_words_for_five_steps() -> None:
    _, _, found = understood(AUSTRALIA / "digital-project-data.xlsx")

    assert (len(found.accepted), len(found.refused)) == (91, 0)
    assert {problem.code for row in found.rows for problem in row.problems} == {"not_a_date", "not_a_tier"}
    assert {row.values["confidence"].value for row in found.rows} == {"G", "AG", "A", "AR", "R", None}


def test_the_federal_register_loses_its_26_totals_and_one_date() -> None:
    _, _, found = understood(FEDERAL)

    assert (len(found.accepted), len(found.refused)) == (2468, 26)
    assert {problem.code for row in found.refused for problem in row.problems} == {"total_row"}
    unusable = [p for row in found.rows for p in row.problems if p.level == "cell" and not p.value_is_kept]
    assert [(p.line, p.as_written) for p in unusable] == [(2, "2012-30-09")]


def test_an_id_that_is_none_refuses_every_row_that_shares_it() -> None:
    table, suggestion, _ = understood(FEDERAL)
    own = suggestion.mapping.with_columns({"external_id": ("Unique Project ID",)})

    found = interpret(table, own)

    header, rows = raw(FEDERAL)
    ids = Counter(row[header.index("Unique Project ID")] for row in rows if row[0] != "Total")
    assert len(found.accepted) == sum(1 for times in ids.values() if times == 1)


def test_melbourne_has_two_forms_of_dates_side_by_side() -> None:
    table, suggestion, found = understood(MELBOURNE)
    assert (len(found.accepted), suggestion.column("name").columns[0].label) == (445, "ID")  # type: ignore[union-attr]
    own = Mapping(
        "melbourne",
        "Melbourne Water",
        {
            "external_id": ColumnRule(("ID",)),
            "name": ColumnRule(("ID",)),
            "baseline_start": ColumnRule(("BNI",)),
            "forecast_start": ColumnRule(("BCA",)),
            "forecast_finish": ColumnRule(("Stage2",)),
            "forecast_cost": ColumnRule(("FFC",), currency="AUD"),
        },
    )

    found = interpret(table, own)

    header, rows = raw(MELBOURNE)
    for key, name in (("baseline_start", "BNI"), ("forecast_start", "BCA"), ("forecast_finish", "Stage2")):
        texts = [row[header.index(name)] for row in rows]
        expected = ["" if not text else _iso(text) for text in texts]
        assert [str(row.values[key].value or "") for row in found.rows] == expected
    assert [row.values["forecast_cost"].value for row in found.rows] == [Decimal(row[1]) for row in rows]


def _iso(text: str) -> str:
    day = text.split(" ", maxsplit=1)[0]
    if "/" not in day:
        return day
    first, second, year = day.split("/")
    return f"{year}-{int(second):02}-{int(first):02}"


def test_a_register_can_be_read_with_the_mapping_of_another_and_says_what_is_missing() -> None:
    table, _, _ = understood(MELBOURNE)
    gmpp = next(mapping for mapping in shipped() if mapping.name == "gmpp-2022")

    found = interpret(table, replace(gmpp, as_of=None))

    assert len(found.refused) == 445
    assert {"no_required_column", "no_column"} <= {problem.code for problem in found.problems}
