"""The dashboard as people see it: who sees what, on which day, and what every figure opens."""

import csv
import io
import re
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from quarterdeck.core import rights, store
from quarterdeck.core.models import Account, Role
from quarterdeck.core.tests import make as core
from quarterdeck.projects import services
from quarterdeck.projects.models import Portfolio, Project
from quarterdeck.projects.tests import make as projects
from quarterdeck.reporting import explained, queries, rules
from quarterdeck.reporting.queries import Look, Wanted
from quarterdeck.reporting.tests.make import NOW, THEN, account, actor, first_day, second_day, two_days

pytestmark = pytest.mark.django_db


def get(who: Account, path: str, **parameters: Any) -> HttpResponse:
    client = Client()
    client.force_login(who, backend="allauth.account.auth_backends.AuthenticationBackend")
    query = urlencode(parameters, doseq=True)
    return client.get(f"{path}?{query}" if query else path)  # type: ignore[return-value]


def body(answer: HttpResponse) -> str:
    """A page without what differs from answer to answer."""
    text = answer.content.decode()
    text = re.sub(r'nonce="[^"]+"', "", text)
    text = re.sub(r'"X-CSRFToken": "[^"]+"', "", text)
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)


def look(who: Account, of: Portfolio, day: date = date(2026, 11, 23), **wanted: Any) -> Look:
    return queries.look(actor(who), of.ref, day=day, known_at=None, wanted=Wanted(**wanted))


def listed(who: Account, figure: str, ref: str = "PF", **parameters: Any) -> list[str]:
    """Names in the exported list of a figure."""
    answer = get(who, f"/portfolios/{ref}/rows/{figure}/", format="csv", **parameters)
    assert answer.status_code == 200
    return [line["Project"] for line in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))]


@pytest.fixture
def portfolio() -> Portfolio:
    return two_days()


@pytest.fixture
def lead(portfolio: Portfolio) -> Account:
    return account("pmo_lead")


def test_the_dashboard_compares_with_the_day_recorded_before(portfolio: Portfolio, lead: Account) -> None:
    seen = look(lead, portfolio)

    assert seen.compare == THEN
    assert {name: seen.picture.count(name) for name in ("projects", "new", "left", "better", "same", "worse")} == {
        "projects": 4,
        "new": 1,
        "left": 1,
        "better": 1,
        "same": 1,
        "worse": 1,
    }
    assert (seen.totals.cost, seen.totals.with_cost) == (200, 3)
    assert explained.share(seen.picture.cost_change) == "+13.3%"


def test_a_portfolio_of_budgets_alone_leads_with_what_was_approved(lead: Account) -> None:
    of = projects.portfolio("Budgets", ref="BU", effective_on=THEN)
    projects.recorded(of, THEN, "B-1", "Bridge", approved_budget=Decimal(3_000_000), confidence="R")
    projects.recorded(of, THEN, "B-2", "Tunnel", confidence="G")
    page = body(get(lead, "/portfolios/BU/"))
    assert "Approved budget" in page
    assert "1 of 2 known" in page
    assert page.count("€3.0m") == 2  # the card, and the line of what needs attention
    assert ">Whole-life cost</div>" not in page


def test_a_renamed_project_stays_the_same_project(portfolio: Portfolio, lead: Account) -> None:
    assert listed(lead, "better") == ["Field work mobile"]
    assert listed(lead, "new") == ["Data centre exit"]
    assert listed(lead, "left") == ["Pump efficiency"]


def test_a_renamed_unit_stays_the_same_unit(portfolio: Portfolio, lead: Account) -> None:
    unit = core.unit("Operations", effective_on=THEN)
    projects.recorded(portfolio, NOW, "A", "Tariff engine")
    services.change_project(core.admin(), Project.objects.get(external_id="A"), {}, now=core.MONDAY, unit=unit)
    unit.name = "Network operations"
    store.save(unit, core.why(), fields=["name"])

    page = body(get(lead, "/portfolios/PF/", unit=unit.ref))

    assert "Network operations" in page
    assert listed(lead, "projects", unit=unit.ref) == ["Tariff engine"]
    assert listed(lead, "new", unit=unit.ref) == []


