"""Mappings find their columns by name, survive storage, and are suggested for tables nobody described."""

import json
from dataclasses import replace

import pytest

from quarterdeck.exchange.tabular.fields import FIELDS
from quarterdeck.exchange.tabular.mapping import (
    ColumnRule,
    Mapping,
    NotAMapping,
    from_json,
    generic,
    known_names,
    match,
    shipped,
    to_json,
)
from quarterdeck.exchange.tabular.suggestion import suggest
from quarterdeck.exchange.tabular.tests import make


def matched(mapping: Mapping, header: str) -> dict[str, list[str]]:
    table = make.table(header, ",".join("x" for _ in header.split(",")))
    return {key: [column.label for column in columns] for key, columns in match(mapping, table).items()}


def test_columns_are_found_by_name_whatever_their_position_case_and_punctuation() -> None:
    assert matched(make.mapping(unit="Business unit"), "business-unit,NAME,  Id ") == {
        "external_id": ["Id"],
        "name": ["NAME"],
        "unit": ["business-unit"],
    }


def test_the_part_before_a_bracket_matches_but_the_whole_name_is_preferred() -> None:
    own = make.mapping(forecast_finish="End date")

    assert matched(own, "ID,Name,End date (latest)")["forecast_finish"] == ["End date (latest)"]
    assert matched(own, "ID,Name,End date (latest),End date")["forecast_finish"] == ["End date"]


def test_the_first_name_of_a_rule_that_is_there_wins() -> None:
    own = make.mapping(unit=ColumnRule(("Department", "Agency")))

    assert matched(own, "ID,Name,Agency,Department")["unit"] == ["Department"]


def test_a_field_of_several_columns_gets_them_in_the_order_of_its_rule() -> None:
    own = make.mapping(confidence=ColumnRule(("IPA", "SRO"), several=True))

    assert matched(own, "ID,SRO,Name,IPA (amber)")["confidence"] == ["IPA (amber)", "SRO"]


def test_a_pattern_takes_the_latest_year() -> None:
    assert matched(generic(), "ID,Name,DCA 2024,DCA 2025")["confidence"] == ["DCA 2025"]


def test_one_column_fills_one_field_except_a_name_that_is_the_id() -> None:
    assert matched(make.mapping(category="Name"), "ID,Name") == {"external_id": ["ID"], "name": ["Name"]}
    assert matched(make.mapping(external_id="Name"), "Name,Cost") == {"external_id": ["Name"], "name": ["Name"]}


def test_a_mapping_survives_storage() -> None:
    own = replace(
        make.mapping(whole_life_cost=ColumnRule(("Cost",), scale="million", currency="GBP")),
        values={"confidence": {"Fine": "Green"}},
        no_value=("", "void"),
        currency="EUR",
        decimal_comma=True,
        date_order="month",
        continues={"DESNZ": "BEIS"},
    )

    assert from_json(to_json(own)) == own
    assert all(from_json(to_json(mapping)) == mapping for mapping in shipped())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"columns": {"nonsense": {"names": ["x"]}}}, '"nonsense" is not a field'),
        ({"columns": {"name": {"names": []}}}, "has no name"),
        ({"columns": {"name": {"names": ["x"], "scale": "dozen"}}}, '"scale" of "name" is one of'),
        ({"columns": {"name": "Name"}}, "is not an object"),
        ({"columns": {}}, "names no columns"),
        ({"columns": None}, "is an object"),
        ({"as_of": "31/03/2022"}, '"as_of" is a date'),
        ({"currency": "£"}, "three capital letters"),
        ({"title": ""}, 'has no "title"'),
        ({"colums": {}}, "keys nobody reads: colums"),
        ({"continues": {"A": 1}}, "pairs texts with texts"),
        ({"no_value": "NA"}, "is a list of texts"),
        ({"date_order": "year"}, "auto, day or month"),
    ],
)
def test_a_wrong_mapping_is_refused_with_the_key_that_is_wrong(change: dict[str, object], sentence: str) -> None:
    item = json.loads(to_json(make.mapping())) | change

    with pytest.raises(NotAMapping, match=sentence):
        from_json(json.dumps(item))


def test_text_that_is_no_json_is_no_mapping() -> None:
    for text in ("", "[]", "{", "[" * 100_000):
        with pytest.raises(NotAMapping):
            from_json(text)


def test_three_mappings_are_shipped_and_generic_knows_every_field() -> None:
    assert [mapping.name for mapping in shipped()] == ["generic", "gmpp-2022", "gmpp-2023"]
    assert set(generic().columns) == set(FIELDS)
    assert {"project id", "projektnummer", "gmpp id number"} <= known_names()


def test_a_person_can_choose_other_columns_and_take_fields_out() -> None:
    own = make.mapping(unit="Unit").with_columns({"unit": (), "confidence": ("IPA", "SRO")})

    assert "unit" not in own.columns
    assert own.columns["confidence"] == ColumnRule(("IPA", "SRO"), several=True)
    with pytest.raises(NotAMapping):
        own.with_columns({"nonsense": ("x",)})


