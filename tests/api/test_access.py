"""
Who gets what from every operation of the interface.

Own things: what each of five people's programmes gets. Foreign things: the same answer, to the byte, as for what does
not exist, wherever they are named: in the address, in the body, in a filter.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from quarterdeck.core import jobs
from quarterdeck.core.access import actor_of
from quarterdeck.core.api.interface import description
from quarterdeck.core.models import Account, Holding, IdempotencyKey, LedgerEntry
from quarterdeck.core.services import comments
from quarterdeck.core.tests import make as core
from quarterdeck.exchange import services as exchange
from quarterdeck.exchange.models import Import
from quarterdeck.exchange.tests import make as imports
from quarterdeck.projects import services
from quarterdeck.projects.models import Project
from quarterdeck.projects.tests import make
from quarterdeck.site.api import INTERFACE
from tests.access.api import OPERATIONS, Operation
from tests.api.make import Programme, token

pytestmark = pytest.mark.django_db
WHO = ("outsider", "viewer", "manager", "lead", "administrator")
NOTHING = {
    "project": "ZZZ-0001", "portfolio": "ZZZ", "programme": "ZZZ", "unit": "ZZZ", "person": str(uuid.UUID(int=3)),
    "role": "zzz", "holding": str(uuid.UUID(int=5)), "job": str(uuid.UUID(int=2)),
    "comment": str(uuid.UUID(int=6)), "import": str(uuid.UUID(int=1)),
}  # fmt: skip


@dataclass
class World:
    """A programme each, what is theirs, and what is hidden from all of them."""

    programmes: dict[str, Programme]
    own: dict[str, str]
    foreign: dict[str, str]


@pytest.fixture
def world() -> World:
    admin = core.admin()
    of = make.portfolio("Roads", ref="ROADS")
    imports.imported(into=of)
    project = Project.objects.select_related("node", "portfolio__node").get(external_id="A1")
    people = {who: core.person(who.title()) for who in WHO[:4]}
    core.grant(people["viewer"], "viewer", core.top())
    core.grant(people["lead"], "pmo_lead", core.top())
    held = services.name_holder(admin, project, "manager", people["manager"], now=make.MONDAY)
    accounts = {who: core.account(person) for who, person in people.items()}
    accounts["administrator"] = Account.objects.get(person_id=admin.person_id)
    manager = actor_of(people["manager"], now=timezone.now())
    said = comments.add_comment(manager, "project", project.ref, text="Piles are in.", now=timezone.now())
    job = jobs.enqueue(admin, exchange.PREVIEW, "Reading", {}, now=make.MONDAY)

    sara = core.person("Sara Secret")
    core.grant(sara, "pmo_lead", core.top())
    hidden = services.add_portfolio(
        actor_of(sara, now=make.MONDAY), name="Merger", ref="MERGER", currency="EUR", now=make.MONDAY, confidential=True
    )
    insider = actor_of(sara, now=make.MONDAY)
    secret = make.project(hidden, "Takeover", by=insider)
    quiet = services.add_programme(insider, hidden, name="Quiet", ref="QUIET", now=make.MONDAY)
    shown = imports.imported(by=insider, into=hidden)
    whispered = comments.add_comment(insider, "project", secret.ref, text="Hush.", now=timezone.now())
    hidden_job = jobs.enqueue(insider, exchange.PREVIEW, "Reading", {}, now=make.MONDAY)
    circle = Holding.objects.get(person=sara, node_id=hidden.node_id)
    return World(
        {who: Programme(token(account)) for who, account in accounts.items()},
        {"project": project.ref, "portfolio": of.ref, "programme": make.programme(of).node.ref,
         "unit": core.unit("Works").ref, "person": str(people["viewer"].uid), "role": "viewer",
         "holding": str(held.uid), "comment": str(said.uid), "job": str(job.uid),
         "import": str(Import.objects.get(portfolio=of).uid)},
        {"project": secret.ref, "portfolio": hidden.ref, "programme": quiet.node.ref,
         "unit": core.secret_unit("Audit").ref, "holding": str(circle.uid), "comment": str(whispered.uid),
         "import": str(shown.uid), "job": str(hidden_job.uid)},
    )  # fmt: skip


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside is taken back, so that each asks the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(programme: Programme, operation: Operation, things: dict[str, str], body: Any) -> Any:
    path = operation.path.format(**things)
    if operation.method == "GET":
        return programme.get(path)
    if operation.method == "POST":
        return programme.post(path, body)
    return programme.patch(path, body, if_match="*")


def test_every_operation_is_in_the_table() -> None:
    described = {
        operation["operationId"]
        for methods in description(INTERFACE)["paths"].values()
        for operation in methods.values()
    }
    assert sorted(described) == sorted(OPERATIONS)


def test_each_gets_what_the_table_says_and_nobody_without_a_token(world: World) -> None:
    wrong = []
    nobody = Programme()
    for name, operation in OPERATIONS.items():
        body = operation.body(world.own) if operation.body else None
        found = []
        for who in WHO:
            with undone():
                found.append(str(ask(world.programmes[who], operation, world.own, body).status_code))
        if ask(nobody, operation, world.own, body).status_code != 401:
            wrong.append((name, "without a token"))
        if " ".join(found) != operation.answers:
            wrong.append((name, " ".join(found)))
    assert wrong == []


def test_a_refused_call_changes_nothing(world: World) -> None:
    wrong = []
    for name, operation in OPERATIONS.items():
        if operation.method == "GET":
            continue
        body = operation.body(world.own) if operation.body else None
        for who, answer in zip(WHO, operation.answers.split(), strict=True):
            before = checksum()
            with undone():
                ask(world.programmes[who], operation, world.own, body)
                changed = checksum() != before
            if changed != answer.startswith("2"):
                wrong.append((name, who, answer))
    assert wrong == []


def checksum() -> str:
    """Of every table that holds what people made: the security log and the use of a token are no part of it."""
    left_out = {"core_securityevent", "core_apitoken", "core_ratecounter", "django_session"}
    tables = [name for name in sorted(connection.introspection.table_names()) if name not in left_out]
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}:' || count(*) || coalesce(sum(hashtext(t::text)), 0) FROM public.\"{name}\" t"
                for name in tables
            )
        )
        return "\n".join(row[0] for row in cursor.fetchall())


def test_what_is_hidden_answers_like_what_is_not_there(world: World) -> None:
    wrong = []
    for name, operation in OPERATIONS.items():
        if operation.takes not in world.foreign:
            continue
        body = operation.body(world.own) if operation.body else None
        for who in WHO:
            hidden, absent = (
                ask(world.programmes[who], operation, things, body) for things in (world.foreign, NOTHING)
            )
            if (hidden.status_code, hidden.content) != (404, absent.content):
                wrong.append((name, who, hidden.status_code))
    assert wrong == []


def test_what_is_hidden_in_a_body_is_refused_like_what_is_not_there(world: World) -> None:
    before = LedgerEntry.objects.count(), IdempotencyKey.objects.count()
    wrong = []
    for name, operation in OPERATIONS.items():
        if operation.body is None:
            continue
        right = operation.body(world.own)
        named = [(field, word) for field, word in right.items() for kind in world.foreign if word == world.own[kind]]
        for field, word in named:
            kind = next(kind for kind in world.foreign if world.own[kind] == word)
            for who in WHO:
                hidden, absent = (
                    ask(world.programmes[who], operation, world.own, right | {field: things[kind]})
                    for things in (world.foreign, NOTHING)
                )
                if (hidden.status_code, hidden.content) != (absent.status_code, absent.content):
                    wrong.append((name, who, field))
                if hidden.status_code < 400:
                    wrong.append((name, who, field, "was taken"))
    assert wrong == []
    assert (LedgerEntry.objects.count(), IdempotencyKey.objects.count()) == before
