"""
What a programme could send besides what an operation asks for: keys of what is hidden (R02), other facts (R04).

Made from the description of the interface and the bodies of tests/access/api.py: each key in an address, a body or a
parameter, each field of every model in a body.
"""

import json
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.utils import timezone

from quarterdeck.core.api.interface import ROOT, description
from quarterdeck.core.api.parsing import CarefulParser
from quarterdeck.site.api import INTERFACE
from tests.access.api import OPERATIONS, Operation
from tests.access.who import FIVE
from tests.proof import complaints, effects
from tests.proof.figures import figure
from tests.proof.keys import Keys, Swap
from tests.proof.same import told
from tests.proof.world import CANARIES, Reply, World, build, undone

pytestmark = pytest.mark.xdist_group("what programmes send")
# Fields that name a thing, whichever operation asks for them.
NAMING = {"portfolio": "portfolio", "programme": "programme", "unit": "unit", "parent": "unit", "person": "person",
          "project": "project", "role": "role"}  # fmt: skip
PART = re.compile(r"{(\w+)}")


@pytest.fixture(scope="module")
def sent(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    with django_db_blocker.unblock(), undone():
        world = build()
        yield SimpleNamespace(world=world, keys=Keys.of(world))


def who_may(operation: Operation) -> str:
    """Somebody of whom the operation is taken."""
    codes = dict(zip(FIVE, operation.answers.split(), strict=True))
    return next(who for who in ("lead", "administrator", "manager", "viewer") if codes[who].startswith("2"))


def things(world: World) -> dict[str, str]:
    """One's own, with somebody who can be named where the manager is named already."""
    return world.own | {"person": str(world.people["viewer"].uid)}


def described(operation: Operation) -> dict[str, Any]:
    """What the description says of an operation."""
    wanted = PART.sub("{}", operation.path.partition("?")[0])
    for path, methods in description(INTERFACE)["paths"].items():
        if operation.method.lower() not in methods:
            continue
        there = path.removeprefix(ROOT)
        if PART.sub("{}", there) == wanted or re.fullmatch(PART.sub("[^/]+", there), operation.path.partition("?")[0]):
            return dict(methods[operation.method.lower()])
    raise LookupError(operation)


def fields_of(operation: Operation) -> dict[str, Any]:
    """The fields of the body of an operation."""
    body = described(operation).get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    name = body.get("$ref", "").rpartition("/")[2]
    return dict(description(INTERFACE)["components"]["schemas"].get(name, {}).get("properties", {}))


def alike(what: str, hidden: Reply, absent: Reply, swap: Swap) -> list[str]:
    one, other = told(hidden), told(absent)
    plain = [
        (code, headers, body.replace(text.encode(), b"key"))
        for (code, headers, body), text in ((one, swap.hidden), (other, swap.absent))
    ]
    wrong = []
    if plain[0] != plain[1]:
        wrong.append(f"{what}: hidden {plain[0]}, absent {plain[1]}")
    if hidden.changed - effects.USES or absent.changed - effects.USES:
        wrong.append(f"{what}: {hidden.status}, and changed {sorted(hidden.changed | absent.changed)}")
    if hidden.queries != absent.queries:
        wrong.append(f"{what}: {hidden.queries} queries for what is hidden, {absent.queries} for nothing")
    return wrong + [f"{what}: says {word}" for word in CANARIES if word.encode() in plain[0][2]]


def in_bodies(operation: Operation, body: Any, world: World, keys: Keys) -> Iterator[tuple[str, Any, Any, Swap]]:
    """A body with each of its keys swapped, and with each field that could name a thing."""
    for name, text in body.items():
        swap = keys.swap("", text) if isinstance(text, str) and not text.isdigit() else None
        if swap is not None:
            yield name, body | {name: swap.hidden}, body | {name: swap.absent}, swap
    for name in set(fields_of(operation)) & set(NAMING) - set(body):
        kind = NAMING[name]
        swap = Swap(world.foreign[kind], world.absent[kind])
        yield name, body | {name: swap.hidden}, body | {name: swap.absent}, swap


def test_a_foreign_key_in_an_address_is_refused_like_one_that_names_nothing(sent: Any) -> None:
    world, wrong, tried = sent.world, list[str](), 0
    for name, operation in OPERATIONS.items():
        body = operation.body(world.own) if operation.body else None
        for kind in PART.findall(operation.path):
            swap = Swap(world.foreign[kind], world.absent[kind])
            if swap.hidden == world.own[kind]:
                continue
            hidden, absent = (
                world.call(who_may(operation), operation.method, operation.path.format(**world.own | {kind: key}), body)
                for key in (swap.hidden, swap.absent)
            )
            tried += 2
            wrong += alike(f"{name} {kind}", hidden, absent, swap)
            if hidden.status != 404:
                wrong.append(f"{name} {kind}: {hidden.status}")
    complaints.none(wrong)
    figure("R02", f"{tried} addresses of operations, hidden and absent alike, 0 changed", part="interface, path")


def test_a_foreign_key_in_a_body_is_refused_like_one_that_names_nothing(sent: Any) -> None:
    world, wrong, tried = sent.world, list[str](), 0
    for name, operation in OPERATIONS.items():
        if operation.body is None:
            continue
        who, path, body = who_may(operation), operation.path.format(**world.own), operation.body(things(world))
        assert world.call(who, operation.method, path, body).status < 300, name
        for field, with_hidden, with_absent, swap in in_bodies(operation, body, world, sent.keys):
            hidden, absent = (world.call(who, operation.method, path, each) for each in (with_hidden, with_absent))
            tried += 2
            wrong += alike(f"{name} {field}", hidden, absent, swap)
            if hidden.status not in {404, 409, 422}:
                wrong.append(f"{name} {field}: {hidden.status}")
    complaints.none(wrong)
    assert tried >= 20, tried
    figure("R02", f"{tried} bodies of operations, hidden and absent alike, 0 changed", part="interface, body")


def test_a_foreign_key_in_a_parameter_is_answered_like_one_that_names_nothing(sent: Any) -> None:
    world, wrong, tried = sent.world, list[str](), 0
    for name, operation in OPERATIONS.items():
        if operation.method != "GET":
            continue
        path, _mark, given = operation.path.format(**world.own).partition("?")
        for each in described(operation).get("parameters", ()):
            kind = NAMING.get(each["name"])
            if each["in"] != "query" or kind is None:
                continue
            swap = Swap(world.foreign[kind], world.absent[kind])
            hidden, absent = (
                world.call("lead", "GET", f"{path}?{given}&{urlencode({each['name']: key})}")
                for key in (swap.hidden, swap.absent)
            )
            tried += 2
            wrong += alike(f"{name} {each['name']}", hidden, absent, swap)
    complaints.none(wrong)
    assert tried >= 10, tried
    figure("R02", f"{tried} parameters of operations, hidden and absent alike", part="interface, query")


def every_fact() -> dict[str, str]:
    """Every field of every model, by its name and by its column."""
    named = {name for model in apps.get_models() for field in model._meta.concrete_fields
             for name in (field.name, field.attname)}  # fmt: skip
    return dict.fromkeys(sorted(named | {"pk", "actor", "now", "is_staff", "__class__"}), "1")


def not_named(world: World, name: str, operation: Operation) -> list[str]:
    """Facts that an operation does not ask for and does not refuse one by one."""
    assert operation.body is not None
    body = operation.body(things(world))
    strange = {field: text for field, text in every_fact().items() if field not in fields_of(operation)}
    reply = world.call(who_may(operation), operation.method, operation.path.format(**world.own), strange | body)
    wrong = []
    refused = set(told_fields(reply))
    if reply.status != 422 or set(strange) - refused:
        wrong.append(f"{name}: {reply.status}, and does not refuse {sorted(set(strange) - refused)[:9]}")
    if reply.changed - effects.USES:
        wrong.append(f"{name}: {reply.status}, and changed {sorted(reply.changed)}")
    return wrong


def told_fields(reply: Reply) -> list[str]:
    said = json.loads(reply.body or b"{}")
    return list(said.get("fields", {})) if isinstance(said, dict) else []


def test_facts_that_an_operation_does_not_ask_for_are_refused_each(sent: Any) -> None:
    wrong, count = list[str](), 0
    for name, operation in OPERATIONS.items():
        if operation.body is not None and fields_of(operation):
            wrong += not_named(sent.world, name, operation)
            count += 1
    complaints.none(wrong)
    assert count >= 10, count
    figure(
        "R04", f"{count} operations with {len(every_fact())} facts each, every other refused by name", part="interface"
    )


def test_a_fact_that_an_operation_takes_without_asking_would_be_found(sent: Any, monkeypatch: Any) -> None:
    """A mutant: an operation that takes a body with what it does not know."""
    operation = OPERATIONS["api_units_post"]
    parse, known = CarefulParser.parse_body, set(fields_of(operation))

    def parse_what_is_known(parser: CarefulParser, request: Any) -> Any:
        return {name: text for name, text in parse(parser, request).items() if name in known}

    monkeypatch.setattr(CarefulParser, "parse_body", parse_what_is_known)
    assert not_named(sent.world, "api_units_post", operation)


def test_each_call_that_is_refused_is_in_the_security_log_once(sent: Any) -> None:
    """Who, when, what and where; and what is read changes nothing."""
    world, wrong, refused, read = sent.world, list[str](), 0, 0
    for name, operation in OPERATIONS.items():
        body = operation.body(things(world)) if operation.body else None
        for who in FIVE:
            reply = world.call(who, operation.method, operation.path.format(**world.own), body)
            if operation.method == "GET":
                read += 1
                wrong += [f"{name} {who}: a GET changed {table}" for table in reply.changed - effects.USES]
            if reply.status in {403, 404}:
                refused += 1
                said = [each for each in reply.logged if each.outcome == "refused"]
                wrong += [f"{name} {who}: {reply.status}, in the log {len(said)} times"] if len(said) != 1 else []
                wrong += [f"{name} {who}: {each.path}" for each in said if not is_whole(world, who, operation, each)]
    complaints.none(wrong)
    figure("R40", f"{refused} refused calls, each in the log once: who, when, what, where", part="interface")
    figure("R06", f"{read} GETs of programmes, none of which changed anything", part="interface, GET")


def is_whole(world: World, who: str, operation: Operation, event: Any) -> bool:
    """Whether a line of the log says who asked, when, for what, and from where."""
    return (
        event.person_id == world.people[who].pk
        and event.account_id == world.browsers[who].account.pk
        and (event.method, event.address) == (operation.method, "127.0.0.1")
        and event.path.startswith(ROOT)
        and abs((timezone.now() - event.at).total_seconds()) < 60
    )


def test_taking_the_ledger_out_is_in_the_security_log_once(sent: Any) -> None:
    for who in ("lead", "administrator"):
        reply = sent.world.call(who, "GET", "/ledger/export")
        assert reply.status == 200
        (said,) = [each for each in reply.logged if each.event == "core.list.exported"]
        assert (said.person_id, said.facts["format"]) == (sent.world.people[who].pk, "jsonl")
    figure("R40", "in the log once", part="the ledger taken out")
