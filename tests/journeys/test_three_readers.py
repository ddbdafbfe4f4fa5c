"""
A person with no grant, the manager of one project and the PMO lead: each sees exactly their rows.

Two registers are imported; the same question is asked in list, export, dashboard, its lists and exports, today and as
of the first day. What each reader may see is worked out here from the grants, not from the product's own questions.
"""

import csv
import io
import re
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from quarterdeck.core.models import Account, Person
from quarterdeck.core.tests import make
from quarterdeck.exchange.services import import_register_file
from quarterdeck.projects import services
from quarterdeck.projects.models import Project

pytestmark = pytest.mark.django_db

FIRST, SECOND = date(2025, 9, 30), date(2026, 9, 30)
HEAD = "Project ID,Project name,Department,Delivery confidence,Start date,End date,Whole life cost"
THEN = [
    "A-1,Tariff engine,Customer,Amber,2025-01-01,2027-03-31,2400000",
    "A-2,Leakage analytics,Water,Green,2025-06-01,2027-06-30,1800000",
    "A-3,Smart meter wave 3,Energy,Green,2024-01-01,2028-12-31,93500000",
    "A-4,Gone since,Energy,Red,2024-01-01,2026-12-31,700000",
]
NOW = [
    "A-1,Tariff engine,Customer,Red,2025-01-01,2027-11-30,2900000",
    "A-2,Leakage analytics,Water,Green,2025-06-01,2027-06-30,1800000",
    "A-3,Smart meter wave 3,Energy,Amber,2024-01-01,2028-12-31,93500000",
    "A-5,Data catalogue,Customer,Green,2026-01-01,2027-12-31,400000",
]
ROWS = {
    "today": {"nobody": set[str](), "manager": {"A-1"}, "lead": {"A-1", "A-2", "A-3", "A-5"}},
    "then": {"nobody": set[str](), "manager": {"A-1"}, "lead": {"A-1", "A-2", "A-3", "A-4"}},
}
COST = {"A-1": (2_900_000, 2_400_000), "A-2": (1_800_000, 1_800_000), "A-3": (93_500_000, 93_500_000),
        "A-4": (0, 700_000), "A-5": (400_000, 0)}  # fmt: skip


@pytest.fixture
def readers(tmp_path: Path) -> dict[str, Client]:
    admin = make.admin()
    for day, rows in ((FIRST, THEN), (SECOND, NOW)):
        path = tmp_path / f"register-{day}.csv"
        path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
        import_register_file(admin, path, mapping="generic", portfolio="READ", as_of=day, now=make.MONDAY)
    nobody, manager, lead = make.person("Nora None"), make.person("Mika Manager"), make.person("Lena Lead")
    services.name_holder(admin, Project.objects.get(external_id="A-1"), "manager", manager, now=make.MONDAY)
    make.grant(lead, "pmo_lead", make.top())
    return {"nobody": client(nobody), "manager": client(manager), "lead": client(lead)}


def client(person: Person) -> Client:
    account: Account = make.account(person)
    found = Client()
    found.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return found


def exported(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize("when", ["today", "then"])
@pytest.mark.parametrize("who", ["nobody", "manager", "lead"])
def test_each_reader_sees_exactly_their_rows(who: str, when: str, readers: dict[str, Client]) -> None:
    reader, expected = readers[who], ROWS[when][who]
    past = "" if when == "today" else f"as_of={FIRST.isoformat()}"
    names = {row.split(",")[0]: row.split(",")[1] for row in THEN + NOW}
    refs = dict(Project.objects.values_list("external_id", "node__ref"))

    page = reader.get(f"/projects/?{past}").content.decode()
    assert {key for key, name in names.items() if name in page} == expected

    rows = exported(reader.get(f"/projects/?format=csv&columns=ref,external_id,cost&{past}").content)
    assert {row["External id"] for row in rows} == expected

    for key in names:
        answer = reader.get(f"/projects/{refs[key]}/?{past}")
        known = key in expected or (key == "A-4" and who == "lead")
        assert (answer.status_code == 200) == known, (key, answer.status_code)

    dashboard = reader.get(f"/portfolios/READ/?{past}")
    if not expected:
        assert dashboard.status_code == 404
        assert reader.get("/portfolios/UNKNOWN/").status_code == 404
        return
    text = dashboard.content.decode()
    assert {key for key, name in names.items() if name in text} <= expected | _compared(who, when)
    total = sum(COST[key][0 if when == "today" else 1] for key in expected)
    how = reader.get(f"/portfolios/READ/how/cost/?{past}", headers={"HX-Request": "true"}).content.decode()
    assert re.sub(r"[^0-9]", "", _money(how)) == str(total)
    listed = exported(reader.get(f"/portfolios/READ/rows/projects/?format=csv&{past}").content)
    assert {row["Reference"] for row in listed} == {refs[key] for key in expected}


def _compared(who: str, when: str) -> set[str]:
    """Today's dashboard may name a project that left since the day it compares with."""
    return {"A-4"} if (who, when) == ("lead", "today") else set()


def _money(page: str) -> str:
    found = re.search(r"€[0-9,]{5,}", page)
    assert found, page
    return found.group()
