"""
What is confidential leaves no trace for who is not inside.

Everything is asked twice: of the world as it is, and after a confidential portfolio was made in it, last of all, with
its programme, project, import, files, talk and mail. Whoever is not named in it gets the same bytes. So they do after
somebody was let in and out again.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from quarterdeck.core.access import actor_of
from quarterdeck.core.api.interface import ROOT
from quarterdeck.core.models import Role
from quarterdeck.core.services import roles
from tests.access import TABLE
from tests.access.who import WHO
from tests.proof import asking, complaints
from tests.proof.figures import figure
from tests.proof.same import first_difference, told
from tests.proof.world import CANARIES, World, build_open, conceal, undone

Told = dict[tuple[str, str], tuple[int, tuple[str, ...], bytes]]
WORDS = ["Takeover", "Bridge"]
# Who sees everything that is open asks everything; the others what their page is about.
THOROUGH = ("lead",)
OTHERS = ("outsider", "viewer", "manager", "finance", "auditor")
# Whole records: whoever may read them for the whole reads that something happened, and never to what. A ledger
# with gaps could not be checked; long work is looked after by its kind and its person. They hold no canary.
RECORDS = {"ledger", "security_log", "jobs"}
# Answers with a new secret each time: the key of an app, the challenge of a passkey.
SECRETS = {"second_factor_app", "passkey_add"}


@pytest.fixture(scope="module")
def open_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Nothing is hidden in it yet, and the clock stands still."""
    moment = datetime.now(UTC)
    patch = pytest.MonkeyPatch()
    with django_db_blocker.unblock(), undone():
        made = build_open()
        seal()
        patch.setattr(timezone, "now", lambda: moment)
        yield made
        patch.undo()


def seal() -> None:
    """What happens at the end of a transaction happens now: the ledger is sealed."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def addresses(world: World, who: str, *, everything: bool) -> list[str]:
    got = [world.address(name, world.own) for name, route in TABLE.items() if route.codes("get").get(who, 200) != 405]
    return got + (asking.lists(WORDS) if everything or who in THOROUGH else [])


def ask_all(world: World, people: tuple[str, ...], *, everything: bool = False) -> Told:
    found: Told = {}
    for who in people:
        for address in addresses(world, who, everything=everything):
            found[who, address] = told(world.ask(who, "get", address))
        calls = asking.operations(world, WORDS)
        for path in calls if everything or who in THOROUGH else calls[::5]:
            found[who, ROOT + path] = told(world.call(who, "get", path))
    return found


def stands_apart(world: World, address: str) -> bool:
    paths = [reverse(name) for name in RECORDS | SECRETS if name in TABLE] + [f"{ROOT}/{name}" for name in RECORDS]
    return address.startswith(tuple(paths))


def differences(world: World, before: Told, after: Told) -> list[str]:
    return [
        f"{who} {address}: {first_difference(before[who, address][2], after[who, address][2])}"
        if before[who, address][2] != after[who, address][2]
        else f"{who} {address}: {before[who, address][:2]} and {after[who, address][:2]}"
        for who, address in before
        if before[who, address] != after[who, address] and not stands_apart(world, address)
    ]


def canaries(found: Told) -> list[str]:
    """Where a word stands that only what is hidden holds; a word that was searched for stands in the search box."""
    return [
        f"{who} {address}: says {word}"
        for (who, address), (_status, _headers, body) in found.items()
        for word in CANARIES
        if word not in address and word.encode() in body
    ]


def nothing_is_told(world: World, people: tuple[str, ...], *, everything: bool = False) -> int:
    before = ask_all(world, people, everything=everything)
    with undone():
        conceal(world)
        seal()
        after = ask_all(world, people, everything=everything)
        wrong = differences(world, before, after) + canaries(after)
    complaints.none(wrong)
    return len(before)


def test_a_hidden_portfolio_changes_no_byte_for_who_is_outside(open_world: World) -> None:
    asked = nothing_is_told(open_world, THOROUGH + OTHERS)
    figure("R03", "{n} answers to 6 people, 0 bytes differ, 0 canaries", n=asked)


@pytest.mark.nightly
def test_a_hidden_portfolio_changes_no_byte_whoever_asks_whatever(open_world: World) -> None:
    asked = nothing_is_told(open_world, WHO, everything=True)
    figure("R03", "{n} answers to 9 people, 0 bytes differ, 0 canaries", n=asked, part="everything")


def test_who_was_let_in_and_out_again_learns_nothing_more(open_world: World) -> None:
    world = open_world
    with undone():
        conceal(world)
        # What is told of the holding itself, in mail and on pages about people, is theirs to know.
        before = ask_all(world, ("viewer",), everything=True)
        held = roles.give_role(
            world.insider, world.people["viewer"], Role.objects.get(code="viewer"), on=world.hidden.node,
            now=timezone.now(),
        )  # fmt: skip
        inside = ask_all(world, ("viewer",))
        assert canaries(inside)
        roles.take_back(actor_of(world.insider.person_id, now=timezone.now()), held, now=timezone.now())
        after = ask_all(world, ("viewer",), everything=True)
        wrong = differences(world, before, after) + canaries(after)
    complaints.none(wrong)
    figure("R03", "{n} answers as before to who was let in and out", n=len(after), part="revoked")