def test_german_names_are_suggested() -> None:
    table = make.table(
        "Projektnummer;Projektbezeichnung;Abteilung;Projektleitung;Beginn (Plan);Ende (Plan);Gesamtbudget (T€);Ampel",
        "P-1;Neue Brücke;Bau;Anna Lee;01.02.2026;31.03.2027;1.250,5;gelb",
        "P-2;Schule am Park;Bildung;Bo Kern;01.05.2026;30.09.2027;3.400,0;grün",
        "P-3;Archiv digital;IT;Cem Arslan;15.06.2026;30.11.2026;75,25;rot",
    )

    found = suggest(table, shipped())

    assert {one.field: one.columns[0].label for one in found.columns} == {
        "external_id": "Projektnummer",
        "name": "Projektbezeichnung",
        "unit": "Abteilung",
        "manager": "Projektleitung",
        "baseline_start": "Beginn (Plan)",
        "baseline_finish": "Ende (Plan)",
        "approved_budget": "Gesamtbudget (T€)",
        "confidence": "Ampel",
    }
    assert found.mapping.decimal_comma
    assert (found.mapping.currency, found.missing, found.based_on) == ("EUR", (), "generic")


def test_one_copied_row_does_not_take_the_ids_from_a_short_register() -> None:
    table = make.table("Project ID,Project Name", "P-1,Bridge", "P-2,Tunnel", "P-3,Line", "P-3,Line again", ",Dam")
    found = suggest(table, shipped())
    assert found.column("external_id").columns[0].label == "Project ID"  # type: ignore[union-attr]

    table = make.table("Project ID,Project Name", "P-1,Bridge", "P-1,Tunnel", "P-1,Line", "P-2,Dam", "P-2,Lock")
    assert suggest(table, shipped()).column("external_id").columns[0].label == "Project Name"  # type: ignore[union-attr]


def test_columns_are_suggested_by_their_content_when_names_say_nothing() -> None:
    table = make.table(
        "Alpha,Beta,Gamma,Kick-off,Delta,Epsilon (€)",
        "X-01,Bridge over the river,Amber,01/02/2026,same,1200",
        "X-02,School at the park,Green,15/02/2026,same,800",
        "X-03,Digital archive,Red,01/04/2026,same,150",
        "X-04,New ticket system,Amber/Red,01/05/2026,same,90",
    )

    found = suggest(table, shipped())

    assert {one.field: one.columns[0].label for one in found.columns} == {
        "external_id": "Alpha",
        "name": "Beta",
        "confidence": "Gamma",
        "forecast_start": "Kick-off",
        "approved_budget": "Epsilon (€)",
    }
    assert all(one.confidence <= 0.6 for one in found.columns)
    assert found.column("confidence").why == "100 % of its cells are ratings."  # type: ignore[union-attr]


def test_a_status_that_is_no_rating_is_not_taken_for_confidence() -> None:
    lines = [f"P{n},Project {n},{word}" for n, word in enumerate(["Active", "Closed", "Paused", "Active"])]

    assert suggest(make.table("ID,Name,Status", *lines), shipped()).column("confidence") is None
    lines = [f"P{n},Project {n},{word}" for n, word in enumerate(["Green", "Red", "Amber", "Green"])]
    assert suggest(make.table("ID,Name,Status", *lines), shipped()).column("confidence") is not None


def test_a_misspelt_name_is_suggested_with_less_confidence() -> None:
    found = suggest(make.table("ID,Name,Projekt Manger", "P1,Bridge,Ann", "P2,Road,Bo"), shipped()).column("manager")

    assert found is not None
    assert found.confidence < 0.7
    assert found.why == 'The name "Projekt Manger" is close to "Project Manager".'


def test_without_ids_the_name_identifies_and_the_suggestion_says_so() -> None:
    found = suggest(make.table("Project name,Budget", "Bridge,12", "Road,40"), shipped()).column("external_id")

    assert found is not None
    assert (found.columns[0].label, found.confidence) == ("Project name", 0.3)
    assert "renamed project looks like a new one" in found.why


def test_an_id_column_with_twins_is_not_suggested_as_id() -> None:
    lines = [f"{n % 2},K-{n},Project number {n}" for n in range(10)]

    found = suggest(make.table("ID,Key,Name", *lines), shipped()).column("external_id")

    assert found is not None
    assert found.columns[0].label == "Key"


def test_a_mapping_of_an_earlier_import_is_recognised() -> None:
    own = make.mapping(unit="Where", confidence="How")
    table = make.table("Name,ID,Where,How,More", "Bridge,P1,Bau,Green,x")

    found = suggest(table, [*shipped(), own])

    assert (found.based_on, found.mapping) == ("test", own)
    assert suggest(make.table("Name,Where,How", "Bridge,Bau,Green"), [*shipped(), own]).based_on == "generic"
