"""
Who gets what from every address.

Each route is in the table below or the build fails. Own objects: what each of six people gets, with GET and with an
empty POST. Foreign objects: the same answer as for what does not exist, whoever asks.
"""

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from quarterdeck.core import jobs
from quarterdeck.core.access import actor_of
from quarterdeck.core.models import Account, Job, LedgerEntry
from quarterdeck.core.tests import make as core
from quarterdeck.exchange import services as exchange
from quarterdeck.exchange.models import Import
from quarterdeck.exchange.tests import make as imports
from quarterdeck.projects import services
from quarterdeck.projects.models import Project
from quarterdeck.projects.tests import make
from tests.access import PUBLIC, TABLE, WITH_TOKEN

WHO = ("anonymous", "outsider", "viewer", "manager", "lead", "administrator")
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SIGN_IN = "/accounts/sign-in/"


def names(resolver: URLResolver | None = None) -> list[str]:
    """The name of every route, walked from the root."""
    found: list[str] = []
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            found += names(entry)
        elif isinstance(entry, URLPattern):
            found.append(entry.name or str(entry.pattern))
    return found


@dataclass
class World:
    """The six people with a browser each, what is theirs, and what is hidden from all of them."""

    clients: dict[str, Client]
    own: dict[str, str]
    foreign: dict[str, str]

    def address(self, name: str, things: dict[str, str]) -> str:
        route = TABLE[name]
        return reverse(name, args=[*(things[each] for each in route.takes), *route.more.values()])


NOTHING = {
    "project": "ZZZ-0001", "portfolio": "ZZZ", "import": str(uuid.UUID(int=1)), "job": str(uuid.UUID(int=2)),
    "unit": "ZZZ", "programme": "ZZZ", "person": str(uuid.UUID(int=3)), "role": "zzz",
}  # fmt: skip


def browser(account: Account, **more: Any) -> Client:
    client = Client(raise_request_exception=False, **more)
    client.force_login(account, backend=BACKEND)
    return client


@pytest.fixture
def world(db: None) -> World:
    admin = core.admin()
    of = make.portfolio("Roads", ref="ROADS")
    imports.imported(into=of)
    project = Project.objects.select_related("node", "portfolio__node").get(external_id="A1")
    people = {who: core.person(who.title()) for who in WHO[1:5]}
    core.grant(people["viewer"], "viewer", core.top())
    core.grant(people["lead"], "pmo_lead", core.top())
    services.name_holder(admin, project, "manager", people["manager"], now=make.MONDAY)
    accounts = {who: core.account(person) for who, person in people.items()}
    accounts["administrator"] = Account.objects.get(person_id=admin.person_id)
    clients = {"anonymous": Client(raise_request_exception=False)}
    clients |= {who: browser(account) for who, account in accounts.items()}

    sara = core.person("Sara Secret")
    core.grant(sara, "pmo_lead", core.top())
    hidden = services.add_portfolio(
        actor_of(sara, now=make.MONDAY), name="Merger", ref="MERGER", currency="EUR", now=make.MONDAY, confidential=True
    )
    insider = actor_of(sara, now=make.MONDAY)
    secret = make.project(hidden, "Takeover", by=insider)
    shown = imports.imported(by=insider, into=hidden)
    job = jobs.enqueue(insider, exchange.PREVIEW, "Reading", {}, now=make.MONDAY)
    own_job = jobs.enqueue(admin, exchange.PREVIEW, "Reading", {}, now=make.MONDAY)
    own = Import.objects.get(portfolio=of)
    circle = core.secret_unit("Audit")
    quiet = services.add_programme(insider, hidden, name="Quiet", ref="QUIET", now=make.MONDAY)
    return World(
        clients,
        {"project": project.ref, "portfolio": "ROADS", "import": str(own.uid), "job": str(own_job.uid),
         "unit": core.unit("Works").ref, "programme": make.programme(of).node.ref,
         "person": str(people["manager"].uid), "role": "viewer"},
        # Neither a person nor a role is hidden from everybody.
        {"project": secret.ref, "portfolio": hidden.ref, "import": str(shown.uid), "job": str(job.uid),
         "unit": circle.ref, "programme": quiet.node.ref, "person": str(uuid.UUID(int=4)), "role": "yyy"},
    )  # fmt: skip