def test_a_project_that_came_back_is_counted_again_and_left_on_the_day_between(
    portfolio: Portfolio, lead: Account
) -> None:
    projects.recorded(portfolio, date(2026, 10, 31), "D", "Pump efficiency", confidence="R")

    assert "Pump efficiency" in listed(lead, "projects")
    assert listed(lead, "left", as_of="2026-10-15") == ["Pump efficiency"]
    assert listed(lead, "new", compare=NOW.isoformat()) == ["Pump efficiency"]


def test_the_first_day_looks_as_it_did_before_the_second_was_recorded() -> None:
    made = projects.portfolio(ref="PF", effective_on=THEN)
    first_day(made)
    who = account("pmo_lead")
    paths = ("/portfolios/PF/", "/portfolios/PF/rows/projects/", "/portfolios/PF/rows/quality/")
    before = [body(get(who, path, as_of=THEN.isoformat())) for path in paths]

    second_day(made)

    assert [body(get(who, path, as_of=THEN.isoformat())) for path in paths] == before
    assert "Tariff engine" in before[1]


def test_several_portfolios_are_shown_as_they_were(portfolio: Portfolio, lead: Account) -> None:
    projects.portfolio("Roads", ref="ROADS", effective_on=THEN)

    then, now = (body(get(lead, "/portfolios/", **day)) for day in ({"as_of": THEN.isoformat()}, {}))

    assert f"Last recorded for {THEN.day} {THEN:%b %Y}." in then
    assert "Entered by hand." in then
    assert f"Last recorded for {NOW.day} {NOW:%b %Y}." in now


def test_nobody_without_a_grant_sees_a_portfolio(portfolio: Portfolio) -> None:
    nobody = account()

    assert get(nobody, "/portfolios/PF/").status_code == 404
    assert get(nobody, "/portfolios/PF/how/cost/").status_code == 404
    assert get(nobody, "/portfolios/PF/rows/projects/").status_code == 404
    assert get(nobody, "/portfolios/PF/rows/projects/", format="csv").status_code == 404
    unknown = body(get(nobody, "/portfolios/NONE/"))
    assert body(get(nobody, "/portfolios/PF/")).replace("PF", "NONE") == unknown


def test_nobody_without_a_grant_finds_a_door_that_explains(portfolio: Portfolio) -> None:
    page = body(get(account(), "/portfolios/"))

    assert "No portfolio you may see" in page
    assert "Norhaven IT" not in page


def test_who_manages_one_project_sees_that_one_in_every_figure(portfolio: Portfolio) -> None:
    manager = account("project_manager", Project.objects.get(external_id="A").node)
    seen = look(manager, portfolio)

    assert (seen.totals.projects, seen.totals.cost) == (1, 120)
    for figure in rules.figures():
        keys = set(rules.members(seen.picture, figure) or [])
        assert keys <= {Project.objects.get(external_id="A").pk}, figure
    assert listed(manager, "projects") == ["Tariff engine"]
    assert listed(manager, "left") == []
    assert listed(manager, "projects", as_of=THEN.isoformat()) == ["Tariff engine"]
    page = body(get(manager, "/portfolios/PF/"))
    for name in ("Leakage analytics", "Field work mobile", "Data centre exit", "Pump efficiency"):
        assert name not in page


def test_the_lead_sees_every_row(portfolio: Portfolio, lead: Account) -> None:
    assert listed(lead, "projects") == ["Data centre exit", "Field work mobile", "Leakage analytics", "Tariff engine"]


def test_every_figure_answers_how_it_was_worked_out_and_lists_its_projects(portfolio: Portfolio, lead: Account) -> None:
    seen = look(lead, portfolio)
    for figure in (*rules.figures(), *rules.CHART):
        number = len(rules.members(seen.picture, figure) or [])
        assert get(lead, f"/portfolios/PF/how/{figure}/").status_code == 200, figure
        assert len(listed(lead, figure)) == number, figure


