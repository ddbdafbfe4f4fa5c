"""
The people of the access table with a browser each, what is theirs, and what is hidden from all of them.

Made once a module inside a transaction; every call is taken back, so that each asks the same world.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from quarterdeck.core import access, jobs
from quarterdeck.core.access import actor_of
from quarterdeck.core.api.interface import ROOT
from quarterdeck.core.models import Account, Person, SecurityEvent
from quarterdeck.core.services import tokens
from quarterdeck.core.tests import make as core
from quarterdeck.exchange import services as exchange
from quarterdeck.exchange.models import Import
from quarterdeck.exchange.tests import make as imports
from quarterdeck.projects import services
from quarterdeck.projects.models import Portfolio, Project
from quarterdeck.projects.tests import make
from tests.access import TABLE, THINGS
from tests.access.who import PEOPLE, WHO
from tests.proof import effects

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SIGN_IN = "/accounts/sign-in/"
TOKEN = {"csrfmiddlewaretoken": "of-a-page"}


# Words that stand in what is hidden and nowhere else.
CANARIES = ("Takeover", "Merger", "MERGER", "Quiet", "QUIET")


@dataclass(frozen=True)
class Reply:
    """
    What came back from a call, and what it did.

    changed: tables, without the logs that every call may write. logged: what the security log says of it. queries: how
    often the database was asked.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    changed: frozenset[str] = frozenset()
    logged: tuple[SecurityEvent, ...] = ()
    queries: int = 0

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")


class Browser:
    """Somebody's browser. What a call does to its cookies is forgotten with what it did to the database."""

    def __init__(self, account: Account | None = None, **more: Any) -> None:
        self.client = Client(raise_request_exception=False, **more)
        self.account = account
        if account is not None:
            self.client.force_login(account, backend=BACKEND)
            self.client.get("/interface/")
        self.cookies = self.client.cookies.copy()

    def send(self, method: str, path: str, data: Any = None, **more: Any) -> Any:
        ask = getattr(self.client, method.lower())
        # A page sends at least its token, so what it sends is never nothing.
        sent = {**TOKEN, **(data or {})} if method.lower() == "post" else data
        try:
            return ask(path, sent, **more) if sent is not None else ask(path, **more)
        finally:
            self.client.cookies = self.cookies.copy()


class Programme(Browser):
    """Somebody's programme: no cookies, a token, and JSON. Each POST has a key of its own."""

    keys = count(1)

    def __init__(self, account: Account) -> None:
        super().__init__()
        now = timezone.now()
        actor = access.actor_of_account(account, now=now, confirmed_at=now)
        _token, self.text = tokens.make_token(
            actor, name="Programme", scopes=["read", "write"], days=1, now=now - timedelta(seconds=1)
        )

    def send(self, method: str, path: str, data: Any = None, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.text}", **more.pop("headers", {})}
        if method.upper() == "POST":
            headers.setdefault("Idempotency-Key", f"key-{next(self.keys):08d}")
        if method.upper() == "PATCH":
            headers.setdefault("If-Match", "*")
        content = "" if data is None else json.dumps(data)
        kind = {} if data is None and method.upper() == "GET" else {"content_type": "application/json"}
        return self.client.generic(method.upper(), path, content, headers=headers, **kind, **more)


@dataclass
class World:
    """Keys of things by kind: one's own, hidden ones, and such that nothing has."""

    browsers: dict[str, Browser]
    own: dict[str, str]
    foreign: dict[str, str]
    absent: dict[str, str]
    people: dict[str, Person]
    project: Project
    portfolio: Portfolio
    insider: access.Actor
    hidden: Portfolio = None  # type: ignore[assignment]  # until something is hidden
    secret: Project = None  # type: ignore[assignment]
    canaries: list[str] = field(default_factory=list)
    baseline: effects.Baseline = field(default_factory=effects.Baseline)
    programmes: dict[str, Programme] = field(default_factory=dict)

    def address(self, name: str, things: Mapping[str, str]) -> str:
        """Of a line of the table."""
        route = TABLE[name]
        return reverse(name, args=[*(things[each] for each in route.takes), *route.more.values()])

    @property
    def admin(self) -> access.Actor:
        return core.admin()

    def call(self, who: str, method: str, path: str, data: Any = None, **more: Any) -> Reply:
        """A call of somebody's programme; path begins after the root of the interface."""
        return self.ask(who, method, ROOT + path, data, by=self.programmes[who], **more)

    def look(self, who: str, path: str, *, by: Browser | None = None, **more: Any) -> Reply:
        """What somebody gets, without a look at what it does."""
        with undone():
            answer = (by or self.browsers[who]).send("get", path, **more)
            return Reply(answer.status_code, dict(answer.headers), body_of(answer))

    def ask(
        self,
        who: str,
        method: str,
        path: str,
        data: Any = None,
        *,
        thoroughly: bool = False,
        by: Browser | None = None,
        **more: Any,
    ) -> Reply:
        """A call of somebody, taken back afterwards, and what it changed."""
        with undone():
            self.baseline.start()
            last = SecurityEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            with counting() as queries:
                answer = (by or self.browsers[who]).send(method, path, data, **more)
                body = body_of(answer)
            moved = self.baseline.moved()
            changed = self.baseline.differ(None if thoroughly else moved)
            logged: tuple[SecurityEvent, ...] = ()
            if effects.SECURITY in moved:
                logged = tuple(SecurityEvent.objects.filter(pk__gt=last).order_by("pk"))
        return Reply(answer.status_code, dict(answer.headers), body, changed, logged, queries[0])


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@contextmanager
def counting() -> Iterator[list[int]]:
    """How often the database is asked."""
    asked = [0]

    def counted(execute: Any, *arguments: Any) -> Any:
        asked[0] += 1
        return execute(*arguments)

    with connection.execute_wrapper(counted):
        yield asked


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside is taken back."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


