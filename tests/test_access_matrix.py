"""
Who gets what from every address, and what it does.

Each route is in the table of tests/access or the build fails. Own things: what each of ten people gets, with GET and
with POST. Foreign things: the same answer, to the byte, as for what does not exist, whoever asks. Whoever is refused
changed nothing, and the security log says it once.
"""

from collections import Counter

import pytest
from django.urls import reverse

from quarterdeck.core.models import Account
from quarterdeck.core.services.roles import STANDARD
from tests.access import PUBLIC, TABLE, WITH_TOKEN
from tests.access.who import FIVE, PEOPLE, WHO
from tests.proof import complaints, routes
from tests.proof.figures import figure
from tests.proof.same import same
from tests.proof.world import SIGN_IN, Browser, Reply, World

METHODS = ("get", "post")
# Whether somebody finds a view is known only from what it chooses; its key is drawn by chance and cannot be guessed.
READ_FIRST = {"saved_view"}


def test_every_address_is_in_the_table() -> None:
    found, said = Counter(routes.names()), Counter([*TABLE, *PUBLIC, *WITH_TOKEN])
    complaints.none(
        [f"{name} is in no room of tests/access" for name in found - said]
        + [f"{name} is in tests/access and is no address" for name in said - found]
    )


def test_the_people_of_the_table_hold_what_the_standard_roles_give() -> None:
    wrong = {
        who: sorted(str(right) for right in set(STANDARD[person.role].rights) ^ set(person.rights))
        for who, person in PEOPLE.items()
        if person.role and set(STANDARD[person.role].rights) != set(person.rights)
    }
    assert wrong == {}


def is_refusal(reply: Reply) -> bool:
    return reply.status in {403, 404, 405}


def refusals(reply: Reply) -> int:
    return [event.outcome for event in reply.logged].count("refused")


def bare_of(reply: Reply) -> list[str]:
    """Headers that an answer goes without."""
    policy = reply.headers.get("Content-Security-Policy", "")
    kept = {
        "Content-Security-Policy": "default-src 'none'" in policy and "frame-ancestors 'none'" in policy,
        "X-Content-Type-Options": reply.headers.get("X-Content-Type-Options") == "nosniff",
        "Referrer-Policy": reply.headers.get("Referrer-Policy") == "same-origin",
        "Cache-Control": "no-store" in reply.headers.get("Cache-Control", ""),
    }
    return [name for name, is_kept in kept.items() if not is_kept]


def cell(world: World, name: str, method: str, who: str, expected: int) -> tuple[Reply, list[str]]:
    """One call, and what is wrong with it."""
    route = TABLE[name]
    sent = dict(route.sends(world.own)) if route.sends and method == "post" else None
    reply = world.ask(who, method, world.address(name, world.own), sent)
    wrong = []
    if reply.status != expected:
        wrong.append(f"{name} {method} {who}: {reply.status} and not {expected}")
    wrong += [f"{name} {method} {who}: without {header}" for header in bare_of(reply)]
    if reply.changed and (method == "get" or who == "anonymous" or is_refusal(reply)):
        wrong.append(f"{name} {method} {who}: {reply.status}, and changed {sorted(reply.changed)}")
    if who != "anonymous" and reply.status in {403, 404} and refusals(reply) != 1:
        wrong.append(f"{name} {method} {who}: {reply.status}, in the security log {refusals(reply)} times")
    if who == "anonymous" and reply.status == 302 and not reply.location.startswith(SIGN_IN):
        wrong.append(f"{name} {method} {who}: sent to {reply.location}")
    return reply, wrong


@pytest.mark.parametrize("name", TABLE)
def test_each_gets_what_the_table_says_and_who_is_refused_changes_nothing(name: str, world: World) -> None:
    wrong, cells, refused, read = [], 0, 0, 0
    route = TABLE[name]
    for method in METHODS:
        for who, expected in ({"anonymous": 302} | route.codes(method)).items():
            reply, found = cell(world, name, method, who, expected)
            wrong += found
            cells += 1
            refused += is_refusal(reply)
            read += method == "get"
    complaints.none(wrong)
    figure("R01", "{n} cells as declared, 0 undeclared", n=cells)
    figure("R35", "{n} answers, all headers on each", n=cells, part="every address")
    figure("R06", "{n} GETs, none of which changed anything", n=read, part="GET")
    figure("R40", "{n} refused calls, each in the security log once", n=refused)


