"""
The real register of a government, two years of it: what a PMO lead would hand over on the first day.

Reads ../shared/data/uk-gmpp in place and is skipped where that folder is missing.
"""

import csv
import re
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from conftest import REAL_DATA
from quarterdeck.core.services import accounts
from quarterdeck.core.tests import make
from quarterdeck.exchange.services import import_register_file
from quarterdeck.projects.models import Project

FOLDER = REAL_DATA / "uk-gmpp"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f"The real registers are not here ({FOLDER})."),
]
FIRST, SECOND = date(2022, 3, 31), date(2023, 3, 31)
PAGES = (
    "/portfolios/GMPP/", "/portfolios/GMPP/movers/", "/portfolios/GMPP/how/cost/", "/projects/", "/projects/?page=3",
    "/projects/?format=csv", "/projects/?q=one+login", "/projects/GMPP-0031/", "/projects/GMPP-0031/history/",
)  # fmt: skip


def register(year: int) -> Path:
    (path,) = FOLDER.glob(f"*{year}.csv")
    return path


def ids(year: int) -> set[str]:
    with register(year).open(encoding="utf-8-sig", newline="") as file:
        return {row["GMPP ID Number"].strip() for row in csv.DictReader(file)}


def take(year: int, day: date) -> dict[str, object]:
    return import_register_file(
        make.admin(), register(year), mapping=f"gmpp-{year}", portfolio="GMPP", as_of=day, now=make.MONDAY
    ).as_json()


@pytest.fixture
def lead() -> Client:
    make.organisation()
    client = Client()
    client.force_login(accounts.first_administrator(), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def as_then(client: Client) -> list[str]:
    """The pages as of the first day, without what differs in every answer."""
    found = []
    for path in PAGES:
        answer = client.get(f"{path}{'&' if '?' in path else '?'}as_of={FIRST.isoformat()}")
        assert answer.status_code == 200, path
        text = re.sub(
            r'nonce="[^"]*"|"inlineScriptNonce":"[^"]*"|csrf[^>]*>|X-CSRFToken[^}]*', "", answer.content.decode()
        )
        found.append(re.sub(r"\d\d:\d\d(:\d\d)?", "", text))
    return found


def test_two_registers_of_one_portfolio_and_the_first_day_stays_as_it_was(lead: Client) -> None:
    first = take(2022, FIRST)
    assert (first["rows"], first["created"], first["refused"]) == (235, 235, 0)
    before = as_then(lead)

    second = take(2023, SECOND)
    both = ids(2022) & ids(2023)
    assert len(both) == 206
    assert second["rows"] == 244
    assert second["created"] == 244 - 206
    assert int(str(second["updated"])) + int(str(second["unchanged"])) == 206
    assert all(problem["line"] and problem["message"] for problem in first["problems"])  # type: ignore[attr-defined]

    assert as_then(lead) == before
    assert Project.objects.filter(left_on=SECOND).count() == 235 - 206

    page = re.sub(r"<[^>]*>", "", lead.get("/portfolios/GMPP/").content.decode())
    assert re.search(r"38 new,\s+29 left", page)
    assert re.search(r"193\s+of\s+244", page)
    assert "Confidence shift" in page
    assert "Movers" in page


def test_a_renamed_department_stays_the_same_unit(lead: Client) -> None:
    take(2022, FIRST)
    unit = Project.objects.filter(node__unit__name="BEIS").values_list("node__unit", flat=True).first()
    take(2023, SECOND)
    names = set(Project.objects.filter(node__unit=unit, left_on=None).values_list("node__unit__name", flat=True))
    assert names == {"DESNZ"}
    then = lead.get(f"/projects/?format=csv&columns=unit&as_of={FIRST.isoformat()}").content.decode()
    assert "BEIS" in then
    assert "DESNZ" not in then
