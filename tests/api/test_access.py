"""
Who gets what from every operation of the interface.

Own things: what each of five people's programmes gets. Foreign things: the same answer, to the byte, as for what does
not exist, wherever they are named: in the address, in the body, in a filter.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from quarterdeck.core.api.interface import description
from quarterdeck.core.models import IdempotencyKey, LedgerEntry
from quarterdeck.site.api import INTERFACE
from tests.access.api import OPERATIONS, Operation
from tests.api.make import Programme
from tests.api.world import NOTHING, WHO, World

pytestmark = pytest.mark.django_db


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
            before = checksums()
            with undone():
                ask(world.programmes[who], operation, world.own, body)
                changed = {table for table, found in checksums().items() if found != before[table]}
            if bool(changed) != answer.startswith("2"):
                wrong.append((name, who, answer, *sorted(changed)))
    assert wrong == []


def checksums() -> dict[str, str]:
    """
    Of each table that holds what people made: the security log and the use of a token are no part of it.

    By name, since the parts of a UNION come in any order: once the tables have grown the database reads them with
    several processes at once.
    """
    left_out = {"core_securityevent", "core_apitoken", "core_ratecounter", "django_session"}
    tables = [name for name in sorted(connection.introspection.table_names()) if name not in left_out]
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}', count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0)"
                f' FROM public."{name}" t'
                for name in tables
            )
        )
        return dict(cursor.fetchall())


def test_the_checksums_are_the_same_however_the_database_reads_the_tables() -> None:
    alone = checksums()
    with connection.cursor() as cursor:
        # What a plan with several processes is thought to cost; at nothing the database prefers it.
        cursor.execute("SET LOCAL parallel_setup_cost = 0")
        cursor.execute("SET LOCAL parallel_tuple_cost = 0")
    assert [checksums() for _ in range(10)] == [alone] * 10


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
