"""Registers as data: every row once, in the order of the page, and nothing that is not declared."""

import base64
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict

from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotFound
from quarterdeck.core.register import (
    Register,
    all_registers,
    data_page,
    declare,
    fields_of,
    listing,
    register_named,
    rows_as_data,
)
from quarterdeck.core.register.listing import UnknownParameter
from quarterdeck.core.tests import make as core
from quarterdeck.projects.models import Portfolio
from quarterdeck.projects.registers import PROJECTS
from quarterdeck.projects.tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def portfolio() -> Portfolio:
    """Twenty-three projects, with equal and unknown figures among them."""
    found = make.portfolio()
    for number in range(23):
        facts: dict[str, Any] = {"confidence": ("G", "AR", "", "R")[number % 4], "stage": ("", "executing")[number % 2]}
        if number % 3:
            facts["forecast_cost"] = Decimal(number % 5) * Decimal("10.50")
            facts["forecast_finish"] = date(2027, 1, 1) + timedelta(days=number % 7)
            facts["baseline_finish"] = date(2027, 1, 4)
        make.project(found, f"Project {number % 6}", facts=facts)
    return found


@pytest.fixture
def lead() -> Actor:
    return core.actor("pmo_lead")


def read_all(actor: Actor, query: str) -> list[dict[str, Any]]:
    found, cursor = [], ""
    while True:
        page = data_page(PROJECTS, actor, QueryDict(f"{query}&limit=4" + (f"&cursor={cursor}" if cursor else "")))
        found += page.rows
        assert len(page.rows) <= 4
        if not page.next:
            return found
        cursor = page.next


@pytest.mark.parametrize(
    "query",
    ["", "sort=name", "sort=-name", "sort=finish", "sort=-finish", "sort=slip", "sort=-slip", "sort=cost", "sort=-cost",
     "sort=confidence", "sort=tier", "sort=manager", "confidence=R&confidence=AR", "q=project&sort=-cost"],
)  # fmt: skip
def test_pages_with_a_cursor_give_every_row_once_in_the_order_of_the_list(
    portfolio: Portfolio, lead: Actor, query: str
) -> None:
    expected = [row.ref for row in listing(PROJECTS, lead, QueryDict(query)).rows]
    assert len(expected) > 4
    assert [row["ref"] for row in read_all(lead, f"{query}&fields=ref".lstrip("&"))] == expected


def test_a_row_that_comes_before_the_cursor_shifts_nothing(portfolio: Portfolio, lead: Actor) -> None:
    first = data_page(PROJECTS, lead, QueryDict("sort=name&limit=5&fields=ref"))
    rest = [row.ref for row in listing(PROJECTS, lead, QueryDict("sort=name")).rows][5:10]
    make.project(portfolio, "A first one")
    second = data_page(PROJECTS, lead, QueryDict(f"sort=name&limit=5&fields=ref&cursor={first.next}"))
    assert [row["ref"] for row in second.rows] == rest


def test_values_are_plain_and_typed(lead: Actor) -> None:
    of = make.portfolio()
    project = make.project(
        of,
        "=Leakage",
        facts={"forecast_cost": Decimal("12.50"), "forecast_finish": date(2027, 3, 1), "stage": "executing",
               "confidence": "AR"},
    )  # fmt: skip
    row = data_page(PROJECTS, lead, QueryDict()).rows[0]
    assert tuple(row) == fields_of(PROJECTS)
    wanted = {
        "key": project.ref, "name": "=Leakage", "cost": "12.5", "finish": "2027-03-01", "stage": "executing",
        "confidence": "AR", "baseline_finish": None, "tier": project.tier, "manager": None,
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("fields=name,password", "unknown_field"),
        ("fields=node__ref", "unknown_field"),
        ("limit=0", "wrong_limit"),
        ("limit=201", "wrong_limit"),
        ("limit=ten", "wrong_limit"),
        ("cursor=abc", "wrong_cursor"),
        ("page=2", "unknown_parameter"),
        ("columns=name", "unknown_parameter"),
        ("format=csv", "unknown_parameter"),
        ("node__ref=x", "unknown_parameter"),
        ("sort=password", "unknown_order"),
    ],
)
def test_what_is_not_declared_is_refused(portfolio: Portfolio, lead: Actor, query: str, code: str) -> None:
    with pytest.raises(UnknownParameter) as refused:
        data_page(PROJECTS, lead, QueryDict(query))
    assert (refused.value.code, refused.value.status) == (code, 400)


def test_a_cursor_of_another_question_is_refused(portfolio: Portfolio, lead: Actor) -> None:
    cursor = data_page(PROJECTS, lead, QueryDict("sort=name&limit=3")).next
    for query in ("sort=-name", "sort=name&confidence=R", "sort=name&q=x", ""):
        with pytest.raises(UnknownParameter) as refused:
            data_page(PROJECTS, lead, QueryDict(f"{query}&cursor={cursor}"))
        assert refused.value.code == "wrong_cursor"


def test_a_cursor_tells_its_reader_nothing(portfolio: Portfolio, lead: Actor) -> None:
    """The numbers of rows count the hidden ones too, and the order may be by what no column shows."""
    page = data_page(PROJECTS, lead, QueryDict("sort=name&limit=3"))
    sealed = base64.urlsafe_b64decode(page.next + "=" * (-len(page.next) % 4))
    assert str(page.rows[-1]["name"]).encode() not in sealed
    made = base64.urlsafe_b64encode(b'["", [1]]').decode()
    for forged in (made, page.next[:-2], f"{page.next}x", "é", "\ud800"):
        asked = QueryDict("sort=name&limit=3", mutable=True)
        asked["cursor"] = forged
        with pytest.raises(UnknownParameter, match="cursor"):
            data_page(PROJECTS, lead, asked)


def test_rows_are_those_of_the_reader(portfolio: Portfolio) -> None:
    assert data_page(PROJECTS, core.actor(), QueryDict()).rows == []
    secret = make.portfolio("Secret", confidential=True)
    assert secret.pk not in {row["portfolio"] for row in read_all(core.actor("pmo_lead"), "fields=portfolio")}


def test_a_page_of_a_listing_is_given_as_data(portfolio: Portfolio, lead: Actor) -> None:
    found = listing(PROJECTS, lead, QueryDict("sort=name"))
    assert [row["ref"] for row in rows_as_data(found, ["ref"])] == [row.ref for row in found.page_rows]


def test_every_register_is_found_by_its_name_and_declared_once() -> None:
    assert {"projects", "projects-left", "imports", "ledger"} <= set(all_registers())
    assert register_named("projects") is PROJECTS
    with pytest.raises(NotFound):
        register_named("nothing")
    with pytest.raises(ValueError, match="twice"):
        declare(PROJECTS)


def test_no_register_has_a_column_that_is_called_like_the_key() -> None:
    wrong: list[Register] = [each for each in all_registers().values() if each.column("key")]
    assert wrong == []
