"""Saved views of a list: kept, shared without telling what is hidden, changed by their owner alone."""

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from quarterdeck.core import access
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Conflict, NotFound, Refused
from quarterdeck.core.models import LedgerEntry, Person, SavedView
from quarterdeck.core.services import saved_views as views
from quarterdeck.core.tests import make as core
from quarterdeck.projects.models import Portfolio
from quarterdeck.projects.tests import make

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(core.account(person), backend=BACKEND)
    return client


def someone(role: str = "pmo_lead", name: str = "") -> tuple[Actor, Client]:
    person = core.person(name)
    if role:
        core.grant(person, role, core.top())
    return access.actor_of(person, now=make.MONDAY), client_of(person)


@pytest.fixture
def portfolio() -> Portfolio:
    """Two projects of the same unit, one of them late."""
    found = make.portfolio("Roads", ref="ROADS")
    make.project(found, "Tariff engine", facts={"confidence": "R", "category": "Billing"})
    make.project(found, "Leakage", facts={"confidence": "G"})
    return found


def save(actor: Actor, name: str = "Red ones", parameters: str = "confidence=R", **more: Any) -> SavedView:
    return views.save_view(actor, "projects", name=name, parameters=parameters, now=make.MONDAY, **more)


def test_a_view_is_saved_from_the_list_and_opens_it_again(portfolio: Portfolio) -> None:
    actor, client = someone()
    form = client.get("/lists/projects/views/new/?confidence=R&sort=-name&columns=name,tier&page=2&as_of=")
    assert 'value="confidence=R&amp;sort=-name&amp;columns=name%2Ctier"' in form.content.decode()

    answer = client.post(
        "/lists/projects/views/new/",
        {"name": " Red   ones ", "parameters": "confidence=R&sort=-name&page=2&format=csv"},
    )

    view = SavedView.objects.get()
    assert (view.name, view.parameters, view.owner_id) == ("Red ones", "confidence=R&sort=-name", actor.person_id)
    assert (answer.status_code, answer["Location"]) == (302, "/projects/?confidence=R&sort=-name")
    page = client.get(answer["Location"]).content.decode()
    assert page.count('aria-current="page">Red ones') == 1
    assert "Change this view" in page
    assert client.get(f"/views/{view.uid}/")["Location"] == "/projects/?confidence=R&sort=-name"


def test_a_view_of_ones_own_is_saved_anew_in_its_place(portfolio: Portfolio) -> None:
    actor, client = someone()
    view = save(actor)
    answer = client.post("/lists/projects/views/new/", {"into": str(view.uid), "parameters": "confidence=G"})
    assert answer.status_code == 302
    assert list(SavedView.objects.values_list("name", "parameters")) == [("Red ones", "confidence=G")]


@pytest.mark.parametrize(
    ("name", "parameters", "code"),
    [
        ("", "confidence=R", "no_name"),
        ("   ", "confidence=R", "no_name"),
        ("x" * 81, "confidence=R", "long_name"),
        ("RED ones", "confidence=G", "name_taken"),
        ("All", "", "nothing_to_keep"),
        ("Long", "columns=" + "x" * 2000, "too_many_choices"),
    ],
)
def test_a_view_that_cannot_be_kept_is_refused_in_a_sentence(
    portfolio: Portfolio, name: str, parameters: str, code: str
) -> None:
    actor, _client = someone()
    save(actor)
    with pytest.raises(Refused) as refused:
        save(actor, name, parameters)
    assert refused.value.code == code
    assert refused.value.message.endswith(".")
    assert SavedView.objects.count() == 1


def test_what_the_list_does_not_know_is_not_kept(portfolio: Portfolio) -> None:
    _actor, client = someone()
    answer = client.post("/lists/projects/views/new/", {"name": "X", "parameters": "confidence=Z"})
    assert answer.status_code == 422
    assert client.post("/lists/nothing/views/new/", {"name": "X", "parameters": "q=a"}).status_code == 404
    assert not SavedView.objects.exists()


