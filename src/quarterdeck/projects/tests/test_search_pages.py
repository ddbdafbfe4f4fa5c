"""The search page over portfolios, programmes and projects: page by page, in the past, and never what is hidden."""

import re
from datetime import date

import pytest
from django.test import Client

from quarterdeck.core.access import actor_of
from quarterdeck.core.models import Node
from quarterdeck.core.tests import make as core
from quarterdeck.core.tests.test_search_pages import read, signed_in, someone_with
from quarterdeck.projects import services
from quarterdeck.projects.models import Project
from quarterdeck.projects.tests import make

pytestmark = pytest.mark.django_db


def names(page: str) -> list[str]:
    return [re.sub("</?mark>", "", name) for name in re.findall('<a class="qd-name"[^>]*>(.*?)</a>', page)]


def test_a_kind_with_many_hits_is_read_page_by_page() -> None:
    portfolio = make.portfolio("Roads", ref="ROADS")
    for number in range(53):
        make.project(portfolio, f"Bridge {number:02}")
    lead = someone_with("pmo_lead")

    overview = read(lead, "/search/?q=bridge")
    assert names(overview) == [f"Bridge {number:02}" for number in range(5)]
    assert '5 of 53 <a href="/search/?q=bridge&amp;kind=project">Show all' in overview
    assert '<span class="qd-hit-place">Roads</span>' in overview

    first = read(lead, "/search/?q=bridge&kind=project")
    assert (len(names(first)), "1 to 50 of 53" in first) == (50, True)
    assert 'rel="next" href="/search/?q=bridge&amp;kind=project&amp;page=2"' in first
    for address in ("/search/?q=bridge&kind=project&page=2", "/search/?q=bridge&kind=project&page=99"):
        last = read(lead, address)
        assert names(last) == ["Bridge 50", "Bridge 51", "Bridge 52"]
        assert "51 to 53 of 53" in last
        assert 'rel="prev" href="/search/?q=bridge&amp;kind=project"' in last


def test_the_past_is_searched_by_its_own_names_and_its_links_stay_there() -> None:
    portfolio = make.portfolio("Roads", ref="ROADS", effective_on=date(2026, 1, 1))
    made = make.recorded(portfolio, date(2026, 1, 31), name="Old bridge").project
    services.change_project(core.admin(), made, {}, name="Tunnel", now=make.MONDAY)
    lead = someone_with("pmo_lead")
    known = make.MONDAY.isoformat().replace("+", "%2B")

    then = read(lead, "/search/?q=bridge&as_of=2026-02-01")
    assert names(then) == ["Old bridge"]
    assert f'href="/projects/{made.ref}/?as_of=2026-02-01"' in then
    assert "You are looking at" in then
    assert '<input type="hidden" name="as_of" value="2026-02-01">' in then
    assert 'href="/search/?q=bridge&amp;kind=project&amp;as_of=2026-02-01"' in then
    assert names(read(lead, "/search/?q=bridge")) == []
    gone = read(lead, "/search/?q=tunnel&as_of=2026-02-01")
    assert (names(gone), 'href="/search/?q=tunnel"' in gone) == ([], True)
    as_known = read(lead, f"/search/?q=bridge&as_of=2026-02-01&known_at={known}")
    assert "&amp;known_at=" in as_known


def test_what_is_over_says_so() -> None:
    portfolio = make.portfolio("Roads", ref="ROADS")
    made = make.project(portfolio, "Bridge")
    make.project(portfolio, "Footbridge over the brook")
    Project.objects.filter(pk=made.pk).update(left_on=date(2026, 10, 1))
    Node.objects.filter(pk=core.unit("Bridges").pk).update(ended_on=date(2026, 10, 1))
    Node.objects.filter(pk=core.unit("Bridges to come").pk).update(ended_on=date(2099, 1, 1))
    lead = someone_with("pmo_lead")

    for address in ("/search/?q=bridge", "/search/suggestions/?q=bridge"):
        page = read(lead, address)
        assert re.findall('<span class="qd-tag">([^<]*)<', page) == ["left its register", "ended"], address


def without_token(page: str) -> str:
    """A page without what differs from call to call."""
    return re.sub(r'(nonce="|csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]*', r"\1", page)


def test_what_is_hidden_changes_no_byte_of_what_others_find() -> None:
    sara = core.person("Sara Secret")
    core.grant(sara, "pmo_lead", core.top())
    insider = actor_of(sara, now=make.MONDAY)
    make.project(name="Takeover bid")
    readers: dict[str, Client] = {"lead": someone_with("pmo_lead"), "nobody": signed_in(core.person())}
    asked = [
        "/search/?q=takeover", "/search/?q=takeover&kind=project&page=2", "/search/?q=zenith",
        "/search/?q=merger&kind=portfolio", "/search/suggestions/?q=takeover", "/search/suggestions/?q=merger",
    ]  # fmt: skip
    before = {(who, each): without_token(read(client, each)) for who, client in readers.items() for each in asked}

    hidden = services.add_portfolio(
        insider, name="Merger", ref="MERGER", currency="EUR", now=make.MONDAY, confidential=True
    )
    insider = actor_of(sara, now=make.MONDAY)
    for number in range(7):
        make.project(hidden, f"Takeover of Zenith {number}", by=insider, facts={"narrative": "Merger"})

    after = {(who, each): without_token(read(client, each)) for who, client in readers.items() for each in asked}
    assert [key for key in before if before[key] != after[key]] == []
    own = read(signed_in(sara), "/search/?q=takeover")
    assert "8 things found" in own
    assert "Zenith" in own
