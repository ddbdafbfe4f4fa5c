"""A fact is changed in its cell: by who may, if nobody was faster, and nothing typed is lost."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quarterdeck.core.models import LedgerEntry, Person
from quarterdeck.core.tests import make as core
from quarterdeck.projects import services
from quarterdeck.projects.models import Portfolio, Project
from quarterdeck.projects.tests import make

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
HTMX = {"HX-Request": "true"}


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(core.account(person), backend=BACKEND)
    return client


def someone(role: str = "pmo_lead", on: Any = None, name: str = "") -> Client:
    person = core.person(name)
    core.grant(person, role, on or core.top())
    return client_of(person)


@pytest.fixture
def portfolio() -> Portfolio:
    found = make.portfolio()
    make.project(found, "Tariff engine", unit=core.unit("Works"), facts={
        "forecast_finish": date(2026, 10, 1), "confidence": "A", "approved_budget": Decimal("1000.5000"),
    })  # fmt: skip
    make.project(found, "Leakage")
    return found


def cell(column: str, ref: str = "N1-0001") -> str:
    return f"/lists/projects/rows/{ref}/{column}/"


def opened(client: Client, column: str) -> dict[str, str]:
    """What the editor of a cell sends when nothing is typed."""
    page = client.get(cell(column) + "?columns=name,finish,slip", headers=HTMX).content.decode()
    return {
        name: value.replace("&quot;", '"')
        for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    }


@pytest.mark.parametrize(
    ("column", "typed", "fact", "value"),
    [
        ("finish", "2026-12-01", "forecast_finish", date(2026, 12, 1)),
        ("finish", "", "forecast_finish", None),
        ("stage", "executing", "stage", "executing"),
        ("confidence", "AR", "confidence", "AR"),
        ("category", "Billing", "category", "Billing"),
        ("approved", "12,500.50", "approved_budget", Decimal("12500.50")),
        ("benefits", "7", "benefits", Decimal(7)),
    ],
)
def test_a_fact_is_saved_and_the_whole_row_comes_back(
    portfolio: Portfolio, column: str, typed: str, fact: str, value: Any
) -> None:
    lead = someone()
    answer = lead.post(cell(column), opened(lead, column) | {"value": typed}, headers=HTMX)

    assert answer.status_code == 200
    assert answer["HX-Retarget"] == "closest tr"
    row = answer.content.decode()
    assert row.startswith('<tr data-key="N1-0001">')
    assert row.count("<td") == 4
    project = Project.objects.get(node__ref="N1-0001")
    assert getattr(project, fact) == value
    assert LedgerEntry.objects.get(event="projects.project.changed").subject_id == project.pk


def test_the_editor_holds_the_value_there_is_and_the_saved_cell_blinks_once(portfolio: Portfolio) -> None:
    lead = someone()
    editor = lead.get(cell("finish"), headers=HTMX).content.decode()
    assert 'value="2026-10-01"' in editor
    assert "Was 1 Oct 2026" in editor
    sent = opened(lead, "finish") | {"value": "2026-11-01"}
    row = lead.post(cell("finish"), sent, headers=HTMX).content.decode()
    assert row.count("qd-saved") == 1
    assert 'data-qd-say="Tariff engine is saved"' in row


def test_unit_and_manager_are_changed_through_the_services_of_their_own(portfolio: Portfolio) -> None:
    lead = someone()
    other, boss = core.unit("Depots"), core.person("Mona Manager")
    assert lead.post(cell("unit"), opened(lead, "unit") | {"value": other.pk}, headers=HTMX).status_code == 200
    assert lead.post(cell("manager"), opened(lead, "manager") | {"value": boss.pk}, headers=HTMX).status_code == 200
    project = Project.objects.get(node__ref="N1-0001")
    assert project.node.unit == other
    assert project.node.holdings.get(role__code="project_manager").person == boss


def test_a_value_that_is_none_keeps_the_editor_open_with_a_sentence(portfolio: Portfolio) -> None:
    lead = someone()
    answer = lead.post(cell("approved"), opened(lead, "approved") | {"value": "twelve"}, headers=HTMX)
    assert answer.status_code == 422
    assert "An amount is written with digits" in answer.content.decode()
    assert 'value="twelve"' in answer.content.decode()
    assert "HX-Retarget" not in answer.headers


def test_what_the_service_refuses_keeps_the_editor_open(portfolio: Portfolio) -> None:
    lead = someone()
    boss = core.person("Both Boss")
    project = Project.objects.get(node__ref="N1-0001")
    services.name_holder(core.admin(), project, "sponsor", boss, now=make.MONDAY)
    before = LedgerEntry.objects.count()
    answer = lead.post(cell("manager"), opened(lead, "manager") | {"value": boss.pk}, headers=HTMX)
    assert answer.status_code == 422
    assert "two people" in answer.content.decode()
    assert LedgerEntry.objects.count() == before


def test_who_was_slower_sees_both_values_and_both_people_and_decides(portfolio: Portfolio) -> None:
    keir, lead = someone(name="Keir Abelard"), someone()
    mine, theirs = opened(lead, "finish"), opened(keir, "finish")
    keir.post(cell("finish"), theirs | {"value": "2027-03-14"}, headers=HTMX)

    answer = lead.post(cell("finish"), mine | {"value": "2027-04-02"}, headers=HTMX)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Keir Abelard set “Forecast finish” to 14 Mar 2027" in page
    assert "You typed 2 Apr 2027" in page
    assert Project.objects.get(node__ref="N1-0001").forecast_finish == date(2027, 3, 14)

    kept = lead.get(cell("finish") + "?keep=1&columns=name,finish", headers=HTMX)
    assert "Mar 2027" in kept.content.decode()
    again = {
        name: value.replace("&quot;", '"')
        for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    }
    assert lead.post(cell("finish"), again | {"value": "2027-04-02"}, headers=HTMX).status_code == 200
    assert Project.objects.get(node__ref="N1-0001").forecast_finish == date(2027, 4, 2)


def test_a_change_of_another_fact_meanwhile_is_told_and_not_written_over(portfolio: Portfolio) -> None:
    keir, lead = someone(name="Keir Abelard"), someone()
    mine = opened(lead, "finish")
    keir.post(cell("stage"), opened(keir, "stage") | {"value": "closing"}, headers=HTMX)
    answer = lead.post(cell("finish"), mine | {"value": "2027-04-02"}, headers=HTMX)
    assert answer.status_code == 409
    assert "Keir Abelard changed another fact" in answer.content.decode()
    project = Project.objects.get(node__ref="N1-0001")
    assert (project.stage, project.forecast_finish) == ("closing", date(2026, 10, 1))


def test_two_who_name_a_manager_at_once_are_told_too(portfolio: Portfolio) -> None:
    keir, lead = someone(), someone()
    mine = opened(lead, "manager")
    keir.post(cell("manager"), opened(keir, "manager") | {"value": core.person("A").pk}, headers=HTMX)
    answer = lead.post(cell("manager"), mine | {"value": core.person("B").pk}, headers=HTMX)
    assert answer.status_code == 409
    project = Project.objects.get(node__ref="N1-0001")
    assert [holding.person.name for holding in project.node.holdings.all()] == ["A"]


def test_a_reader_without_the_right_sees_no_editor_and_reaches_none(portfolio: Portfolio) -> None:
    viewer = someone("viewer")
    page = viewer.get("/projects/").content.decode()
    assert "qd-editable" not in page
    assert "qd-select" not in page
    before = LedgerEntry.objects.count()
    for ask in (viewer.get, viewer.post):
        assert ask(cell("finish")).status_code == 403
    assert LedgerEntry.objects.count() == before


def test_a_manager_edits_their_own_project_and_no_other_and_names_nobody(portfolio: Portfolio) -> None:
    project = Project.objects.get(node__ref="N1-0001")
    person = core.person()
    core.grant(person, "project_manager", project.node)
    core.grant(person, "viewer", core.top())
    boss = client_of(person)
    page = boss.get("/projects/").content.decode()
    rows = dict(re.findall(r'<tr data-key="([^"]+)">(.*?)</tr>', page))
    assert 'data-edit="finish"' in rows["N1-0001"]
    assert "qd-select" in rows["N1-0001"]
    assert 'data-edit="manager"' not in rows["N1-0001"]
    assert "data-edit" not in rows["N1-0002"]
    assert "qd-select" not in rows["N1-0002"]
    assert "Change manager" not in page


@pytest.mark.parametrize("column", ["name", "slip", "tier", "nothing", "ref"])
def test_a_column_without_an_editor_has_none(portfolio: Portfolio, column: str) -> None:
    assert someone().get(cell(column)).status_code == 404


def test_a_hidden_row_answers_like_one_that_does_not_exist(portfolio: Portfolio) -> None:
    secret = make.portfolio("Merger", ref="MERGER", confidential=True)
    hidden = make.project(secret, "Takeover")
    viewer = someone()
    answers = [viewer.get(cell("finish", ref)) for ref in (hidden.ref, "ZZZ-0001")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert b"Takeover" not in answers[0].content


def test_the_past_has_no_editor(portfolio: Portfolio) -> None:
    lead = someone()
    today = lead.get("/projects/").content.decode()
    past = lead.get("/projects/?as_of=2026-11-24").content.decode()
    assert "qd-editable" in today
    assert "Tariff engine" in past
    assert "qd-editable" not in past
    assert "qd-select" not in past
    assert lead.get(cell("finish") + "?as_of=2026-11-24").status_code == 422


def test_who_may_change_what_is_asked_once_a_page(portfolio: Portfolio) -> None:
    lead = someone()

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            lead.get("/projects/")
        return len(queries)

    asked()
    few = asked()
    for number in range(12):
        make.project(portfolio, f"Project {number}")
    assert asked() == few