def codes(words: str) -> list[int]:
    said = [int(word) for word in words.split()]
    return said * 5 if len(said) == 1 else said


def test_every_address_is_in_the_table() -> None:
    assert sorted(names()) == sorted([*TABLE, *PUBLIC, *WITH_TOKEN])


def test_each_gets_what_the_table_says_and_the_anonymous_the_sign_in(world: World) -> None:
    wrong = []
    for name, route in TABLE.items():
        address = world.address(name, world.own)
        for method, words in (("get", route.get), ("post", route.post)):
            answers = {who: getattr(client, method)(address) for who, client in world.clients.items()}
            assert answers["anonymous"].status_code == 302, name
            assert answers["anonymous"].headers["Location"].startswith(SIGN_IN), name
            found = [answers[who].status_code for who in WHO[1:]]
            if found != codes(words):
                wrong.append((name, method, " ".join(map(str, found)), words))
    assert wrong == []


def test_what_is_hidden_answers_like_what_is_not_there(world: World) -> None:
    before = LedgerEntry.objects.count(), Job.objects.count(), list(Import.objects.values_list("uid", "state"))
    wrong = []
    for name, route in TABLE.items():
        if not route.takes:
            continue
        for who in WHO[1:]:
            for method in ("get", "post"):
                ask = getattr(world.clients[who], method)
                hidden, absent = (ask(world.address(name, things)).status_code for things in (world.foreign, NOTHING))
                if hidden != absent or hidden not in {404, 405}:
                    wrong.append((name, who, method, hidden, absent))
    assert wrong == []
    after = LedgerEntry.objects.count(), Job.objects.count(), list(Import.objects.values_list("uid", "state"))
    assert after == before


def test_nothing_hidden_is_in_any_page_list_or_export(world: World) -> None:
    canaries = ("Takeover", "Merger", "MERGER", "Sara Secret's", world.foreign["project"])
    paths = [world.address(name, world.own) for name in TABLE]
    paths += [
        f"{path}?format=csv" for path in ("/projects/", "/projects/left/", "/organisation/", "/ledger/", "/imports/")
    ]
    paths += [f"/projects/?q={word}" for word in canaries] + [
        "/projects/?control=portfolio",
        "/imports/?control=portfolio",
    ]
    found = []
    for who in WHO[1:]:
        for path in paths:
            answer = world.clients[who].get(path)
            text = answer.content.decode()
            # What somebody typed stands in the search box again.
            asked = path.partition("?q=")[2]
            found += [(who, path, word) for word in canaries if word in text and word != asked]
    assert found == []


def test_every_post_without_a_token_is_refused(world: World) -> None:
    lead = Account.objects.get(person__name="Lead")
    client = browser(lead, enforce_csrf_checks=True)
    addresses = [world.address(name, world.own) for name in TABLE]
    addresses += [reverse("account_login"), reverse("account_logout"), reverse("sign_in_link", args=["x" * 30])]
    assert [path for path in addresses if client.post(path).status_code != 403] == []


def test_who_is_not_signed_in_reaches_health_and_sign_in(db: None) -> None:
    client = Client(raise_request_exception=False)
    core.organisation()
    expected = {
        "live": 200, "ready": 200, "account_login": 200, "account_logout": 302, "account_reset_password": 200,
        "account_reset_password_done": 200, "account_reset_password_from_key_done": 200, "account_inactive": 200,
    }  # fmt: skip
    assert {name: client.get(reverse(name)).status_code for name in expected} == expected
    assert client.get(reverse("sign_in_link", args=["x" * 30])).status_code == 200
    assert client.get(reverse("account_reset_password_from_key", args=["a", "b"])).status_code == 200
    assert client.get("/static/quarterdeck/nothing.css").status_code == 404
