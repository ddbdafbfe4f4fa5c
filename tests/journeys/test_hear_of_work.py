"""What happens to projects and portfolios reaches who leads and who watches them, and nobody else."""

import pytest
from django.db import connection
from django.test import Client

from quarterdeck.core import objects
from quarterdeck.core.access import Actor, actor_of
from quarterdeck.core.errors import NotFound
from quarterdeck.core.models import Notification, Person
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.services import comments, notifications, telling, watching
from quarterdeck.core.tests import make as core
from quarterdeck.core.tests.make import MONDAY
from quarterdeck.core.web import news
from quarterdeck.exchange.tests import make as imports
from quarterdeck.projects import services
from quarterdeck.projects.models import Portfolio, Project
from quarterdeck.projects.tests import make

pytestmark = pytest.mark.django_db


def tell() -> None:
    """The ledger is sealed at commit; inside a test it is asked to be sealed now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    telling.tell_new(now=MONDAY)


def acting(person: Person) -> Actor:
    return actor_of(person, now=MONDAY)


def able(name: str) -> Person:
    person = core.person(name)
    core.account(person)
    return person


def heard(person: Person) -> set[str]:
    actor = acting(person)
    return {f"{each.title}: {each.sentence}" for each in news.compose(actor, questions.notifications(actor))}


@pytest.fixture
def portfolio() -> Portfolio:
    return make.portfolio("Roads", ref="ROADS")


@pytest.fixture
def project(portfolio: Portfolio) -> Project:
    found = make.project(portfolio, "Bridge")
    for part, name in (("sponsor", "Sara Sponsor"), ("manager", "Max Manager")):
        services.name_holder(core.admin(), found, part, able(name), now=MONDAY)
    tell()
    return found


def test_who_is_named_hears_of_their_role(project: Project) -> None:
    max_ = Person.objects.get(name="Max Manager")
    assert "Bridge: Your role: Project manager, by Ada Archer" in heard(max_)


def test_sponsor_and_manager_hear_of_changes_and_comments_without_asking(project: Project) -> None:
    max_, sara = Person.objects.get(name="Max Manager"), Person.objects.get(name="Sara Sponsor")
    services.change_project(acting(max_), project, {"category": "Bridges"}, now=MONDAY, reason="Known now")
    comments.add_comment(acting(max_), "project", project.ref, text="Done.", now=MONDAY)
    tell()
    assert heard(sara) >= {"Bridge: Facts of a project changed, by Max Manager", "Bridge: Max Manager commented"}
    assert not any("Max Manager" in line for line in heard(max_))


def test_an_import_is_news_to_who_watches_the_portfolio(portfolio: Portfolio) -> None:
    lena = able("Lena Lead")
    core.grant(lena, "pmo_lead", core.top())
    watching.watch(acting(lena), "portfolio", "ROADS", now=MONDAY)
    tell()
    imports.imported(into=portfolio)
    tell()
    assert "Roads: Register imported, by Ada Archer" in heard(lena)


def test_the_way_from_a_notification_leads_to_the_page_of_each_kind(project: Project) -> None:
    lena = able("Lena Lead")
    core.grant(lena, "pmo_lead", core.top())
    programme = make.programme(project.portfolio)
    unit = core.unit("Works")
    things = {
        "project": project.ref, "portfolio": "ROADS", "programme": programme.node.ref, "unit": unit.ref,
    }  # fmt: skip
    client = Client()
    client.force_login(lena.accounts.get(), backend="allauth.account.auth_backends.AuthenticationBackend")
    for kind, key in things.items():
        about = questions.subject(acting(lena), kind, key)
        notifications.tell(about, {lena.pk: "change"}, event="core.unit.renamed", by_id=None, now=MONDAY)
        uid = Notification.objects.filter(person=lena).latest("pk").uid
        there = client.get(f"/notifications/{uid}/", follow=True)
        assert there.status_code == 200, kind
        assert about.title in there.content.decode(), kind


def test_the_hidden_stays_hidden_from_who_leads_above_it() -> None:
    sara = able("Sara Secret")
    core.grant(sara, "pmo_lead", core.top())
    hidden = services.add_portfolio(
        acting(sara), name="Merger", ref="MERGER", currency="EUR", now=MONDAY, confidential=True
    )
    takeover = make.project(hidden, "Takeover", by=acting(sara))
    lena = able("Lena Lead")
    core.grant(lena, "pmo_lead", core.top())
    comments.add_comment(acting(sara), "project", takeover.ref, text="Between us.", now=MONDAY)
    tell()
    assert not any("Takeover" in line or "Merger" in line for line in heard(lena))
    about = questions.subject(acting(sara), "project", takeover.ref)
    assert not questions.readers(about, MONDAY.date()).filter(pk=lena.pk).exists()


def test_the_bell_counts_what_the_list_shows_for_every_kind_and_reader(project: Project) -> None:
    """The count goes by paths alone; the list asks the question of each kind."""
    sara = able("Sara Secret")
    core.grant(sara, "pmo_lead", core.top())
    hidden = services.add_portfolio(
        acting(sara), name="Merger", ref="MERGER", currency="EUR", now=MONDAY, confidential=True
    )
    things = [
        ("project", project.ref), ("portfolio", "ROADS"), ("programme", make.programme(project.portfolio).node.ref),
        ("unit", core.unit("Works").ref),
    ]  # fmt: skip
    inside = [("portfolio", hidden.ref), ("project", make.project(hidden, "Takeover", by=acting(sara)).ref)]
    subjects = [questions.subject(core.admin(), *each) for each in things]
    subjects += [questions.subject(acting(sara), *each) for each in inside]
    assert {about.code for about in subjects} == {code for code, kind in objects.kinds().items() if kind.talk}
    readers = [sara, Person.objects.get(name="Max Manager")]
    places = {"top": core.top(), "portfolio": project.portfolio.node, "project": project.node, "merger": hidden.node}
    for role in ("viewer", "pmo_lead", "auditor"):
        for name, place in places.items():
            reader = able(f"{role} at {name}")
            core.grant(reader, role, place)
            readers.append(reader)
    readers.append(able("Olga Outside"))
    seen = set()
    for reader in readers:
        Notification.objects.filter(person=reader).delete()
        for about in subjects:
            notifications.tell(about, {reader.pk: "change"}, event="core.unit.renamed", by_id=None, now=MONDAY)
        actor = acting(reader)
        listed = news.compose(actor, questions.notifications(actor))
        assert questions.count_unseen(actor) == len(listed), reader.name
        seen.add(len(listed))
    assert seen >= {0, 1, 2, 4, 6}


def test_who_knows_a_portfolio_by_a_project_of_theirs_does_not_hear_its_talk(project: Project) -> None:
    """The name of its portfolio stands on the page of a project; what is said and filed there is for who sees it."""
    max_ = Person.objects.get(name="Max Manager")
    assert objects.find(acting(max_), "portfolio", "ROADS") == project.portfolio
    said = comments.add_comment(core.admin(), "portfolio", "ROADS", text="Between those who run it.", now=MONDAY)
    client = Client()
    client.force_login(max_.accounts.get(), backend="allauth.account.auth_backends.AuthenticationBackend")
    for address in ("/about/portfolio/ROADS/talk/", "/about/portfolio/ROADS/files/", f"/comments/{said.uid}/"):
        assert client.get(address).status_code == 404
    shown = client.get("/portfolios/ROADS/").content.decode()
    assert "/about/portfolio/ROADS/" not in shown
    for act in (watching.watch, watching.mute):
        with pytest.raises(NotFound):
            act(acting(max_), "portfolio", "ROADS", now=MONDAY)
