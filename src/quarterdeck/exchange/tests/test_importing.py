"""What an import does to a portfolio, exactly."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from quarterdeck.core import ledger, moves
from quarterdeck.core.errors import Conflict, Refused, WrongMove
from quarterdeck.core.models import Holding, LedgerEntry, Node, Person
from quarterdeck.core.tests import make as core
from quarterdeck.core.time import at
from quarterdeck.exchange import queries, services
from quarterdeck.exchange.models import Import, ImportFile, ImportRow, NamedMapping
from quarterdeck.exchange.tabular.mapping import ColumnRule
from quarterdeck.exchange.tests import make
from quarterdeck.exchange.tests.make import MARCH_25, MARCH_26, MONDAY, SEPTEMBER_25
from quarterdeck.projects import queries as project_queries
from quarterdeck.projects import services as project_services
from quarterdeck.projects.models import Portfolio, Project, Snapshot
from quarterdeck.projects.tests import make as projects

pytestmark = pytest.mark.django_db


def portfolio() -> Portfolio:
    return Portfolio.objects.get(node__ref="ROADS")


def known() -> dict[str, Project]:
    return {p.external_id: p for p in project_queries.all_projects(core.admin())}


def codes(found: Import) -> list[tuple[int, str]]:
    return [(item["line"], item["code"]) for row in found.rows.order_by("line") for item in row.problems]


def test_every_state_can_be_reached() -> None:
    assert moves.reachable(Import.MOVES, "uploaded") == set(Import.State.values)


def test_the_first_file_makes_the_portfolio_its_units_its_projects_and_a_snapshot() -> None:
    found = make.imported()

    bridge = known()["A1"]
    assert (bridge.ref, bridge.name, bridge.node.unit.name) == ("ROAD-0001", "Bridge", "Roads")  # type: ignore[union-attr]
    assert (bridge.confidence, bridge.forecast_finish, bridge.whole_life_cost) == ("G", date(2027, 3, 31), 10_000_000)
    snapshot = Snapshot.objects.get()
    assert (snapshot.on, snapshot.rows, found.snapshot) == (MARCH_25, 2, snapshot)
    assert (found.state, found.portfolio, make.outcomes(found)) == ("imported", portfolio(), {"A1": "new", "A2": "new"})


def test_a_preview_writes_nothing_but_itself() -> None:
    core.admin()
    before = make.everything()
    found = make.previewed()

    after = make.everything()
    changed = {table for table in after if after[table] != before.get(table)}
    own = {"exchange_import", "exchange_importfile", "exchange_importrow"}
    assert changed == own | {"core_job", "procrastinate_jobs", "procrastinate_events"}
    assert found.counts["new"] == 2


def test_what_the_import_does_is_what_the_preview_showed() -> None:
    make.imported()
    content = make.register(
        "A1,Bridge over the river,Streets,Red,2027-09-30,12,first",
        "A3,Ferry,Roads,Green,2026-12-31,3,third",
        "A4,,Roads,Green,2026-12-31,3,nameless",
    )
    shown = make.previewed(content, into=portfolio(), as_of=MARCH_26)
    before = {row.line: (row.outcome, row.changes, row.problems) for row in shown.rows.all()}
    counts, digest = shown.counts, shown.digest

    done = services.import_all(core.admin(), shown, expected=digest, now=MONDAY)

    assert {row.line: (row.outcome, row.changes, row.problems) for row in done.rows.all()} == before
    assert (done.counts, done.digest) == (counts, digest)
    assert {key: counts[key] for key in ("rows", "new", "changed", "unchanged", "refused", "left")} == {
        "rows": 3, "new": 1, "changed": 1, "unchanged": 0, "refused": 1, "left": 1,
    }  # fmt: skip
    assert {key: counts[key] for key in ("later", "dearer", "worse")} == {"later": 1, "dearer": 1, "worse": 1}
    assert known()["A2"].left_on == MARCH_26
    assert set(known()) == {"A1", "A2", "A3"}


def test_the_past_shows_what_it_showed_before_the_next_file() -> None:
    make.imported()
    actor = core.admin()

    def then() -> list[tuple[object, ...]]:
        with at(MARCH_25):
            return [
                (p.external_id, p.name, p.node.unit.name, p.confidence, p.whole_life_cost, p.forecast_finish)  # type: ignore[union-attr]
                for p in project_queries.projects(actor).order_by("external_id")
            ]

    before = then()
    make.imported(make.register("A1,New name,Other unit,Red,2030-01-01,99,x"), into=portfolio(), as_of=MARCH_26)

    assert len(before) == 2
    assert then() == before


def test_the_same_file_again_changes_nothing_and_takes_no_second_snapshot() -> None:
    first = make.imported()
    versions = {p.pk: p.version for p in Project.objects.all()}

    again = make.imported(into=portfolio())

    assert make.outcomes(again) == {"A1": "unchanged", "A2": "unchanged"}
    assert (Snapshot.objects.count(), again.snapshot) == (1, first.snapshot)
    assert {p.pk: p.version for p in Project.objects.all()} == versions
    assert list(queries.duplicates(core.admin(), again)) == [first]


def test_an_import_is_one_entry_in_the_ledger_with_the_digests_of_file_and_report() -> None:
    found = make.imported()
    entry = LedgerEntry.objects.get(event="exchange.register.imported")
    assert entry.stream == ledger.stream_of(portfolio().node)
    assert found.sha256 in entry.entry
    assert found.digest in entry.entry
    assert not LedgerEntry.objects.filter(event__startswith="projects.project").exists()


def test_an_older_file_adds_to_the_past_and_leaves_the_present_and_the_later_snapshots() -> None:
    make.imported(as_of=MARCH_25)
    make.imported(make.register("A1,Bridge,Roads,Red,2027-03-31,10,x"), into=portfolio(), as_of=MARCH_26)
    today = {key: (p.confidence, p.left_on, p.whole_life_cost) for key, p in known().items()}

    content = make.register(
        "A1,Bridge,Roads,Amber,2027-03-31,11,x",
        "A2,Tunnel,Roads,Amber,2028-03-31,21,y",
        "A9,Old,Roads,Green,2026-01-01,1,z",
    )
    found = make.imported(content, into=portfolio(), as_of=SEPTEMBER_25)

    assert [item["code"] for item in found.problems] == ["older_file"]
    assert found.counts["left"] == 0
    now = {key: (p.confidence, p.left_on, p.whole_life_cost) for key, p in known().items()}
    assert {key: now[key] for key in today} == today
    assert now["A9"] == ("G", MARCH_26, 1_000_000)
    actor = core.admin()

    def on(day: date) -> dict[str, tuple[object, ...]]:
        with at(day):
            return {p.external_id: (p.confidence, p.whole_life_cost) for p in project_queries.projects(actor)}

    assert on(MARCH_25) == {"A1": ("G", 10_000_000), "A2": ("A", 20_000_000)}
    assert on(SEPTEMBER_25) == {"A1": ("A", 11_000_000), "A2": ("A", 21_000_000), "A9": ("G", 1_000_000)}
    assert on(MARCH_26) == {"A1": ("R", 10_000_000)}


def test_an_older_file_does_not_change_what_the_next_snapshot_said_of_a_project_that_stayed_the_same() -> None:
    make.imported(as_of=MARCH_25)
    make.imported(into=portfolio(), as_of=MARCH_26)
    make.imported(make.register("A1,Bridge,Roads,Red,2027-03-31,50,x"), into=portfolio(), as_of=SEPTEMBER_25)

    assert (known()["A1"].confidence, known()["A1"].whole_life_cost) == ("G", 10_000_000)
    actor = core.admin()
    with at(SEPTEMBER_25):
        assert project_queries.projects(actor).get(external_id="A1").confidence == "R"
    with at(MARCH_26):
        assert project_queries.projects(actor).get(external_id="A1").confidence == "G"


def test_what_somebody_changed_after_the_day_of_the_file_stays_and_the_page_says_so() -> None:
    make.imported()
    project_services.change_project(core.admin(), known()["A1"], {"category": "IT"}, now=MONDAY)

    found = make.imported(make.register("A1,Bridge,Roads,Red,2027-03-31,10,x"), into=portfolio(), as_of=MARCH_26)

    assert known()["A1"].confidence == "G"
    assert [item["code"] for item in found.problems] == ["changed_since"]
    assert found.rows.get(external_id="A1").figures["past"]


def test_a_project_that_left_comes_back() -> None:
    make.imported()
    make.imported(make.register("A1,Bridge,Roads,Green,2027-03-31,10,x"), into=portfolio(), as_of=SEPTEMBER_25)
    assert known()["A2"].left_on == SEPTEMBER_25

    found = make.imported(into=portfolio(), as_of=MARCH_26)

    assert found.rows.get(external_id="A2").changes == {"left_on": ["2025-09-30", None]}
    assert known()["A2"].left_on is None


def test_a_refused_row_does_not_make_its_project_leave() -> None:
    make.imported()
    found = make.imported(
        make.register("A1,Bridge,Roads,Green,2027-03-31,10,x", "A2,,Roads,Green,2027-03-31,10,x"),
        into=portfolio(),
        as_of=MARCH_26,
    )
    assert (found.counts["refused"], found.counts["left"], known()["A2"].left_on) == (1, 0, None)


def test_a_project_made_by_hand_does_not_leave_because_a_file_does_not_know_it() -> None:
    make.imported()
    by_hand = projects.project(portfolio(), "By hand")
    make.imported(into=portfolio(), as_of=MARCH_26)
    by_hand.refresh_from_db()
    assert by_hand.left_on is None


def test_a_renamed_unit_stays_the_same_unit() -> None:
    make.imported()
    found = make.uploaded(make.register("A1,Bridge,Mobility,Green,2027-03-31,10,x"), into=portfolio(), as_of=MARCH_26)
    mapping = replace(services.mapping_of(found), continues={"Mobility": "Roads"})
    services.map_columns(core.admin(), found, mapping, as_of=MARCH_26, now=MONDAY)
    services.start_preview(core.admin(), found, now=MONDAY)
    found = services.preview(core.admin(), found, now=MONDAY)
    services.import_all(core.admin(), found, expected=found.digest, now=MONDAY)

    assert list(Node.objects.filter(kind="unit", unit__isnull=False).values_list("name", flat=True)) == ["Mobility"]
    with at(MARCH_25):
        assert Node.objects.filter(kind="unit", name="Roads").exists()
    older = make.previewed(make.register("A1,Bridge,Roads,Green,2027-03-31,10,x"), into=portfolio(), as_of=MARCH_26)
    assert "unit" not in older.rows.get(external_id="A1").changes


def test_sponsors_and_managers_are_found_or_made_and_hold_from_the_day_of_the_file() -> None:
    ada = core.admin().person
    header = "Project ID,Project Name,Sponsor,Sponsor Email,Project Manager"
    make.imported(
        make.register(
            f"A1,Bridge,Somebody,{ada.email},Mia Manager", "A2,Tunnel,Sam Sponsor,,Sam Sponsor", header=header
        )
    )
    held = {
        (h.node.project.external_id, h.role.code): (h.person.name, h.from_on)
        for h in Holding.objects.filter(node__kind="project").select_related("role", "person", "node__project")
    }
    assert held == {
        ("A1", "sponsor"): ("Ada Archer", MARCH_25),
        ("A1", "project_manager"): ("Mia Manager", MARCH_25),
        ("A2", "sponsor"): ("Sam Sponsor", MARCH_25),
    }
    assert codes(Import.objects.get()) == [(3, "same_person")]
    assert not LedgerEntry.objects.filter(event="core.role.given", at=MONDAY, stream__startswith="portfolio").exists()


def test_a_new_manager_follows_and_one_named_since_stays() -> None:
    header = "Project ID,Project Name,Project Manager"
    make.imported(make.register("A1,Bridge,Mia", "A2,Tunnel,Tom", header=header))
    later = core.person("Named today")
    project_services.name_holder(core.admin(), known()["A2"], "manager", later, now=MONDAY)

    found = make.imported(
        make.register("A1,Bridge,Max", "A2,Tunnel,Tim", header=header), into=portfolio(), as_of=MARCH_26
    )

    running = Holding.objects.filter(role__code="project_manager", to_on__isnull=True).values_list(
        "person__name", flat=True
    )
    assert sorted(running) == ["Max", "Named today"]
    assert codes(found) == [(3, "named_since")]


def test_what_is_unusable_stays_unknown_with_its_reason_and_is_listed_with_its_line() -> None:
    services.save_mapping(core.admin(), "Roads", services.mapping_of(make.uploaded()), now=MONDAY)
    found = make.imported(
        make.register(
            "A1,Bridge,Roads,Purple,31/02/2027,many,x",
            "A2,Tunnel,Roads,,Exempt under Section 43 of the Act,£5,y",
        )
    )
    assert codes(found) == [
        (2, "not_a_rating"), (2, "no_such_day"), (2, "not_money"), (3, "sentence"), (3, "wrong_currency"),
    ]  # fmt: skip
    assert known()["A1"].unknown == {
        "confidence": "In the file: “Purple”, which cannot be read.",
        "forecast_finish": "In the file: “31/02/2027”, which cannot be read.",
        "whole_life_cost": "In the file: “many”, which cannot be read.",
    }
    assert known()["A2"].unknown == {
        "confidence": "Not given in the file.",
        "forecast_finish": "In the file: “Exempt under Section 43 of the Act”",
        "whole_life_cost": "In the file: “£5”, which is not used.",
    }


def test_actual_dates_the_wrong_way_round_are_not_used_and_the_row_comes_in() -> None:
    header = "Project ID,Project Name,Actual start,Actual finish"
    found = make.imported(make.register("A1,Bridge,2025-03-01,2025-02-01", header=header))
    project = known()["A1"]
    assert (project.actual_start, project.actual_finish) == (None, None)
    assert codes(found) == [(2, "actual_dates")]
    assert project.unknown["actual_finish"] == "In the file: “2025-02-01”, the wrong way round."


def test_everything_that_came_is_kept_with_the_row() -> None:
    found = make.imported()
    row = found.rows.get(external_id="A1")
    assert row.cells == {
        "Project ID": "A1", "Project Name": "Bridge", "Department": "Roads", "RAG": "Green", "Finish": "2027-03-31",
        "Whole life cost (€m)": "10", "Note": "first",
    }  # fmt: skip
    assert row.unmapped == {"Note": "first"}
    assert queries.came_with(core.admin(), known()["A1"]) == row


def test_what_came_with_a_project_is_that_of_the_day_that_is_looked_at() -> None:
    first = make.imported()
    second = make.imported(into=portfolio(), as_of=MARCH_26)
    actor, project = core.admin(), known()["A1"]

    def of() -> Import | None:
        row = queries.came_with(actor, project)
        return row.of if row else None

    assert of() == second
    with at(SEPTEMBER_25):
        assert of() == first
    with at(date(2024, 1, 1)):
        assert of() is None


def test_a_portfolio_that_changed_since_the_preview_is_not_imported_into() -> None:
    make.imported()
    content = make.register("A1,Bridge,Roads,Red,2027-03-31,10,x")
    shown = make.previewed(content, into=portfolio(), as_of=MARCH_26)
    make.imported(make.register("A1,Bridge,Roads,Amber,2027-03-31,10,x"), into=portfolio(), as_of=SEPTEMBER_25)

    with pytest.raises(Conflict, match="changed since"):
        services.import_all(core.admin(), shown, expected=shown.digest, now=MONDAY)
    assert known()["A1"].confidence == "A"


def test_an_import_that_is_done_is_done_once_and_can_be_asked_again() -> None:
    found = make.imported()
    again = services.import_all(core.admin(), found, expected=found.digest, now=MONDAY)
    assert again.imported_at == found.imported_at
    assert LedgerEntry.objects.filter(event="exchange.register.imported").count() == 1
    with pytest.raises(Conflict):
        services.start_import(core.admin(), found, now=MONDAY)


def test_asked_twice_one_job_is_under_way() -> None:
    found = make.previewed()
    assert services.start_import(core.admin(), found, now=MONDAY) == services.start_import(
        core.admin(), found, now=MONDAY
    )


def test_an_import_that_was_given_up_keeps_no_file_and_goes_no_further() -> None:
    found = make.previewed()
    services.abandon(core.admin(), found, now=MONDAY)
    assert (found.state, ImportFile.objects.count(), ImportRow.objects.count()) == ("abandoned", 0, 0)
    with pytest.raises(WrongMove):
        services.start_preview(core.admin(), found, now=MONDAY)


def test_columns_chosen_anew_throw_the_preview_away() -> None:
    found = make.previewed()
    services.map_columns(core.admin(), found, services.mapping_of(found), as_of=MARCH_25, now=MONDAY)
    assert found.state == "mapped"
    with pytest.raises(Conflict):
        services.start_import(core.admin(), found, now=MONDAY)


def test_a_kept_mapping_is_suggested_for_the_next_file_whatever_the_order_of_its_columns() -> None:
    found = make.uploaded()
    mapping = services.mapping_of(found).with_columns({"narrative": ("Note",)})
    mapping = replace(mapping, values={"confidence": {"Purple": "AR"}})
    services.save_mapping(core.admin(), "Roads yearly", mapping, now=MONDAY)

    header = "Note,RAG,Project Name,Project ID,Department,Finish,Whole life cost (€m)"
    done = make.imported(make.register("words,Purple,Bridge,A1,Roads,2027-03-31,10", header=header))

    assert done.mapping_name == "Roads yearly"
    assert (known()["A1"].narrative, known()["A1"].confidence) == ("words", "AR")


def test_a_mapping_is_kept_under_ones_own_name_only() -> None:
    mapping = services.mapping_of(make.uploaded())
    other = core.actor("pmo_analyst")
    services.save_mapping(core.admin(), "Roads", mapping, now=MONDAY)
    for actor, name in ((other, "roads"), (core.admin(), "GMPP-2022"), (core.admin(), "  ")):
        with pytest.raises(Refused):
            services.save_mapping(actor, name, mapping, now=MONDAY)
    assert NamedMapping.objects.count() == 1


def test_a_declared_tier_is_kept_with_the_row_and_not_taken_over() -> None:
    header = "Project ID,Project Name,Tier,Budget (€m)"
    found = make.imported(make.register("A1,Bridge,4,900", header=header))
    assert found.rows.get().unmapped == {"Tier": "4"}
    assert known()["A1"].tier == 4
    assert known()["A1"].tier_provisional


def test_a_file_that_cannot_be_read_is_refused_in_its_own_words() -> None:
    with pytest.raises(Refused, match="not a table"):
        make.uploaded(b"%PDF-1.7 nothing of a register")
    assert Import.objects.count() == 0


def test_the_command_imports_and_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    path = make.file(tmp_path, make.TWO, "roads-2025-03-31.csv")
    core.admin()
    before = make.everything()
    dry = services.import_register_file(
        core.admin(), path, mapping="generic", portfolio="ROADS", dry_run=True, now=MONDAY
    )
    assert make.everything() == before

    done = services.import_register_file(core.admin(), path, mapping="generic", portfolio="ROADS", now=MONDAY)

    assert done.as_json() == dry.as_json()
    assert {key: done.as_json()[key] for key in ("rows", "created", "updated", "unchanged", "refused")} == {
        "rows": 2, "created": 2, "updated": 0, "unchanged": 0, "refused": 0,
    }  # fmt: skip
    assert done.as_json()["unmapped_columns"] == ["Note"]
    assert (portfolio().name, portfolio().currency, Snapshot.objects.get().on) == ("ROADS", "EUR", MARCH_25)
    again = services.import_register_file(core.admin(), path, mapping="generic", portfolio="roads", now=MONDAY)
    assert again.as_json()["unchanged"] == 2


def test_an_unknown_mapping_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    path = make.file(tmp_path, make.TWO)
    with pytest.raises(Refused, match="No mapping is called"):
        services.import_register_file(core.admin(), path, mapping="nobody", portfolio="ROADS", now=MONDAY)
    assert not Portfolio.objects.exists()


def test_a_register_tells_of_no_day_to_come() -> None:
    with pytest.raises(Refused, match="not come yet"):
        make.uploaded(as_of=date(2027, 1, 1))


def test_a_unit_slip_and_a_large_amount_are_named_and_what_is_too_large_is_not_kept() -> None:
    rule = ColumnRule(("Whole life cost (€m)",), scale="billion")
    found = make.uploaded(make.register("A1,Bridge,Roads,Green,2027-03-31,200000,x"))
    mapping = replace(
        services.mapping_of(found), columns=services.mapping_of(found).columns | {"whole_life_cost": rule}
    )
    services.map_columns(core.admin(), found, mapping, as_of=MARCH_25, now=MONDAY)
    services.start_preview(core.admin(), found, now=MONDAY)
    found = services.preview(core.admin(), found, now=MONDAY)
    services.import_all(core.admin(), found, expected=found.digest, now=MONDAY)
    assert codes(found) == [(2, "too_much_money")]
    assert known()["A1"].whole_life_cost is None


def test_people_and_units_are_not_made_twice_in_one_file() -> None:
    header = "Project ID,Project Name,Department,Project Manager"
    make.imported(make.register("A1,Bridge,Roads,Mia", "A2,Tunnel,ROADS,mia", "A3,Ferry,roads,MIA", header=header))
    assert Node.objects.filter(kind="unit", unit__isnull=False).count() == 1
    assert Person.objects.filter(name__iexact="mia").count() == 1


def test_a_name_that_is_the_id_is_found_again_however_long_it_is() -> None:
    long = "Renewal of the northern approach to the harbour bridge and of everything below it and " * 2
    header = "Project Name,Department"
    content = make.register(f"{long}one,Roads", f"{long}two,Roads", header=header)
    make.imported(content)
    again = make.imported(content, into=portfolio(), as_of=MARCH_26)
    assert sorted(row.outcome for row in again.rows.all()) == ["unchanged", "unchanged"]
    assert {len(p.external_id) for p in Project.objects.all()} == {120}


def test_amounts_keep_their_exact_value() -> None:
    make.imported(make.register("A1,Bridge,Roads,Green,2027-03-31,3.33,x"))
    assert known()["A1"].whole_life_cost == Decimal(3330000)
