"""Registers as lists for programmes: nothing but what is declared can be asked, and nothing hidden comes out."""

from datetime import date
from typing import Any
from urllib.parse import quote

import django_filters
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quarterdeck.core.access import actor_of
from quarterdeck.core.register import all_registers
from quarterdeck.core.search import MOST_TEXT
from quarterdeck.core.tests import make as core
from quarterdeck.projects import services
from quarterdeck.projects.tests import make
from tests.api.make import Programme, programme_of
from tests.proof.figures import figure

pytestmark = pytest.mark.django_db

HOSTILE = [
    "assignee__password", "project__secret", "-created;--", "person__accounts__password", "node__project__description",
    "name' OR '1'='1", "1; DROP TABLE core_node", "') UNION SELECT password FROM core_account--", "?", "*", "%", "\\",
    "-", "--", "-name", "name,", ",name", "pk", "id", "__class__", "_state", "node__versions__pgh_context", "../ledger",
    "{{7*7}}", "${7*7}", "<script>", "\x01", "\U0001f600", "\u202e", "9" * 400,
]  # fmt: skip


def typed(register: str) -> set[str]:
    """Parameters that take any word."""
    filters = all_registers()[register].filters.base_filters
    return {name for name, each in filters.items() if type(each) is django_filters.CharFilter}


def test_each_parameter_takes_what_is_declared_and_nothing_else(settings: Any) -> None:
    ask_with_every_word(settings, every=5)


@pytest.mark.nightly
def test_each_parameter_takes_none_of_all_the_words(settings: Any) -> None:
    ask_with_every_word(settings, every=1)


def ask_with_every_word(settings: Any, every: int) -> None:
    """Ask each parameter of each list for each word; every=5: for a fifth of them, another fifth each time."""
    settings.API_CALLS_PER_MINUTE = 100_000
    assert len(HOSTILE) == 30
    make.project(name="Tariff engine")
    programme = programme_of()
    wrong, calls, parameters = [], 0, 0
    for name, register in all_registers().items():
        sorts = {column.name for column in register.columns if column.sort}
        for parameter in (
            *register.filters.base_filters,
            "sort",
            "fields",
            "limit",
            "cursor",
            "count",
            "group",
            "node",
        ):
            parameters += 1
            for word in HOSTILE[parameters % every :: every]:
                if parameter == "sort" and word.removeprefix("-") in sorts:
                    continue
                calls += 1
                answer = programme.get(f"/{name}?{parameter}={quote(word)}")
                expected = {200} if parameter in typed(name) else {400}
                if answer.status_code not in expected:
                    wrong.append((name, parameter, word, answer.status_code))
                elif answer.status_code == 200 and answer.json()["items"]:
                    wrong.append((name, parameter, word, "found something"))
                elif "pbkdf2" in answer.content.decode():
                    wrong.append((name, parameter, word, "leaked"))
    figure(
        "R14",
        f"{{n}} calls on {parameters} parameters: {len(wrong)} taken, leaked or answered 5xx",
        n=calls,
        part=f"lists by token, {30 // every} of 30 strings for each parameter",
        ok=not wrong,
    )
    assert wrong == []


def test_the_search_takes_any_words() -> None:
    programme = programme_of()
    for word in HOSTILE:
        expected = 200 if len(word) <= MOST_TEXT else 400
        assert programme.get(f"/projects?q={quote(word)}").status_code == expected, word[:60]


def test_a_list_gives_the_fields_that_are_asked_for_and_goes_on_by_a_cursor() -> None:
    portfolio = make.portfolio("Roads", ref="ROADS")
    made = [make.project(portfolio, f"Project {number}").ref for number in range(5)]
    programme = programme_of()

    first = programme.get("/projects?sort=ref&fields=ref,name&limit=3&count=yes").json()
    second = programme.get(f"/projects?sort=ref&fields=ref,name&limit=3&cursor={quote(first['next'])}").json()

    assert [row["ref"] for row in first["items"] + second["items"]] == made
    assert first["items"][0] == {"ref": made[0], "name": "Project 0"}
    assert (first["count"], second["next"]) == (5, None)
    assert "count" not in second
    assert programme.get(f"/projects?sort=name&cursor={quote(first['next'])}").status_code == 400


def test_a_filter_names_things_by_their_reference() -> None:
    roads, water = make.portfolio("Roads", ref="ROADS"), make.portfolio("Water", ref="WATER")
    make.project(roads, "Bridge")
    make.project(water, "Dam")
    programme = programme_of()

    found = programme.get("/projects?portfolio=WATER&fields=name").json()["items"]

    assert found == [{"name": "Dam"}]
    both = programme.get("/projects?portfolio=WATER&portfolio=ROADS&fields=name").json()["items"]
    assert len(both) == 2
    assert programme.get(f"/projects?portfolio={water.pk}").status_code == 400


def test_a_list_of_the_past_is_the_list_of_that_day() -> None:
    portfolio = make.portfolio("Roads", ref="ROADS", effective_on=date(2026, 1, 1))
    made = make.recorded(portfolio, date(2026, 1, 31), name="Old name").project
    services.change_project(core.admin(), made, {}, name="New name", now=make.MONDAY)
    make.project(portfolio, "Later")

    found = programme_of().get("/projects?as_of=2026-02-01&fields=name").json()["items"]

    assert found == [{"name": "Old name"}]


def test_nothing_hidden_is_in_any_list() -> None:
    make.project(make.portfolio("Roads", ref="ROADS"), "Bridge")
    sara = core.person("Sara Secret")
    core.grant(sara, "pmo_lead", core.top())
    hidden = services.add_portfolio(
        actor_of(sara, now=make.MONDAY), name="Merger", ref="MERGER", currency="EUR", now=make.MONDAY, confidential=True
    )
    secret = make.project(hidden, "Takeover", by=actor_of(sara, now=make.MONDAY))
    lead = core.person("Lena Lead")
    core.grant(lead, "pmo_lead", core.top())
    outsiders = [programme_of(lead), programme_of(core.person("Otto Outside")), programme_of()]

    wrong = [
        (path, word)
        for programme in outsiders
        for path in all_paths("Takeover")
        for text in [programme.get(path).content.decode()]
        for word in ("Takeover", "Merger", hidden.ref, secret.ref)
        if word in text
    ]

    assert wrong == []
    assert "Takeover" in programme_of(sara).get("/projects?q=Takeover").content.decode()
    absent = "There is no such thing"
    for programme in outsiders:
        known, unknown = (programme.get(f"/projects?portfolio={ref}") for ref in (hidden.ref, "ZZZ"))
        assert known.content == unknown.content
        assert absent in known.json()["detail"]


def all_paths(word: str) -> list[str]:
    return [f"/{name}{query}" for name in all_registers() for query in ("", "?count=yes", f"?q={word}&count=yes")]


def test_a_list_asks_the_same_of_the_database_for_few_rows_and_for_many() -> None:
    portfolio = make.portfolio("Roads", ref="ROADS")
    make.project(portfolio, "Bridge")
    programme = programme_of()
    programme.get("/projects")

    few = queries_of(programme)
    for number in range(12):
        make.project(portfolio, f"Project {number}", unit=core.unit())
    assert queries_of(programme) == few


def queries_of(programme: Programme) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert programme.get("/projects").status_code == 200
    return len(asked)
