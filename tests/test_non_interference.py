"""
What is confidential leaves no trace for who is not inside.

Everything is asked twice: of the world as it is, and after a confidential portfolio was made in it, last of all, with
its programme, project, import, files, talk and mail. Whoever is not named in it gets the same bytes. So they do after
somebody was let in and out again.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from quarterdeck.core import mail
from quarterdeck.core.access import Actor, actor_of
from quarterdeck.core.api.interface import ROOT
from quarterdeck.core.models import Holding, Notification, OutgoingMail, Role
from quarterdeck.core.services import comments, roles, telling, watching
from quarterdeck.exchange.tests import make as imports
from quarterdeck.projects import services
from quarterdeck.projects.models import Project
from tests.access import TABLE
from tests.access.who import WHO
from tests.proof import asking, complaints
from tests.proof.figures import figure
from tests.proof.same import first_difference, told
from tests.proof.world import CANARIES, World, build_open, conceal, undone

UID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Told = dict[tuple[str, str], tuple[int, tuple[str, ...], bytes]]
WORDS = ["Takeover", "Bridge"]
# Who sees everything that is open asks everything; the others what their page is about.
THOROUGH = ("viewer",)
OTHERS = ("outsider", "manager", "finance", "auditor", "lead")
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


def addresses(world: World, who: str, *, everything: bool, part: int) -> list[str]:
    """Pages somebody gets, and the lists with their parameters, of which each so-many-th."""
    codes = {name: route.codes("get").get(who, 200) for name, route in TABLE.items()}
    got = [world.address(name, world.own) for name, code in codes.items() if code == 200 or (everything and code < 405)]
    if everything:
        return got + asking.lists(WORDS)
    return got + (asking.lists(WORDS, brief=True)[::part] if who in THOROUGH else [])


def ask_all(world: World, people: tuple[str, ...], *, everything: bool = False, part: int = 1) -> Told:
    found: Told = {}
    calls = asking.operations(world, WORDS)
    for who in people:
        for address in addresses(world, who, everything=everything, part=part):
            found[who, address] = told(world.look(who, address))
        for path in calls if everything else calls[:: 4 * part] if who in THOROUGH else calls[::20]:
            found[who, ROOT + path] = told(world.look(who, ROOT + path, by=world.programmes[who]))
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


def nothing_is_told(world: World, people: tuple[str, ...], *, everything: bool = False, part: int = 1) -> int:
    before = ask_all(world, people, everything=everything, part=part)
    with undone():
        conceal(world)
        seal()
        after = ask_all(world, people, everything=everything, part=part)
        wrong = differences(world, before, after) + canaries(after)
    complaints.none(wrong)
    return len(before)


def test_a_hidden_portfolio_changes_no_byte_for_who_is_outside(open_world: World) -> None:
    asked = nothing_is_told(open_world, THOROUGH + OTHERS, part=4)
    figure("R03", "{n} answers to 6 people, 0 bytes differ, 0 canaries", n=asked)


@pytest.mark.nightly
def test_a_hidden_portfolio_changes_no_byte_whoever_asks_whatever(open_world: World) -> None:
    asked = nothing_is_told(open_world, WHO, everything=True)
    figure("R03", "{n} answers to 9 people, 0 bytes differ, 0 canaries", n=asked, part="everything")


def give(world: World, who: str) -> Holding:
    """Let somebody into the circle."""
    role = Role.objects.get(code="viewer")
    return roles.give_role(world.insider, world.people[who], role, on=world.hidden.node, now=timezone.now())


def test_who_was_let_in_and_out_again_learns_nothing_more(open_world: World) -> None:
    world = open_world
    with undone():
        conceal(world)
        # What is told of the holding itself, in mail and on pages about people, is theirs to know.
        before = ask_all(world, ("viewer",), part=4)
        held = give(world, "viewer")
        inside = ask_all(world, ("viewer",), part=8)
        assert canaries(inside)
        roles.take_back(actor_of(world.insider.person_id, now=timezone.now()), held, now=timezone.now())
        after = ask_all(world, ("viewer",), part=4)
        wrong = differences(world, before, after) + canaries(after)
    complaints.none(wrong)
    figure("R03", "{n} answers as before to who was let in and out", n=len(after), part="revoked")


def talk(actor: Actor, ref: str, text: str) -> None:
    comments.add_comment(actor, "project", ref, text=text, now=timezone.now())


def mails(world: World, people: Iterable[str]) -> dict[str, list[tuple[str, str, str]]]:
    """What the worker writes to people, at once and in the digests of a day and a week."""
    telling.tell_new(now=timezone.now())
    later = timezone.now() + timedelta(days=8)
    mail.write_due(now=later)
    found = {}
    for who in people:
        own = OutgoingMail.objects.filter(person=world.people[who]).order_by("due_at", "pk")
        found[who] = [(each.subject, numbered(each.text), numbered(each.html)) for each in own]
    return found


def numbered(text: str) -> str:
    """Random names of things by their order, so that a second making of the same is the same."""
    order: dict[str, str] = {}
    return UID.sub(lambda found: order.setdefault(found[0], f"uid-{len(order)}"), text)


def news(world: World) -> None:
    """Something happens at the open project that many are told of."""
    for who in ("manager", "lead", "viewer", "sponsor"):
        actor = actor_of(world.people[who], now=timezone.now())
        watching.watch(actor, "project", world.project.ref, now=timezone.now())
    manager = actor_of(world.people["manager"], now=timezone.now())
    talk(manager, world.project.ref, "The bridge is late.")
    project = Project.objects.get(pk=world.project.pk)
    services.change_project(manager, project, {"category": "Steel"}, now=timezone.now())
    seal()


def test_no_mail_tells_of_what_is_hidden(open_world: World) -> None:
    world = open_world
    with undone():
        news(world)
        with undone():
            before = mails(world, WHO)
        with undone():
            conceal(world)
            talk(world.insider, world.secret.ref, "Nobody hears of Takeover and Merger.")
            secret = Project.objects.get(pk=world.secret.pk)
            services.change_project(world.insider, secret, {"category": "Merger"}, now=timezone.now())
            # Somebody who was told at once, and is outside again before the digest is written.
            given = give(world, "viewer")
            watching.watch(
                actor_of(world.people["viewer"], now=timezone.now()), "project", world.secret.ref, now=timezone.now()
            )
            seal()
            telling.tell_new(now=timezone.now())
            roles.take_back(world.insider, given, now=timezone.now())
            seal()
            after = mails(world, WHO)
    told_of_role = {"viewer"}
    assert sum(len(each) for each in before.values()) >= 4
    assert {who: said for who, said in after.items() if who not in told_of_role} == {
        who: said for who, said in before.items() if who not in told_of_role
    }
    assert [word for said in after.values() for parts in said for word in CANARIES if word in "".join(parts)] == []
    figure("R03", "{n} mails to 9 people, 0 bytes differ, 0 canaries", n=sum(map(len, before.values())), part="mail")


def test_everybody_gets_the_mail_alone_that_they_get_among_others(open_world: World) -> None:
    world = open_world
    with undone():
        news(world)
        with undone():
            together = mails(world, WHO)
        alone = {}
        for who in WHO:
            with undone():
                telling.tell_new(now=timezone.now())
                Notification.objects.exclude(person=world.people[who]).delete()
                alone |= mails(world, [who])
    assert alone == together
    figure("R03", "{n} mails, alone as among others", n=sum(map(len, alone.values())), part="batch")


@pytest.mark.nightly
def test_what_is_made_later_does_not_count_what_is_hidden(open_world: World) -> None:
    """References, totals and orders of what is made after it."""
    world = open_world
    with undone():
        before = made_later(world)
    with undone():
        conceal(world)
        after = made_later(world)
    complaints.none(differences(world, alike(before), alike(after)))
    figure("R03", "{n} answers on what is made later, 0 bytes differ", n=len(after), part="later")


def alike(found: Told) -> Told:
    """Without the random names and the inner numbers of what was made just now."""
    return {
        (who, UID.sub("uid", address)): (
            status,
            tuple(numbered(each) for each in headers),
            numbered(body.decode("utf-8", "replace")).encode(),
        )
        for (who, address), (status, headers, body) in found.items()
    }


def made_later(world: World) -> Told:
    """A project, a programme, a unit and a portfolio, and what the lead reads of them."""
    lead = actor_of(world.people["lead"], now=timezone.now())
    portfolio = services.add_portfolio(lead, name="Rail", ref="RAIL", currency="EUR", now=timezone.now())
    programme = services.add_programme(lead, portfolio, name="Trams", ref="TRAMS", now=timezone.now())
    project = services.add_project(lead, portfolio, name="Depot", facts={}, programme=programme, now=timezone.now())
    talk(lead, project.ref, "A new depot.")
    imports.imported(by=lead, into=portfolio)
    own = world.own | {"project": project.ref, "portfolio": "RAIL", "programme": programme.node.ref}
    paths = [world.address(name, own) for name in TABLE] + asking.lists(WORDS, brief=True)
    found = {("lead", path): told(world.look("lead", path)) for path in paths}
    calls = asking.operations(replace(world, own=own), WORDS)
    return found | {
        ("lead", ROOT + path): told(world.look("lead", ROOT + path, by=world.programmes["lead"])) for path in calls
    }
