"""What is found of portfolios, programmes and projects, by whom, and on which day."""

from datetime import date

import pytest

from quarterdeck.core import store
from quarterdeck.core.access import Actor, actor_of
from quarterdeck.core.models import Node, SearchEntry
from quarterdeck.core.queries.search import best, found
from quarterdeck.core.tests import make as core
from quarterdeck.core.time import at
from quarterdeck.projects import services
from quarterdeck.projects.models import Portfolio, Project
from quarterdeck.projects.tests import make

pytestmark = pytest.mark.django_db


def names(actor: Actor, text: str, **more: object) -> list[str]:
    return [of.kind.title(hit.thing) for of in found(actor, text, **more) for hit in of.hits]  # type: ignore[arg-type]


def counts(actor: Actor, text: str) -> dict[str, int]:
    return {of.kind.code: of.count for of in found(actor, text)}


def test_a_project_is_found_by_reference_name_and_text() -> None:
    admin = core.admin()
    portfolio = make.portfolio("Norhaven IT", ref="IT")
    made = make.project(portfolio, "Tariff engine", facts={"narrative": "Cutover in Cologne", "category": "Billing"})
    make.project(portfolio, "Engine room")

    assert names(admin, made.ref)[0] == "Tariff engine"
    assert names(admin, "engine tar") == ["Tariff engine"]
    assert names(admin, "cologne") == names(admin, "billing") == ["Tariff engine"]
    assert names(admin, "norhaven")[:2] == ["Norhaven IT", "Norhaven"]
    [of_projects] = found(admin, "cologne")
    assert of_projects.hits[0].text == [("Billing Cutover in ", False), ("Cologne", True)]


def test_the_reference_comes_first_then_names_then_texts() -> None:
    admin, portfolio = core.admin(), make.portfolio()
    make.project(portfolio, "Water", facts={"description": "Rather like a bridge"})
    make.project(portfolio, "New bridge")
    make.project(portfolio, "Bridge repair")
    make.project(portfolio, "Bridge")

    assert names(admin, "bridge") == ["Bridge", "Bridge repair", "New bridge", "Water"]
    assert [hit.kind.title(hit.thing) for hit in best(admin, "bridge")][:2] == ["Bridge", "Bridge repair"]


def test_a_kind_is_read_page_by_page_while_the_others_are_counted() -> None:
    admin, portfolio = core.admin(), make.portfolio("Bridges", ref="B")
    for number in range(7):
        make.project(portfolio, f"Bridge {number}")

    first = found(admin, "bridge", kind="project", most=4)
    second = found(admin, "bridge", kind="project", most=4, first=4)

    assert [(of.kind.code, of.count, len(of.hits)) for of in first] == [("project", 7, 4), ("portfolio", 1, 0)]
    assert [(of.kind.code, of.count, len(of.hits)) for of in second] == [("project", 7, 3), ("portfolio", 1, 0)]
    assert names(admin, "bridge", kind="project", most=4, first=4) == ["Bridge 4", "Bridge 5", "Bridge 6"]


def test_what_is_hidden_is_neither_found_nor_counted() -> None:
    sara = core.person("Sara Secret")
    core.grant(sara, "pmo_lead", core.top())
    hidden = services.add_portfolio(
        actor_of(sara, now=make.MONDAY), name="Merger", ref="MERGER", currency="EUR", now=make.MONDAY, confidential=True
    )
    insider = actor_of(sara, now=make.MONDAY)
    secret = make.project(hidden, "Takeover of Zenith", by=insider, facts={"narrative": "Buy quietly"})
    make.project(name="Takeover bid")
    lead, outsider = core.actor("pmo_lead"), core.actor()

    assert counts(insider, "takeover") == {"project": 2}
    assert names(insider, "quietly") == ["Takeover of Zenith"]
    assert counts(lead, "takeover") == counts(core.admin(), "takeover") == {"project": 1}
    assert counts(outsider, "takeover") == {}
    for actor in (lead, core.admin(), outsider):
        for words in ("zenith", "quietly", "merger", secret.ref, hidden.ref):
            assert found(actor, words) == []
            assert best(actor, words) == []


def test_a_manager_finds_their_project_and_nothing_beside_it() -> None:
    portfolio = make.portfolio("Roads", ref="ROADS")
    own, _other = make.project(portfolio, "Bridge one"), make.project(portfolio, "Bridge two")
    person = core.person()
    services.name_holder(core.admin(), own, "manager", person, now=make.MONDAY)
    manager = actor_of(person, now=make.MONDAY)

    assert counts(manager, "bridge") == {"project": 1}
    assert counts(manager, "roads") == {"portfolio": 1}


def test_no_write_is_missed_also_in_bulk() -> None:
    admin, portfolio = core.admin(), make.portfolio()
    nodes = store.create_all(
        [Node(kind="project", ref=f"X-{n}", name=f"Bulk {n}", within=portfolio.node) for n in range(20)], core.why()
    )
    store.create_all([Project(node=node, portfolio=portfolio, currency="EUR") for node in nodes], core.why())
    assert counts(admin, "bulk") == {"project": 20}

    Node.objects.filter(pk__in=[node.pk for node in nodes]).update(name="Renamed", version=2)
    Project.objects.filter(portfolio=portfolio).update(narrative="Everywhere")
    assert (counts(admin, "bulk"), counts(admin, "renamed"), counts(admin, "everywhere")) == (
        {},
        {"project": 20},
        {"project": 20},
    )

    Project.objects.filter(node=nodes[0]).delete()
    assert counts(admin, "renamed") == {"project": 19}
    assert SearchEntry.objects.filter(subject_kind="project").count() == 19


def test_the_past_is_searched_by_the_names_and_texts_of_that_day() -> None:
    portfolio = make.portfolio("Roads", ref="ROADS", effective_on=date(2026, 1, 1))
    made = make.recorded(portfolio, date(2026, 1, 31), name="Brücke alt", narrative="Piles").project
    services.change_project(core.admin(), made, {"narrative": "Deck"}, name="Tunnel", now=make.MONDAY)
    make.project(portfolio, "Brücke neu")
    admin = core.admin()

    with at(date(2026, 2, 1)):
        assert names(admin, "brucke") == ["Brücke alt"]
        assert names(admin, "piles") == ["Brücke alt"]
        assert names(admin, "roads") == ["Roads"]
        assert names(admin, "tunnel") == names(admin, "deck") == []
        assert [hit.kind.title(hit.thing) for hit in best(admin, "brucke")] == ["Brücke alt"]
    assert names(admin, "brucke") == ["Brücke neu"]
    assert names(admin, "tunnel") == ["Tunnel"]


def test_a_search_asks_the_database_the_same_for_few_hits_and_for_many(django_assert_num_queries: object) -> None:
    admin, portfolio = core.admin(), make.portfolio("Bridges", ref="B")
    make.project(portfolio, "Bridge")
    with django_assert_num_queries(6):  # type: ignore[operator]
        found(admin, "bridge")
    for number in range(9):
        make.project(portfolio, f"Bridge {number}")
    with django_assert_num_queries(6):  # type: ignore[operator]
        found(admin, "bridge", most=10)
    assert Portfolio.objects.count() == 1