def build() -> World:
    """The world with what is hidden in it; call it inside a transaction."""
    world = build_open()
    conceal(world)
    world.baseline = effects.Baseline.here()
    return world


def build_open() -> World:
    """The people, their browsers and what is theirs. Nothing is hidden yet; call it inside a transaction."""
    admin = core.admin()
    of = make.portfolio("Roads", ref="ROADS")
    imports.imported(into=of)
    project = Project.objects.select_related("node", "portfolio__node").get(external_id="A1")
    people = {who: core.person(who.title()) for who in WHO if who != "administrator"}
    people["administrator"] = Person.objects.get(pk=admin.person_id)
    places = {"top": core.top(), "portfolio": of.node, "project": project.node}
    for who, principal in PEOPLE.items():
        if who == "administrator" or not principal.role:
            continue
        if principal.role in {"sponsor", "project_manager"}:
            part = {"sponsor": "sponsor", "project_manager": "manager"}[principal.role]
            services.name_holder(admin, project, part, people[who], now=make.MONDAY)
        else:
            core.grant(people[who], principal.role, places[principal.at])
    # Somebody everybody knows, who will hide something.
    sara = core.person("Sara Secret")
    core.grant(sara, "pmo_lead", core.top())
    accounts_of = {
        who: Account.objects.get(person=person) if who == "administrator" else core.account(person)
        for who, person in people.items()
    }
    browsers = {"anonymous": Browser(), **{who: Browser(account) for who, account in accounts_of.items()}}
    own_job = jobs.enqueue(admin, exchange.PREVIEW, "Reading", {}, now=make.MONDAY)
    own_import = Import.objects.get(portfolio=of)
    world = World(
        browsers,
        {"project": project.ref, "portfolio": "ROADS", "import": str(own_import.uid), "job": str(own_job.uid),
         "unit": core.unit("Works").ref, "programme": make.programme(of).node.ref,
         "person": str(people["manager"].uid), "role": "viewer"},
        {},
        {"project": "ZZZ-0001", "portfolio": "ZZZ", "import": str(uuid.UUID(int=1)), "job": str(uuid.UUID(int=2)),
         "unit": "ZZZ", "programme": "ZZZ", "person": str(uuid.UUID(int=3)), "role": "zzz"},
        people, project, of, actor_of(sara, now=make.MONDAY),
    )  # fmt: skip
    world.programmes = {who: Programme(account) for who, account in accounts_of.items()}
    for kind, thing in THINGS.items():
        world.own[kind], world.absent[kind] = thing.own(world), thing.absent
    return world


def conceal(world: World) -> None:
    """Make, last of all, what nobody of the table is named in: a confidential portfolio with everything in it."""
    hidden = services.add_portfolio(
        world.insider, name="Merger", ref="MERGER", currency="EUR", now=make.MONDAY, confidential=True
    )
    world.insider = insider = actor_of(world.insider.person_id, now=make.MONDAY)
    world.hidden, world.secret = hidden, make.project(hidden, "Takeover", by=insider)
    circle = core.secret_unit("Audit")
    quiet = services.add_programme(insider, hidden, name="Quiet", ref="QUIET", now=make.MONDAY)
    shown = imports.imported(by=insider, into=hidden)
    job = jobs.enqueue(insider, exchange.PREVIEW, "Reading", {}, now=make.MONDAY)
    # Neither a person nor a role is hidden from everybody.
    world.foreign |= {
        "project": world.secret.ref, "portfolio": hidden.ref, "import": str(shown.uid), "job": str(job.uid),
        "unit": circle.ref, "programme": quiet.node.ref, "person": str(uuid.UUID(int=4)), "role": "yyy",
    }  # fmt: skip
    for kind, thing in THINGS.items():
        world.foreign[kind] = thing.foreign(world)
    world.canaries = [*CANARIES, world.secret.ref]