def of_counts(world: World, name: str, method: str, who: str) -> list[str]:
    """Asked once more: once a minute a call notes that somebody is there, and the next one does not."""
    hidden, absent = (
        world.ask(who, method, world.address(name, things)).queries for things in (world.foreign, world.absent)
    )
    return [f"{name} {method} {who}: {hidden} queries, {absent} for what is absent"] if hidden != absent else []


TAKES = [name for name, route in TABLE.items() if route.takes]


@pytest.mark.parametrize("name", TAKES)
def test_what_is_hidden_answers_like_what_is_not_there_and_changes_nothing(name: str, world: World) -> None:
    hidden_like_absent(name, FIVE, world)


@pytest.mark.nightly
@pytest.mark.parametrize("name", TAKES)
def test_what_is_hidden_answers_everybody_like_what_is_not_there(name: str, world: World) -> None:
    hidden_like_absent(name, WHO, world)


def hidden_like_absent(name: str, people: tuple[str, ...], world: World) -> None:
    wrong, cells = [], 0
    for who in people:
        for method in METHODS:
            hidden, absent = (
                world.ask(who, method, world.address(name, things)) for things in (world.foreign, world.absent)
            )
            cells += 2
            if hidden.status not in {404, 405} or not same(hidden, absent):
                wrong.append(f"{name} {method} {who}: hidden {hidden.status}, absent {absent.status}")
            if name not in READ_FIRST and hidden.queries != absent.queries:
                wrong += of_counts(world, name, method, who)
            if hidden.changed or absent.changed:
                wrong.append(f"{name} {method} {who}: changed {sorted(hidden.changed | absent.changed)}")
    complaints.none(wrong)
    figure("R01", "{n} cells on hidden and absent things, alike to the byte", n=cells, part="hidden")
    if name not in READ_FIRST:
        figure("R06", "{n} calls, status, body and number of queries alike", n=cells, part="unknown and forbidden")


def test_every_post_without_a_token_is_refused(world: World) -> None:
    strict = Browser(Account.objects.get(person=world.people["lead"]), enforce_csrf_checks=True)
    addresses = [world.address(name, world.own) for name in TABLE]
    addresses += [reverse("account_login"), reverse("account_logout"), reverse("sign_in_link", args=["x" * 30])]
    assert [path for path in addresses if strict.send("post", path).status_code != 403] == []
    figure("R06", "{n} addresses refuse what comes without the token of a page", n=len(addresses), part="token")


def test_each_gets_what_the_table_says_from_what_is_for_anybody(world: World) -> None:
    wrong, cells = [], 0
    for name, public in PUBLIC.items():
        path = reverse(name, args=public.parts)
        for who in ("anonymous", *WHO):
            said = public.outside if who == "anonymous" else public.inside
            for method, expected in zip(METHODS, said.split(), strict=True):
                reply = world.ask(who, method, path)
                cells += 1
                if str(reply.status) != expected or reply.changed:
                    wrong.append(f"{name} {method} {who}: {reply.status} and not {expected}, {sorted(reply.changed)}")
                if reply.status == 302 and reply.location not in {"/", SIGN_IN}:
                    wrong.append(f"{name} {method} {who}: sent to {reply.location}")
    complaints.none(wrong)
    assert world.look("anonymous", "/static/quarterdeck/nothing.css").status == 404
    figure("R01", "{n} cells of addresses for anybody, as declared", n=cells, part="for anybody")


@pytest.mark.nightly
def test_no_other_method_changes_anything(world: World) -> None:
    wrong, asked = [], 0
    for name in TABLE:
        for method in ("put", "patch", "delete", "options"):
            reply = world.ask("administrator", method, world.address(name, world.own))
            asked += 1
            if reply.changed or reply.status >= 500:
                wrong.append(f"{name} {method}: {reply.status}, and changed {sorted(reply.changed)}")
    complaints.none(wrong)
    figure("R06", "{n} calls by other methods, none of which changed anything", n=asked, part="other methods")
