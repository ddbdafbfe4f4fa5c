"""What changed in a list between two days is what its exports of both days differ by."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quarterdeck.core.access import Actor
from quarterdeck.core.register import data_page, listing
from quarterdeck.core.register.compare import Compared
from quarterdeck.core.register.export import csv_response
from quarterdeck.core.registers import HOLDINGS, JOBS
from quarterdeck.core.tests import make as core
from quarterdeck.core.time import at
from quarterdeck.projects import services
from quarterdeck.projects.models import Portfolio, Project
from quarterdeck.projects.registers import PROJECTS
from quarterdeck.projects.tests import make

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
TODAY = make.MONDAY.date()
THEN, LATER = date(2026, 3, 31), date(2026, 9, 30)
COLUMNS = "ref,name,stage,category,confidence,finish,slip,cost,growth,tier,manager,portfolio"


@pytest.fixture
def portfolio(db: None) -> Portfolio:
    """On both days: one the same, one changed, one gone, one new, one that only moved by a few days."""
    found = make.portfolio(effective_on=THEN)
    facts: dict[str, Any] = {"confidence": "A", "forecast_cost": Decimal(100), "baseline_finish": date(2027, 1, 1)}
    for key, name in (("X-1", "Same"), ("X-2", "Changed"), ("X-3", "Gone"), ("X-5", "Nudged")):
        make.recorded(found, THEN, key, name, forecast_finish=date(2027, 3, 1), **facts)
    make.recorded(found, LATER, "X-2", "Changed", confidence="R", forecast_finish=date(2027, 9, 1))
    make.recorded(found, LATER, "X-4", "New", **facts)
    make.recorded(found, LATER, "X-5", "Nudged", forecast_finish=date(2027, 3, 4))
    gone = Project.objects.select_related("node", "portfolio__node").get(external_id="X-3")
    services.leave_register(core.admin(), gone, on=LATER, now=make.MONDAY, reason="register.csv")
    return found


@pytest.fixture
def lead(db: None) -> Actor:
    return core.actor("pmo_lead")


def kinds(actor: Actor, query: str = "") -> dict[str, str]:
    found = Compared(PROJECTS, actor, QueryDict(query), THEN)
    with at(THEN):
        names = dict(Project.objects.values_list("pk", "node__name"))
    names |= dict(Project.objects.values_list("pk", "node__name"))
    return {names[pk]: kind for pk, kind in found.kinds.items()}


def test_rows_are_new_gone_changed_or_the_same(portfolio: Portfolio, lead: Actor) -> None:
    assert kinds(lead) == {"Same": "same", "Changed": "changed", "Gone": "gone", "New": "new", "Nudged": "changed"}


def test_a_figure_that_is_worked_out_counts_by_what_it_says(portfolio: Portfolio, lead: Actor) -> None:
    assert kinds(lead, "columns=name,slip")["Nudged"] == "same"
    assert kinds(lead, "columns=name,slip")["Changed"] == "changed"
    assert kinds(lead, "columns=name,stage")["Changed"] == "same"


def test_the_filters_hold_on_both_days(portfolio: Portfolio, lead: Actor) -> None:
    assert kinds(lead, "confidence=R") == {"Changed": "new"}
    assert kinds(lead, "confidence=A") == {
        "Same": "same", "Changed": "gone", "Gone": "gone", "New": "new", "Nudged": "changed",
    }  # fmt: skip
    assert kinds(lead, "q=nudged") == {"Nudged": "changed"}


def test_a_filter_that_names_what_was_not_there_yet_finds_everything_new(portfolio: Portfolio, lead: Actor) -> None:
    later = make.portfolio("Later", ref="LATER", effective_on=LATER)
    make.recorded(later, LATER, "Y-1", "Young")
    assert kinds(lead, f"portfolio={later.ref}") == {"Young": "new"}


def test_who_holds_a_role_is_compared_too(portfolio: Portfolio, lead: Actor) -> None:
    project = Project.objects.get(external_id="X-1")
    old, young = core.person("Old Hand"), core.person("Young Hand")
    services.name_holder(core.admin(), project, "manager", old, now=make.MONDAY, from_on=date(2026, 1, 1))
    services.name_holder(core.admin(), project, "manager", young, now=make.MONDAY, from_on=date(2026, 6, 1))
    assert kinds(lead, "columns=name,manager")["Same"] == "changed"
    assert kinds(lead, "columns=name,stage")["Same"] == "same"


def test_the_page_says_then_and_now_in_words(portfolio: Portfolio) -> None:
    client = lead_at_a_browser()
    page = client.get(f"/projects/?compare_with={THEN}").content.decode()
    rows = {key: page[start:].partition("</tr>")[0] for key, start in _rows(page).items()}
    assert set(rows) == {"N1-0002", "N1-0003", "N1-0004", "N1-0005"}
    assert "new here" in rows["N1-0005"]
    assert "gone from here" in rows["N1-0003"]
    assert f"as_of={THEN}" in rows["N1-0003"]
    changed = rows["N1-0002"]
    finish = changed.partition('data-label="Forecast finish"')[2].partition("</td>")[0]
    assert finish.index("Mar 2027") < finish.index("→") < finish.index("Sep 2027")
    assert changed.count("qd-differs") == 3
    assert "1 Mar 2027" in rows["N1-0004"]
    assert "4 Mar 2027" in rows["N1-0004"]
    assert "What changed from 31 Mar 2026 to today." in page
    assert "qd-editable" not in page
    assert "qd-select" not in page


def test_both_days_are_chosen_and_one_comes_back_to_the_list(portfolio: Portfolio) -> None:
    client = lead_at_a_browser()
    page = client.get(f"/projects/?confidence=A&compare_with={THEN}&as_of={LATER}").content.decode()
    assert "What changed from 31 Mar 2026 to 30 Sep 2026." in page
    form = page.partition('id="register-compare"')[0].rpartition("<form")[2]
    assert 'name="confidence" value="A"' in form
    assert 'name="as_of"' not in form
    back = page.partition("qd-compared-days")[2].partition('<a href="')[2].partition('"')[0].replace("&amp;", "&")
    assert back == f"?confidence=A&as_of={LATER}"
    assert "What changed from" not in client.get(f"/projects/{back}").content.decode()


def _rows(page: str) -> dict[str, int]:
    found, place = {}, page.find('<tr data-key="')
    while place >= 0:
        found[page[place + 14 :].partition('"')[0]] = place
        place = page.find('<tr data-key="', place + 1)
    return found


def lead_at_a_browser() -> Client:
    person = core.person()
    core.grant(person, "pmo_lead", core.top())
    client = Client()
    client.force_login(core.account(person), backend=BACKEND)
    return client


def test_counts_are_filters_and_all_of_them_are_told(portfolio: Portfolio) -> None:
    client = lead_at_a_browser()
    page = client.get(f"/projects/?compare_with={THEN}&changes=same").content.decode()
    assert set(_rows(page)) == {"N1-0001"}
    numbers = [each.partition("</span>")[0] for each in page.split('qd-figure-mid">')[1:]]
    assert numbers == ["1", "1", "2", "1"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("compare_with=2026-13-01", 422),
        ("compare_with=soon", 422),
        ("compare_with=2999-01-01", 422),
        ("compare_with=2026-03-31&as_of=2026-03-31", 422),
        ("compare_with=2026-03-31&as_of=2026-03-01", 422),
        ("compare_with=2026-03-31&changes=all", 400),
        ("compare_with=2026-03-31&as_of=2026-09-30", 200),
    ],
)
def test_a_day_that_cannot_be_compared_is_refused(portfolio: Portfolio, query: str, status: int) -> None:
    client = lead_at_a_browser()
    assert client.get(f"/projects/?{query}").status_code == status
    assert client.get(f"/projects/?{query}&format=csv").status_code == status


def test_where_nothing_is_compared_the_list_is_there_with_the_reason(portfolio: Portfolio) -> None:
    page = lead_at_a_browser().get(f"/projects/?confidence=R&as_of={LATER}&compare_with={LATER}").content.decode()
    assert "A comparison needs a day before the one that is shown." in page
    assert "N1-0002" in _rows(page)
    assert "compare_with=2026" not in page.partition('id="register"')[2]


def test_a_list_without_history_is_not_compared_and_one_with_history_is(portfolio: Portfolio) -> None:
    client = lead_at_a_browser()
    assert client.get(f"/jobs/?compare_with={THEN}").status_code == 400
    assert "What changed since" not in client.get("/jobs/").content.decode()
    assert JOBS.question(core.admin()).model.__name__ == "Job"
    assert Compared(HOLDINGS, core.admin(), QueryDict(), THEN).count > 0


def test_nobody_learns_what_they_do_not_see_from_a_comparison(portfolio: Portfolio) -> None:
    secret = Project.objects.get(external_id="X-3")
    services.make_confidential(core.admin(), secret, confidential=True, now=make.MONDAY)
    client = lead_at_a_browser()
    page = client.get(f"/projects/?compare_with={THEN}").content.decode()
    assert "Gone" not in page.replace("gone from here", "")
    assert "N1-0003" not in page


def test_the_export_says_then_and_now(portfolio: Portfolio) -> None:
    client = lead_at_a_browser()
    query = f"?compare_with={THEN}&columns=name,confidence,finish&format="
    rows = list(csv.reader(io.StringIO(client.get(f"/projects/{query}csv").content.decode("utf-8-sig"))))
    today = timezone.now().date()
    assert rows[0] == [
        "What changed", "Project, 2026-03-31", f"Project, {today}", "Declared, 2026-03-31", f"Declared, {today}",
        "Forecast finish, 2026-03-31", f"Forecast finish, {today}",
    ]  # fmt: skip
    assert ["changed", "Changed", "Changed", "A", "R", "2027-03-01", "2027-09-01"] in rows
    assert ["new here", "", "New", "", "A", "", ""] in rows
    assert ["gone from here", "Gone", "", "A", "", "2027-03-01", ""] in rows
    assert len(rows) == 5
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/projects/{query}xlsx").content))
    assert [cell.value for cell in next(book.active.iter_rows())] == rows[0]
    assert book.active.max_row == 5


FACTS = st.fixed_dictionaries(
    {},
    optional={
        "confidence": st.sampled_from(["", "G", "A", "R"]),
        "stage": st.sampled_from(["", "planning", "executing"]),
        "category": st.sampled_from(["", "IT", "=Roads"]),
        "forecast_finish": st.sampled_from([None, date(2027, 3, 1), date(2027, 3, 9), date(2028, 1, 1)]),
        "baseline_finish": st.sampled_from([None, date(2027, 1, 1)]),
        "forecast_cost": st.sampled_from([None, Decimal(100), Decimal("100.0400"), Decimal(999)]),
        "approved_budget": st.sampled_from([None, Decimal(0), Decimal(90)]),
    },
)
STORY = st.lists(
    st.tuples(
        st.sampled_from(["X-1", "X-2", "X-3", "X-4"]),
        st.sampled_from([THEN - timedelta(days=3), THEN, LATER, LATER + timedelta(days=3)]),
        st.sampled_from(["file", "file", "file", "leave"]),
        FACTS,
    ),
    min_size=1,
    max_size=8,
)
QUERIES = st.sampled_from(["", "confidence=A", "stage=executing&stage=planning", "q=x-2", "signal=late", "sort=-name"])
CHOSEN = st.sets(st.sampled_from(COLUMNS.split(",")[2:]), min_size=1).map(lambda each: ",".join(["ref", *sorted(each)]))


def exported(actor: Actor, query: str, day: date) -> dict[str, list[str]]:
    """The export of a day by reference."""
    with at(day):
        content = csv_response(listing(PROJECTS, actor, QueryDict(query)), "x").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content)))
    return {row[0]: row[1:] for row in rows[1:]}


def compared(actor: Actor, query: str) -> dict[str, str]:
    with at(LATER):
        found = Compared(PROJECTS, actor, QueryDict(query), THEN)
        told = found.kinds
        refs = dict(Project.objects.values_list("pk", "node__ref"))
        with at(THEN):
            refs |= dict(Project.objects.values_list("pk", "node__ref"))
    return {refs[pk]: kind for pk, kind in told.items()}


def test_a_comparison_is_the_difference_of_the_two_exports(db: None) -> None:
    compare_stories(15)


@pytest.mark.nightly
def test_of_many_stories_a_comparison_is_the_difference_of_the_two_exports(db: None) -> None:
    compare_stories(300)


def compare_stories(number: int) -> None:
    admin = core.admin()
    managers = [core.person("One"), core.person("Two")]

    @settings(max_examples=number, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(STORY, QUERIES, CHOSEN, st.booleans())
    def check(story: list[Any], query: str, columns: str, changes_manager: bool) -> None:
        with transaction.atomic():
            of = make.portfolio(effective_on=THEN - timedelta(days=9))
            for key, day, act, facts in sorted(story, key=lambda each: each[1]):
                known = Project.objects.select_related("node", "portfolio__node").filter(external_id=key).first()
                if act == "leave" and known is not None:
                    services.leave_register(admin, known, on=day, now=make.MONDAY, reason="")
                else:
                    make.recorded(of, day, key, f"Project {key}", **facts)
            first = Project.objects.select_related("node").order_by("pk").first()
            if changes_manager and first is not None:
                for person, from_on in zip(managers, (date(2026, 1, 1), date(2026, 7, 1)), strict=True):
                    services.name_holder(admin, first, "manager", person, now=make.MONDAY, from_on=from_on)
            asked = f"{query}&columns={columns}"
            then, now = exported(admin, asked, THEN), exported(admin, asked, LATER)
            expected = dict.fromkeys(then.keys() - now.keys(), "gone")
            expected |= dict.fromkeys(now.keys() - then.keys(), "new")
            expected |= {ref: "same" if now[ref] == then[ref] else "changed" for ref in now.keys() & then.keys()}
            assert compared(admin, asked) == expected
            transaction.set_rollback(True)

    check()


def test_in_the_past_an_order_by_who_holds_a_role_is_the_same_and_reads_on(portfolio: Portfolio, lead: Actor) -> None:
    for key, name in (("X-1", "Zoe"), ("X-2", "Ann"), ("X-5", "Max")):
        project = Project.objects.get(external_id=key)
        services.name_holder(core.admin(), project, "manager", core.person(name), now=make.MONDAY, from_on=THEN)
    with at(LATER + timedelta(days=1)):
        for query, expected in {
            "sort=manager": ["Changed", "Nudged", "Same", "New"],
            "sort=-manager": ["Same", "Nudged", "Changed", "New"],
        }.items():
            found = listing(PROJECTS, lead, QueryDict(query))
            assert [row.name for row in found.page_rows] == expected
            read, cursor = [], ""
            while True:
                page = data_page(PROJECTS, lead, QueryDict(f"{query}&limit=1&fields=name&cursor={cursor}"))
                read += [row["name"] for row in page.rows]
                cursor = page.next
                if not cursor:
                    break
            assert read == expected
