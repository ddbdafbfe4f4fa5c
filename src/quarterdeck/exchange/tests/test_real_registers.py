"""Registers that offices published, imported as they are."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from quarterdeck.core.models import Node
from quarterdeck.core.tests import make as core
from quarterdeck.core.time import at
from quarterdeck.exchange import services
from quarterdeck.exchange.models import Import
from quarterdeck.exchange.tests import make
from quarterdeck.exchange.tests.make import AUSTRALIA, FEDERAL, GMPP_2022, GMPP_2023, MELBOURNE, MONDAY
from quarterdeck.projects import queries
from quarterdeck.projects.models import Project, Snapshot

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not make.REAL_DATA.is_dir(), reason="the published registers are not beside this checkout"),
]
MARCH_22, MARCH_23 = date(2022, 3, 31), date(2023, 3, 31)


def ids(path: Path) -> set[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["GMPP ID Number"] for row in csv.DictReader(file)}


def by_command(path: Path, mapping: str) -> dict[str, object]:
    found = services.import_register_file(core.admin(), path, mapping=mapping, portfolio="GMPP", now=MONDAY)
    return found.as_json()


def test_two_years_of_the_uk_portfolio() -> None:
    actor = core.admin()
    first, second = ids(GMPP_2022), ids(GMPP_2023)

    def as_of(day: date) -> list[tuple[object, ...]]:
        with at(day):
            return [
                (p.external_id, p.name, p.node.unit.name, p.whole_life_cost, p.confidence, p.forecast_finish, p.unknown)  # type: ignore[union-attr]
                for p in queries.projects(actor).order_by("external_id")
            ]

    report = by_command(GMPP_2022, "gmpp-2022")
    assert {key: report[key] for key in ("rows", "created", "updated", "unchanged", "refused")} == {
        "rows": 235, "created": 235, "updated": 0, "unchanged": 0, "refused": 0,
    }  # fmt: skip
    before = as_of(MARCH_22)
    assert len(before) == 235

    report = by_command(GMPP_2023, "gmpp-2023")

    assert (report["rows"], report["created"], report["refused"]) == (244, len(second - first), 0) == (244, 38, 0)
    assert report["updated"] + report["unchanged"] == len(first & second) == 206  # type: ignore[operator]
    left = Project.objects.filter(left_on=MARCH_23)
    assert {project.external_id for project in left} == first - second
    assert left.count() == 29
    assert as_of(MARCH_22) == before
    assert len(as_of(MARCH_23)) == 244
    assert list(Snapshot.objects.order_by("on").values_list("on", "rows")) == [(MARCH_22, 235), (MARCH_23, 244)]
    problems = report["problems"]
    assert isinstance(problems, list)
    assert Counter(problem["code"] for problem in problems) == {"sentence": 121, "start_after_finish": 1}
    assert all(problem["line"] > 1 and problem["column"] for problem in problems)
    assert Node.objects.get(kind="unit", name="DESNZ") == Node.objects.get(aliases__alias="BEIS")

    again = by_command(GMPP_2023, "gmpp-2023")
    assert (again["unchanged"], Snapshot.objects.count()) == (244, 2)


def test_every_unusable_cell_is_kept_with_its_row() -> None:
    by_command(GMPP_2022, "gmpp-2022")
    rows = {row.line: row for row in Import.objects.get().rows.all()}
    listed = [(row, item) for row in rows.values() for item in row.problems]
    assert len(listed) == 98
    assert all(row.cells[item["column"]] == item["as_written"] for row, item in listed)


@pytest.mark.parametrize(
    ("path", "rows", "refused"),
    [
        (AUSTRALIA / "mdpr-dataset-project-data-1.csv", 136, 0),
        (AUSTRALIA / "mdpr-dataset-for-public-release.xlsx", 136, 0),
        (AUSTRALIA / "digital-project-data.xlsx", 91, 0),
        (FEDERAL, 2494, 26),
        (MELBOURNE, 445, 0),
    ],
)
def test_other_registers_go_through_the_preview_with_what_is_suggested(path: Path, rows: int, refused: int) -> None:
    found = make.previewed(path.read_bytes(), name=path.name, as_of=date(2026, 3, 31))
    assert (found.state, found.counts["rows"], found.counts["refused"]) == ("previewed", rows, refused)
    assert found.counts["new"] == rows - refused


def test_the_australian_register_is_imported_with_what_is_suggested() -> None:
    path = AUSTRALIA / "mdpr-dataset-project-data-1.csv"
    done = make.imported(path.read_bytes(), name=path.name, as_of=date(2025, 2, 28))
    assert (done.state, Project.objects.count()) == ("imported", 136)
