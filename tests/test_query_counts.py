"""
What each page asks of the database, kept in query_counts.json and read in reviews.

Every page is asked with few rows and with many: the numbers must be equal, or a query runs once a row. After a
deliberate change: `QD_RENEW_QUERY_COUNTS=1 pytest tests/test_query_counts.py`.
"""

import json
import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quarterdeck.core.models import Person
from quarterdeck.core.tests import make as core
from quarterdeck.projects import services
from quarterdeck.projects.models import Portfolio
from quarterdeck.projects.tests import make

KEPT = Path(__file__).parent / "query_counts.json"
THEN = date(2025, 9, 30)
PAGES = {
    "my work": "/my-work/",
    "projects": "/projects/",
    "projects, found": "/projects/?q=project",
    "projects, as of": "/projects/?as_of=2025-10-01",
    "projects, csv": "/projects/?format=csv",
    "project": "/projects/N1-0001/",
    "project, as of": "/projects/N1-0001/?as_of=2025-10-01",
    "project history": "/projects/N1-0001/history/",
    "project people": "/projects/N1-0001/people/",
    "dashboard": "/portfolios/IT/",
    "dashboard, as of": "/portfolios/IT/?as_of=2025-10-01",
    "movers": "/portfolios/IT/movers/",
    "imports": "/imports/",
    "people and roles": "/organisation/",
    "people": "/people/",
    "person": "/people/{person}/",
    "access of a person": "/people/{person}/access/",
    "units": "/units/",
    "units as a list": "/organisation/units/",
    "units, as of": "/units/?as_of=2025-10-01",
    "unit": "/units/ORG/",
    "roles": "/roles/",
    "role": "/roles/sponsor/",
    "people at a portfolio": "/people-at/portfolio/IT/",
    "access to a project": "/access/project/N1-0001/",
    "access to a unit": "/access/unit/ORG/",
    "history of a unit": "/history/unit/ORG/",
    "portfolios": "/portfolio-register/",
    "portfolio": "/portfolios/IT/about/",
    "programmes": "/programmes/",
    "ledger": "/ledger/",
    "search": "/search/?q=norhaven",
    "search, one kind": "/search/?q=project&kind=project",
    "search, as of": "/search/?q=norhaven&as_of=2025-10-01",
    "palette": "/search/suggestions/",
    "palette, found": "/search/suggestions/?q=norhaven",
}


def grow(portfolio: Portfolio, first: int, count: int, lead: Person) -> None:
    """Projects with a sponsor and a manager each, seen on two days; and people with roles everywhere."""
    for number in range(first, first + count):
        unit = core.unit(f"Unit {number}", effective_on=THEN)
        for day, cost in ((THEN, 100_000), (date(2026, 9, 30), 120_000)):
            outcome = services.record_project(
                core.admin(), portfolio, external_id=f"X-{number}", name=f"Project {number}", unknown={}, unit=unit,
                facts={"forecast_cost": Decimal(cost + number), "confidence": "A", "forecast_finish": date(2027, 1, 1)},
                now=make.MONDAY, effective_on=day, reason="register.csv",
            )  # fmt: skip
        for part in ("sponsor", "manager"):
            services.name_holder(core.admin(), outcome.project, part, core.person(), now=make.MONDAY, from_on=THEN)
        core.grant(lead, "viewer", outcome.project.node)
        for place in (core.top(), portfolio.node):
            core.grant(core.person(), "viewer", place)
        make.programme(portfolio, f"Programme {number}")


def counts(client: Client, lead: Person) -> dict[str, int]:
    found = {}
    for name, page in PAGES.items():
        path = page.format(person=lead.uid)
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path)
        assert answer.status_code == 200, path
        found[name] = len(queries)
    return found


@pytest.mark.django_db
def test_a_page_asks_the_same_whether_it_shows_few_rows_or_many() -> None:
    portfolio = make.portfolio("Norhaven IT", ref="IT", effective_on=THEN)
    lead = core.person("Lena Lead")
    core.grant(lead, "pmo_lead", core.top())
    grow(portfolio, 0, 4, lead)
    for day in (THEN, date(2026, 9, 30)):
        services.take_snapshot(core.admin(), portfolio, on=day, label="Register", rows=4, now=make.MONDAY)
    client = Client()
    client.force_login(core.account(lead), backend="allauth.account.auth_backends.AuthenticationBackend")

    few = counts(client, lead)
    grow(portfolio, 4, 16, lead)
    many = counts(client, lead)

    assert many == few
    if os.environ.get("QD_RENEW_QUERY_COUNTS"):
        KEPT.write_text(json.dumps(many, indent=2) + "\n", encoding="utf-8")
    assert many == json.loads(KEPT.read_text(encoding="utf-8"))
