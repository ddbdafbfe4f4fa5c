"""Pages of portfolios and programmes, and of a project that goes elsewhere."""

from typing import Any

import pytest
from django.test import Client

from quarterdeck.core.models import Account, Node
from quarterdeck.core.tests import make as core
from quarterdeck.projects import services
from quarterdeck.projects.models import Portfolio, Project
from quarterdeck.projects.tests import make

pytestmark = pytest.mark.django_db


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(core.account(person), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def lead() -> Client:
    someone = core.person("Lena Lead")
    core.grant(someone, "pmo_lead", core.top())
    return signed_in(someone)


def text(answer: Any) -> str:
    return answer.content.decode()


def test_every_page_of_portfolios_and_programmes_opens_today_and_in_the_past(lead: Client) -> None:
    roads = make.portfolio("Roads", ref="ROADS")
    north = make.programme(roads, "North")
    bridge = make.project(roads, "Bridge", programme=north)
    for path in (
        "/portfolio-register/", "/portfolio-register/?ended=yes", "/portfolios/new/", "/portfolios/ROADS/about/",
        "/portfolios/ROADS/change/", "/programmes/", "/programmes/new/", f"/programmes/{north.node.ref}/",
        f"/programmes/{north.node.ref}/change/", f"/projects/{bridge.ref}/move/", "/history/portfolio/ROADS/",
        f"/history/programme/{north.node.ref}/", f"/history/project/{bridge.ref}/", "/access/portfolio/ROADS/",
        f"/access/project/{bridge.ref}/", "/people-at/portfolio/ROADS/", f"/people-at/project/{bridge.ref}/give/",
    ):  # fmt: skip
        assert lead.get(path).status_code == 200, path
        mark = "&" if "?" in path else "?"
        assert lead.get(f"{path}{mark}as_of=2026-11-24").status_code == 200, path
        assert lead.get(f"{path}{mark}as_of=2020-01-01").status_code in {200, 404}, path


def test_who_has_no_portfolio_yet_is_led_to_making_one(lead: Client) -> None:
    answer = lead.get("/projects/new/", follow=True)
    assert answer.redirect_chain == [("/portfolios/new/", 302)]
    assert "A project lies in a portfolio." in text(answer)


def test_a_portfolio_is_made_below_a_unit_and_moved_hidden_opened_ended_and_brought_back(lead: Client) -> None:
    works, water = core.unit("Works"), core.unit("Water")
    sent = {"name": "Roads", "ref": "ROADS", "currency": "EUR", "unit": works.ref}
    assert lead.post("/portfolios/new/", sent).status_code == 302
    node = Node.objects.get(kind="portfolio")
    assert node.unit == works
    for act, more in (
        ("move", {"move-unit": water.ref, "move-reason": "Reorganised"}),
        ("name", {"name-name": "Streets"}),
        ("hide", {}),
        ("open", {}),
        ("end", {}),
        ("back", {}),
    ):
        assert lead.post("/portfolios/ROADS/change/", {"act": act} | more).status_code == 302, act
    node.refresh_from_db()
    assert (node.name, node.unit, node.confidential, node.ended_on) == ("Streets", water, False, None)
    told = text(lead.get("/history/portfolio/ROADS/"))
    for words in ("Streets", "Works", "Water", "Reorganised", "Confidential", "Ends on"):
        assert words in told


def test_a_portfolio_with_work_under_way_names_it_and_offers_no_end(lead: Client) -> None:
    bridge = make.project(make.portfolio("Roads", ref="ROADS"), "Bridge")
    page = text(lead.get("/portfolios/ROADS/change/"))
    assert "It cannot end while work in it is under way." in page
    assert f'href="/projects/{bridge.ref}/"' in page
    assert 'name="act" value="end"' not in page
    assert lead.post("/portfolios/ROADS/change/", {"act": "end"}).status_code == 422


def test_a_project_is_moved_on_its_page_and_keeps_its_reference(lead: Client) -> None:
    roads = make.portfolio("Roads", ref="ROADS")
    make.portfolio("Rail", ref="RAIL")
    bridge = make.project(roads, "Bridge")
    url = f"/projects/{bridge.ref}/move/"
    assert lead.post(url, {"act": "move", "move-place": "portfolio/RAIL"}).status_code == 302
    assert Project.objects.get().portfolio.ref == "RAIL"
    assert Project.objects.get().ref == bridge.ref
    told = text(lead.get(f"/projects/{bridge.ref}/history/"))
    assert "Roads" in told
    assert "Rail" in told


def test_a_manager_is_offered_another_unit_and_no_other_portfolio() -> None:
    bridge = make.project(make.portfolio("Roads", ref="ROADS"), "Bridge")
    make.portfolio("Rail", ref="RAIL")
    manager = core.person("Mia")
    core.grant(manager, "project_manager", bridge.node)
    page = text(signed_in(manager).get(f"/projects/{bridge.ref}/move/"))
    assert 'name="move-unit"' in page
    assert 'name="move-place"' not in page
    assert "Rail" not in page


def test_a_hidden_destination_is_no_choice_and_what_is_sent_all_the_same_is_refused(lead: Client) -> None:
    bridge = make.project(make.portfolio("Roads", ref="ROADS"), "Bridge")
    insider = core.actor("pmo_lead")
    hidden = services.add_portfolio(insider, name="Merger", ref="M", currency="EUR", now=make.MONDAY, confidential=True)
    url = f"/projects/{bridge.ref}/move/"
    assert "Merger" not in text(lead.get(url))
    answer = lead.post(url, {"act": "move", "move-place": f"portfolio/{hidden.ref}"})
    assert answer.status_code == 422
    assert Project.objects.get().portfolio.ref == "ROADS"


def test_registers_count_what_the_reader_sees(lead: Client) -> None:
    roads = make.portfolio("Roads", ref="ROADS")
    make.project(roads, "Bridge")
    owner = core.actor("pmo_lead")
    quiet = make.project(roads, "Quiet", by=owner)
    services.make_confidential(owner, quiet, confidential=True, now=make.MONDAY)
    answer = lead.get("/portfolio-register/?format=csv")
    assert "ROADS,Roads,Norhaven,0,1,EUR" in text(answer)


def test_the_administrator_gives_roles_at_a_portfolio_and_its_people_see_it() -> None:
    roads = make.portfolio("Roads", ref="ROADS")
    rosa = core.person("Rosa")
    admin = Client()
    account = Account.objects.get(person_id=core.admin().person_id)
    admin.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    sent = {"role": "viewer", "who": str(rosa.uid)}
    assert admin.post("/people-at/portfolio/ROADS/give/", sent).status_code == 302
    assert text(signed_in(rosa).get("/portfolio-register/")).count("Roads") > 0
    assert Portfolio.objects.get() == roads
