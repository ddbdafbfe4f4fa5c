"""What happens to projects and portfolios reaches who leads and who watches them, and nobody else."""

import pytest
from django.db import connection
from django.test import Client

from quarterdeck.core.access import Actor, actor_of
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