def test_every_link_of_the_dashboard_opens(portfolio: Portfolio, lead: Account) -> None:
    page = body(get(lead, "/portfolios/PF/", as_of="2026-11-01"))
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/portfolios/PF/[^"]*)"', page)}

    assert len(links) > 15
    for link in links - {"/portfolios/PF/"}:  # back to today
        assert get(lead, link).status_code == 200, link
        assert "as_of=2026-11-01" in link


def test_a_figure_answers_the_panel_with_its_part_only(portfolio: Portfolio, lead: Account) -> None:
    client = Client(headers={"HX-Request": "true"})
    client.force_login(lead, backend="allauth.account.auth_backends.AuthenticationBackend")
    part = client.get("/portfolios/PF/how/cost-change/").content.decode()

    assert "<html" not in part
    assert "+13.3%" in part
    assert "€170 / €150 − 1" in part
    assert "Known for 2 of 4 projects." in part


def test_an_unknown_figure_does_not_exist(portfolio: Portfolio, lead: Account) -> None:
    assert get(lead, "/portfolios/PF/how/nonsense/").status_code == 404
    assert get(lead, "/portfolios/PF/rows/nonsense/").status_code == 404


def test_what_is_unknown_is_a_dash_with_its_reason(portfolio: Portfolio, lead: Account) -> None:
    page = body(get(lead, "/portfolios/PF/rows/quality-confidence/"))

    assert 'data-reason="Exempt."' in page
    assert "Not in the register on 30 Sep 2025." in page


def test_filters_stay_in_the_address_and_narrow_every_list(portfolio: Portfolio, lead: Account) -> None:
    services.change_project(core.admin(), Project.objects.get(external_id="B"), {"category": "ICT"}, now=core.MONDAY)

    assert listed(lead, "projects", category="ICT") == ["Leakage analytics"]
    assert len(listed(lead, "projects", category="-")) == 3
    assert len(listed(lead, "projects", category=["ICT", "-"])) == 4
    page = body(get(lead, "/portfolios/PF/", category="ICT"))
    assert "/portfolios/PF/how/cost/?category=ICT" in page


def test_filters_that_leave_nothing_say_so(portfolio: Portfolio, lead: Account) -> None:
    page = body(get(lead, "/portfolios/PF/", unit="NOWHERE"))

    assert "Nothing matches" in page
    assert "Clear filters" in page


def test_a_day_that_is_none_or_not_earlier_is_refused(portfolio: Portfolio, lead: Account) -> None:
    assert get(lead, "/portfolios/PF/", compare="yesterday").status_code == 422
    refused = get(lead, "/portfolios/PF/", as_of="2026-10-01", compare="2026-10-01")
    assert refused.status_code == 422
    assert "before the one that is shown" in body(refused)


def test_the_comparison_can_be_left_out(portfolio: Portfolio, lead: Account) -> None:
    seen = look(lead, portfolio, alone=True)

    assert seen.compare is None
    assert seen.picture.movers() == []
    assert "Nothing to compare with" in body(get(lead, "/portfolios/PF/", compare="none"))


def confidential(of: Portfolio, name: str, **facts: Any) -> Project:
    return services.add_project(
        core.admin(), of, name=name, facts=facts, now=core.MONDAY, confidential=True, effective_on=NOW
    )


def test_a_confidential_project_does_not_exist_for_those_outside(portfolio: Portfolio) -> None:
    viewer = account("viewer")
    before = body(get(viewer, "/portfolios/PF/"))

    confidential(portfolio, "Secret merger", whole_life_cost=1000, confidence="R")

    assert body(get(viewer, "/portfolios/PF/")) == before


def test_who_may_count_confidential_projects_gets_totals_and_no_row(portfolio: Portfolio) -> None:
    board = account("board_member")
    confidential(portfolio, "Secret merger", whole_life_cost=1000, confidence="R")
    confidential(portfolio, "Secret sale", confidence="")
    seen = look(board, portfolio)

    assert (seen.totals.projects, seen.totals.with_cost, seen.totals.cost) == (6, 4, 1200)
    assert (seen.totals.confidence["R"], seen.totals.confidence["N"]) == (2, 2)
    assert seen.picture.count("projects") == 4
    page = body(get(board, "/portfolios/PF/"))
    assert page.count("includes 2 confidential") == 3
    assert len(listed(board, "projects")) == 4
    for path in (
        "/portfolios/PF/",
        "/portfolios/PF/rows/projects/",
        "/portfolios/PF/how/cost/",
        "/portfolios/PF/rows/new/",
    ):
        assert "Secret" not in body(get(board, path))


def test_a_filter_takes_confidential_projects_out_of_the_totals(portfolio: Portfolio) -> None:
    board = account("board_member")
    confidential(portfolio, "Secret merger", whole_life_cost=1000, confidence="R")

    assert look(board, portfolio, tiers=frozenset({"-", "1", "2", "3", "4"})).totals.hidden.projects == 0


def test_the_right_to_count_does_not_reach_into_a_confidential_portfolio() -> None:
    secret = projects.portfolio(ref="SECRET", confidential=True)
    projects.project(secret, "Secret merger")

    assert get(account("board_member"), "/portfolios/SECRET/").status_code == 404


def test_only_what_confidentiality_shuts_is_counted(portfolio: Portfolio) -> None:
    """Somebody who may count but sees one project only does not get the open projects as totals."""
    project = Project.objects.get(external_id="A")
    person = core.person()
    core.grant(person, "project_manager", project.node)
    who = core.account(person)
    confidential(portfolio, "Secret merger", whole_life_cost=1000)
    store.create(Role(code="counter", name="Counter", rights=[rights.SEE_CONFIDENTIAL_TOTALS.code]), core.why())
    core.grant(person, "counter", portfolio.node)

    assert (look(who, portfolio).totals.projects, look(who, portfolio).totals.hidden.projects) == (2, 1)


def test_an_export_holds_no_formula(portfolio: Portfolio, lead: Account) -> None:
    projects.recorded(portfolio, NOW, "F", "=HYPERLINK(1)")

    assert "'=HYPERLINK(1)" in listed(lead, "projects")
    assert get(lead, "/portfolios/PF/rows/confidence-AR/", format="xlsx").status_code == 200
    assert get(lead, "/portfolios/PF/rows/projects/", format="pdf").status_code == 422


def test_lists_sort_with_unknown_values_last(portfolio: Portfolio, lead: Account) -> None:
    assert listed(lead, "projects", sort="cost") == [
        "Data centre exit",
        "Leakage analytics",
        "Tariff engine",
        "Field work mobile",
    ]
    assert listed(lead, "projects", sort="-cost") == [
        "Tariff engine",
        "Leakage analytics",
        "Data centre exit",
        "Field work mobile",
    ]


def test_one_portfolio_opens_at_once_and_several_are_listed(portfolio: Portfolio, lead: Account) -> None:
    assert get(lead, "/portfolios/")["Location"] == "/portfolios/PF/"
    projects.portfolio("Second portfolio", ref="P2")

    page = body(get(lead, "/portfolios/"))

    assert "Second portfolio" in page
    assert "3 of 4" in page


def test_a_portfolio_without_projects_says_what_it_is_for() -> None:
    projects.portfolio(ref="EMPTY")

    assert "No project yet" in body(get(account("pmo_lead"), "/portfolios/EMPTY/"))


def test_an_amount_in_another_currency_is_not_added(portfolio: Portfolio, lead: Account) -> None:
    other = Project.objects.get(external_id="B")
    other.currency = "USD"
    store.save(other, core.why(), fields=["currency"])

    assert (look(lead, portfolio).totals.cost, look(lead, portfolio).totals.with_cost) == (150, 2)