def test_a_shared_view_is_found_by_others_with_its_owner_and_changed_by_the_owner_alone(portfolio: Portfolio) -> None:
    owner, _own = someone(name="Olga Owner")
    _reader, client = someone("viewer")
    view = save(owner, shared=True)
    save(owner, "Mine alone", "confidence=G")

    page = client.get("/projects/").content.decode()

    assert "Red ones" in page
    assert "Olga Owner" in page
    assert "Mine alone" not in page
    assert client.get(f"/views/{view.uid}/")["Location"] == "/projects/?confidence=R"
    for method, path in (("get", "change"), ("post", "change"), ("post", "delete")):
        assert getattr(client, method)(f"/views/{view.uid}/{path}/").status_code == 404
    view.refresh_from_db()
    assert (view.name, view.shared) == ("Red ones", True)


def test_sharing_and_withdrawing_are_in_the_ledger_without_the_name(portfolio: Portfolio) -> None:
    actor, _client = someone()
    view = save(actor, shared=True)
    views.change_view(actor, view, name="Red ones", shared=False, starts=False, version=view.version, now=make.MONDAY)
    told = LedgerEntry.objects.filter(event__startswith="core.view.").order_by("pk")
    assert [entry.event for entry in told] == ["core.view.shared", "core.view.withdrawn"]
    assert "Red ones" not in "".join(entry.entry for entry in told)


def test_a_reader_learns_nothing_of_what_a_shared_view_names_and_they_do_not_see(portfolio: Portfolio) -> None:
    insider, own = someone(name="Sara Insider")
    secret = make.portfolio("Merger", ref="MERGER", confidential=True)
    core.grant(insider.person, "portfolio_manager", secret.node)
    insider = access.actor_of(insider.person_id, now=make.MONDAY)
    make.project(secret, "Takeover", by=insider, facts={"category": "Acquisitions"})
    hidden = [
        save(insider, "By number", f"portfolio={secret.ref}", shared=True),
        save(insider, "By category", "category=Acquisitions", shared=True),
        save(insider, "Both", f"portfolio={portfolio.ref}&portfolio={secret.ref}", shared=True),
    ]
    shown = save(insider, "Open to all", f"portfolio={portfolio.ref}&category=Billing&sort=name", shared=True)
    _reader, client = someone("viewer")

    page = client.get("/projects/").content.decode()

    assert "Open to all" in page
    words = ["By number", "By category", "Both", "Merger", "Acquisitions", "Takeover", f"portfolio={secret.ref}"]
    assert [word for word in words if word in page] == []
    for view in hidden:
        answer = client.get(f"/views/{view.uid}/")
        assert answer.status_code == 404
        assert [word for word in words if word in answer.content.decode()] == []
    assert client.get(f"/views/{shown.uid}/").status_code == 302
    assert all(view.name in own.get("/projects/").content.decode() for view in [*hidden, shown])


def test_what_somebody_typed_is_not_shared(portfolio: Portfolio) -> None:
    actor, client = someone()
    with pytest.raises(Refused, match="Others would read what you typed"):
        save(actor, parameters="q=Takeover", shared=True)
    assert not SavedView.objects.exists()
    own = save(actor, parameters="q=Takeover")
    answer = client.post(f"/views/{own.uid}/change/", {"name": "Found", "shared": "on", "version": own.version})
    assert answer.status_code == 422
    assert "Others would read what you typed" in answer.content.decode()
    shared = save(actor, "Red", "confidence=R", shared=True)
    with pytest.raises(Refused, match="Others would read"):
        views.replace_view(actor, shared, parameters="confidence=R&q=x", version=shared.version, now=make.MONDAY)
    with pytest.raises(Refused, match="Others would read"):
        views.save_view(actor, "ledger", name="S", parameters="stream=portfolio-7", shared=True, now=make.MONDAY)
    own.refresh_from_db()
    assert (own.shared, own.name) == (False, "Red ones")


def test_who_sees_no_row_of_a_list_finds_no_view_of_it(portfolio: Portfolio) -> None:
    owner, _own = someone(name="Olga Owner")
    view = save(owner, shared=True)
    _outsider, client = someone("")
    page = client.get("/projects/").content.decode()
    assert "Red ones" not in page
    assert "Olga Owner" not in page
    assert client.get(f"/views/{view.uid}/").status_code == 404


