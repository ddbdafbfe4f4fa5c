"""Rows become values of fields, and everything wrong with them is said with line, column and what was done."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from quarterdeck.exchange.tabular import stored
from quarterdeck.exchange.tabular.columns import Value
from quarterdeck.exchange.tabular.mapping import ColumnRule
from quarterdeck.exchange.tabular.problems import DOUBTFUL, SENTENCES, Level
from quarterdeck.exchange.tabular.rows import Interpretation, interpret
from quarterdeck.exchange.tabular.tests import make

DATES = make.mapping(forecast_start="Start", forecast_finish="Finish")
COST = make.mapping(whole_life_cost=ColumnRule(("Cost",), scale="million", currency="GBP"))


def read(lines: list[str], mapping: object = None) -> Interpretation:
    return interpret(make.table(*lines), mapping or make.mapping())  # type: ignore[arg-type]


def messages(found: Interpretation) -> list[tuple[int, str, str]]:
    return [(problem.line, problem.column_letter, problem.message) for problem in found.all_problems()]


def test_a_row_has_values_and_keeps_what_no_field_takes() -> None:
    found = read(["ID,Name,Colour,Empty", "P1, The  bridge ,blue,"]).rows[0]

    assert (found.line, found.external_id, found.refused, found.problems) == (2, "P1", False, ())
    assert found.values["name"] == Value("The bridge", " The  bridge ", None, "Name")
    assert found.unmapped == {"Colour": "blue"}


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        (",Bridge,5", "no_id", "The row has no id. It is not imported."),
        ("N/A,Bridge,5", "no_id", "The row has no id. It is not imported."),
        ("P1,,5", "no_name", "The row has no name. It is not imported."),
        (",Total,5", "total_row", "The row is a total, not a project. It is not imported."),
        ("Summe,,5", "total_row", "The row is a total, not a project. It is not imported."),
        ("ID,Name,Cost", "header_again", "The row repeats the names of the columns. It is not imported."),
    ],
)
def test_a_row_that_is_no_project_is_refused(line: str, code: str, message: str) -> None:
    found = read(["ID,Name,Cost", line, "P2,Road,6"])

    problem = found.refused[0].problems[0]
    assert (problem.line, problem.level, problem.code, problem.message) == (2, Level.ROW, code, message)
    assert [row.external_id for row in found.accepted] == ["P2"]


def test_rows_of_one_id_are_all_refused_and_name_each_other() -> None:
    found = read(["ID,Name", "P1,Bridge", "P2,Road", "p1,School", " P1 ,Archive"])

    assert [row.line for row in found.refused] == [2, 4, 5]
    assert messages(found)[0] == (
        2,
        "A",
        'The id "P1" stands in lines 2, 4 and 5. None of them is imported, because nothing says which is right.',
    )


def test_two_rows_of_one_id_are_both_refused() -> None:
    found = read(["ID,Name", "P1,Bridge", "P1,Road", "P2,School"])

    assert [(row.line, row.problems[0].details["lines"]) for row in found.refused] == [(2, "2 and 3"), (3, "2 and 3")]


def test_without_a_column_for_the_id_no_row_is_imported_and_the_file_says_why_once() -> None:
    found = read(["Number,Name", "P1,Bridge", "P2,Road"])

    assert len(found.refused) == 2
    assert messages(found) == [(0, "", "No column holds the id, so no row can be imported. Choose one.")]


def test_a_column_the_mapping_expects_in_vain_is_named() -> None:
    assert messages(read(["ID,Name", "P1,Bridge"], make.mapping(unit="Ministry"))) == [
        (0, "", 'The file has no column for the unit; it was looked for as "Ministry".')
    ]


@pytest.mark.parametrize(
    ("finish", "message"),
    [
        ("31/02/2025", "31 February does not exist. The finish is left empty."),
        ("29/02/2025", "29 February 2025 does not exist. The finish is left empty."),
        ("01/01/2999", "The year 2999 is outside 1950 to 2150. The finish is left empty."),
        ("2012-30-09", '"2012-30-09" is no day of the calendar. The finish is left empty.'),
        ("soon", '"soon" is not a date. The finish is left empty.'),
        (
            "Exempt under Section 9 of the Act",
            'The cell holds a sentence: "Exempt under Section 9 of the Act" The finish stays unknown with this reason.',
        ),
    ],
)
def test_an_unusable_cell_is_listed_with_line_letter_and_effect(finish: str, message: str) -> None:
    row = read(["ID,Name,Start,Finish", f"P1,Bridge,01/02/2025,{finish}"], DATES).rows[0]

    problem = row.problems[0]
    assert (problem.line, problem.column_letter, problem.column, problem.level) == (2, "D", "Finish", Level.CELL)
    assert (problem.message, problem.as_written, problem.value_is_kept) == (message, finish, False)
    assert row.values["forecast_finish"].value is None
    assert row.values["forecast_start"].value == dt.date(2025, 2, 1)
    assert not row.refused


def test_reasons_tell_nothing_given_from_withheld_and_unusable() -> None:
    own = make.mapping(forecast_finish="Finish")
    lines = ["ID,Name,Finish", "P1,a,NA", "P2,b,Exempt under Section 43\u00a0 of the Act", "P3,c,soon"]

    values = [row.values["forecast_finish"] for row in read(lines, own).rows]

    assert [value.reason for value in values] == ["not_given", "withheld", "unusable"]
    assert [value.explanation for value in values] == ["", "Exempt under Section 43 of the Act", ""]
    assert read(lines, own).rows[0].problems == ()


def test_words_for_no_value_are_those_of_the_mapping() -> None:
    own = replace(make.mapping(forecast_finish="Finish"), no_value=("later",))
    found = read(["ID,Name,Finish", "P1,a,Later", "P2,b,NA"], own)

    assert [row.values["forecast_finish"].reason for row in found.rows] == ["not_given", "unusable"]


def test_a_finish_without_a_day_is_the_last_of_its_month_and_a_start_the_first() -> None:
    values = read(["ID,Name,Start,Finish", "P1,Bridge,Mar 2026,Mar 2026"], DATES).rows[0].values

    assert (values["forecast_start"].value, values["forecast_start"].precision) == (dt.date(2026, 3, 1), "month")
    assert (values["forecast_finish"].value, values["forecast_finish"].precision) == (dt.date(2026, 3, 31), "month")


def test_the_order_of_day_and_month_is_taken_from_what_other_dates_prove() -> None:
    day = read(["ID,Name,Start,Finish", "P1,a,03/04/2026,05/06/2026", "P2,b,25/04/2026,05/07/2026"], DATES)
    month = read(["ID,Name,Start,Finish", "P1,a,03/04/2026,05/06/2026", "P2,b,04/25/2026,05/07/2026"], DATES)

    assert day.rows[0].values["forecast_finish"].value == dt.date(2026, 6, 5)
    assert month.rows[0].values["forecast_finish"].value == dt.date(2026, 5, 6)
    assert day.problems == month.problems == ()


def test_an_order_nothing_proves_is_said() -> None:
    found = read(["ID,Name,Start", "P1,a,03/04/2026"], make.mapping(forecast_start="Start"))

    assert messages(found) == [
        (1, "C", "Nothing in the column shows whether 03/04 is 3 April or March 4. It is read day first.")
    ]
    said = replace(make.mapping(forecast_start="Start"), date_order="month")
    assert read(["ID,Name,Start", "P1,a,03/04/2026"], said).rows[0].values["forecast_start"].value == dt.date(
        2026, 3, 4
    )


def test_forms_and_orders_that_mix_in_one_column_are_stated() -> None:
    lines = ["ID,Name,Start", "P1,a,2026-04-03", "P2,b,25/04/2026", "P3,c,26/04/2026", "P4,d,04/27/2026"]

    found = read(lines, make.mapping(forecast_start="Start"))

    assert [row.values["forecast_start"].value.day for row in found.rows] == [3, 25, 26, 27]  # type: ignore[union-attr]
    assert [message for *_, message in messages(found)] == [
        "2 dates of the column can only have the day first, 1 only the month. "
        "Those that could be either are read day first.",
        "The column writes dates in 3 forms: 31/03/2026 (2), 2026-03-31 (1), 03/31/2026 (1). Each is read in its own.",
    ]


def test_a_start_after_its_finish_is_kept_and_flagged() -> None:
    row = read(["ID,Name,Start,Finish", "P1,Bridge,2023-02-20,2023-01-20"], DATES).rows[0]

    assert row.problems[0].message == (
        "The start, 20 February 2023, is later than the finish, 20 January 2023. Both are kept as written."
    )
    assert row.problems[0].value_is_kept
    assert row.values["forecast_start"].value == dt.date(2023, 2, 20)


def test_an_actual_date_after_the_day_of_the_register_is_flagged() -> None:
    own = replace(make.mapping(actual_finish="Done"), as_of=dt.date(2026, 3, 31))

    assert [problem.code for problem in make.row("Done", "2026-04-01", own).problems] == ["in_the_future"]
    assert make.row("Done", "2026-03-31", own).problems == ()


def test_money_is_exact_in_whole_units_with_its_currency() -> None:
    value = make.row("Cost", '"£3,330"', COST).values["whole_life_cost"]

    assert (value.value, str(value.value), value.currency) == (Decimal(3_330_000_000), "3330000000", "GBP")


def test_the_unit_and_currency_come_from_the_header_when_the_mapping_leaves_them_open() -> None:
    lines = ["ID;Name;Cost (T€)", "P1;Bridge;1.250,5"]
    own = replace(make.mapping(whole_life_cost="Cost"), decimal_comma=True)

    value = read(lines, own).rows[0].values["whole_life_cost"]

    assert (value.value, value.currency) == (Decimal(1_250_500), "EUR")


def test_another_currency_in_a_cell_is_kept_and_flagged() -> None:
    row = make.row("Cost", "€5", COST)

    assert row.values["whole_life_cost"].currency == "EUR"
    assert row.problems[0].message == "The amount is in EUR, the register in GBP. It is kept in EUR."


def test_amounts_without_any_currency_are_said_once() -> None:
    found = read(["ID,Name,Cost", "P1,a,5", "P2,b,6"], make.mapping(whole_life_cost="Cost"))

    assert messages(found) == [(0, "", "Nothing says which currency the amounts are in.")]
    assert read(["ID,Name,Cost", "P1,a,£5"], make.mapping(whole_life_cost="Cost")).problems == ()


def test_a_negative_cost_is_flagged_and_a_negative_benefit_is_not() -> None:
    own = make.mapping(spent=ColumnRule(("Spent",), currency="GBP"), benefits=ColumnRule(("Gain",), currency="GBP"))

    row = make.row("Spent,Gain", "-5,-6", own)

    assert [problem.message for problem in row.problems] == ["The amount spent is negative. It is kept as written."]
    assert row.values["benefits"].value == Decimal(-6)


def test_an_amount_in_the_wrong_unit_is_flagged() -> None:
    lines = ["ID,Name,Cost", *[f"P{n},a{n},{10 + n}" for n in range(10)], "P99,slip,45000000"]

    found = read(lines, COST)

    assert messages(found) == [
        (
            12,
            "C",
            "The whole-life cost is 3,000,000 times the middle value of this column, so it is probably in pounds, "
            "not in millions. It is kept as written.",
        )
    ]
    assert found.rows[-1].values["whole_life_cost"].value == Decimal(45_000_000_000_000)


@pytest.mark.parametrize(
    ("ipa", "sro", "value", "column", "problems"),
    [
        ("Red", "Green", "R", "IPA", 0),
        ("NA", "Green", "G", "SRO", 0),
        ("", "", None, "IPA", 0),
        ("Exempt under Section 24 of the Act", "Amber", "A", "SRO", 1),
        ("", "Exempt under Section 24 of the Act", None, "SRO", 1),
        ("Exempt under Section 24 of the Act", "Exempt under Section 24 of the Act", None, "IPA", 2),
        ("Purple", "Amber/Green", "AG", "SRO", 1),
    ],
)
def test_the_first_usable_of_several_columns_wins(
    ipa: str, sro: str, value: str | None, column: str, problems: int
) -> None:
    own = make.mapping(confidence=ColumnRule(("IPA", "SRO"), several=True))

    row = make.row("SRO,IPA", f"{sro},{ipa}", own)

    assert (row.values["confidence"].value, row.values["confidence"].column) == (value, column)
    assert len(row.problems) == problems


def test_words_of_the_mapping_replace_those_of_the_file() -> None:
    own = replace(
        make.mapping(confidence="Health", unit="Unit"), values={"confidence": {"Sunny": "Green", "gone": "NA"}}
    )

    assert make.row("Health,Unit", "SUNNY,x", own).values["confidence"].value == "G"
    assert make.row("Health,Unit", "gone,x", own).values["confidence"].reason == "not_given"


def test_an_unknown_mark_of_confidentiality_protects() -> None:
    row = make.row("Secret", "perhaps", make.mapping(confidential="Secret"))

    assert row.values["confidential"].value is True
    assert row.problems[0].message == '"perhaps" is neither yes nor no. The project is treated as confidential.'


def test_narratives_keep_their_lines_and_names_do_not() -> None:
    row = make.row("Story", '"First \r\n\r\nsecond"', make.mapping(narrative="Story"))

    assert row.values["narrative"].value == "First\n\nsecond"


def test_a_name_that_is_too_long_is_not_cut_but_refused() -> None:
    row = read(["ID,Name", f"P1,{'x' * 501}"]).rows[0]

    assert row.refused
    assert [problem.code for problem in row.problems] == ["no_name", "too_long"]


def test_an_interpretation_survives_storage() -> None:
    own = replace(DATES, columns=dict(DATES.columns) | dict(COST.columns), as_of=dt.date(2026, 1, 1))
    lines = ["ID,Name,Start,Finish,Cost,More", "P1,Bridge,Mar 2026,31/02/2025,£5.50,x", ",,soon,NA,,", "P1,b,,,,"]
    found = read(lines, own)

    assert stored.from_json(stored.to_json(found)) == found
    assert stored.row_from_item(stored.row_to_item(found.rows[0])) == found.rows[0]


def test_sentences_are_plain() -> None:
    for code, sentence in SENTENCES.items():
        assert sentence.endswith("."), code
        assert not any(word in sentence.lower() for word in ("invalid", "error:", "please", "!", "null")), code
    assert set(SENTENCES) >= DOUBTFUL