def test_a_list_opens_with_the_view_that_its_reader_chose_and_is_still_reached_without_it(
    portfolio: Portfolio,
) -> None:
    actor, client = someone()
    save(actor, starts=True, parameters="confidence=R&columns=name,stage")
    assert client.get("/projects/")["Location"] == "/projects/?confidence=R&columns=name%2Cstage"
    assert client.get("/projects/?as_of=2026-11-20")["Location"].endswith("&as_of=2026-11-20")
    page = client.get("/projects/?view=all").content.decode()
    assert "Tariff engine" in page
    assert "Leakage" in page
    assert 'href="/projects/?view=all"' in client.get("/projects/?confidence=R").content.decode()
    assert client.get("/projects/?format=csv").status_code == 200


def test_of_two_views_that_a_list_should_open_with_the_later_choice_counts(portfolio: Portfolio) -> None:
    actor, client = someone()
    first, second = save(actor, starts=True), save(actor, "Green", "confidence=G")
    answer = client.post(f"/views/{second.uid}/change/", {"name": "Green", "starts": "on", "version": second.version})
    assert answer.status_code == 302
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_start, second.is_start) == (False, True)


def test_a_start_view_that_names_what_is_gone_does_not_stand_in_the_way(portfolio: Portfolio) -> None:
    actor, client = someone()
    view = save(actor, starts=True, parameters="portfolio=99999")
    assert client.get("/projects/").status_code == 200
    assert "opens no more" in client.get(f"/views/{view.uid}/change/").content.decode()


def test_a_change_from_an_old_page_is_refused_and_nothing_is_lost(portfolio: Portfolio) -> None:
    actor, client = someone()
    view = save(actor)
    views.change_view(actor, view, name="Crimson", shared=False, starts=False, version=view.version, now=make.MONDAY)
    with pytest.raises(Conflict):
        views.change_view(actor, view, name="Late", shared=False, starts=False, version=1, now=make.MONDAY)
    answer = client.post(f"/views/{view.uid}/change/", {"name": "What I typed", "version": 1})
    assert answer.status_code == 422
    assert "What I typed" in answer.content.decode()
    view.refresh_from_db()
    assert view.name == "Crimson"


def test_a_deleted_view_is_put_back_as_it_was_by_who_deleted_it(portfolio: Portfolio) -> None:
    actor, client = someone()
    view = save(actor, shared=True, starts=True)
    gone = client.post(f"/views/{view.uid}/delete/").content.decode()
    assert not SavedView.objects.exists()
    kept = gone.partition('name="kept" value="')[2].partition('"')[0]
    _other, stranger = someone()
    assert stranger.post("/views/restore/", {"kept": kept}).status_code == 404
    assert stranger.post("/views/restore/", {"kept": "made up"}).status_code == 422
    assert not SavedView.objects.exists()

    assert client.post("/views/restore/", {"kept": kept})["Location"] == "/projects/?confidence=R"

    back = SavedView.objects.get()
    assert (back.name, back.parameters, back.shared, back.is_start) == ("Red ones", "confidence=R", True, True)
    assert client.get(f"/views/{view.uid}/change/").status_code == 404


def test_services_know_a_view_of_somebody_else_as_none_at_all(portfolio: Portfolio) -> None:
    owner, _own = someone()
    other, _client = someone()
    view = save(owner, shared=True)
    acts: list[Any] = [
        lambda: views.change_view(other, view, name="X", shared=False, starts=False, version=1, now=make.MONDAY),
        lambda: views.replace_view(other, view, parameters="confidence=G", version=1, now=make.MONDAY),
        lambda: views.delete_view(other, view, now=make.MONDAY),
        lambda: views.save_view(other, "nothing", name="X", parameters="q=a", now=make.MONDAY),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            act()
    assert SavedView.objects.get().parameters == "confidence=R"


def test_a_name_with_signs_of_markup_is_shown_as_written(portfolio: Portfolio) -> None:
    actor, client = someone()
    save(actor, "<b>&\"'", f"category={quote('Billing')}")
    page = client.get("/projects/").content.decode()
    assert "&lt;b&gt;&amp;&quot;&#x27;" in page
    assert "<b>&" not in page
