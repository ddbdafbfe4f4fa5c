"""
What somebody could send besides what a page offers: keys of what is hidden (R02), and facts nobody asked for (R04).

Made from the pages themselves: each form as a browser would send it, each link with parameters, each filter of a list.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from django import forms as django_forms
from django.apps import apps
from django.db import connection, models
from django.utils import timezone

from quarterdeck.core.register.registry import all_registers
from quarterdeck.projects import forms as project_forms
from quarterdeck.projects import queries
from quarterdeck.projects.models import Portfolio
from tests.access import TABLE
from tests.access.who import WHO
from tests.proof import asking, complaints, effects, forms
from tests.proof.figures import figure
from tests.proof.keys import Keys, Swap, body_with, own, without
from tests.proof.offers import Offer, Offered
from tests.proof.same import bare
from tests.proof.world import CANARIES, Reply, World, build, undone
from tests.test_access_matrix import READ_FIRST

pytestmark = pytest.mark.xdist_group("what is sent")
RANDOM = re.compile(r"qd_[\w-]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9_+/=-]{30,}|\\\\x[0-9a-f]{16,}")


@pytest.fixture(scope="module")
def sent(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """The world with what is hidden in it, what its pages offer, and a clock that stands still."""
    moment, patch = datetime.now(UTC), pytest.MonkeyPatch()
    with django_db_blocker.unblock(), undone():
        world = build()
        patch.setattr(timezone, "now", lambda: moment)
        yield SimpleNamespace(world=world, keys=Keys.of(world), offered=Offered.of(world))
        patch.undo()


def plain(reply: Reply, text: str) -> tuple[int, str]:
    """An answer without the key that was sent and the names that are made by chance."""
    return reply.status, RANDOM.sub("", without(bare(reply.body), text).decode("utf-8", "replace"))


def of_two(what: str, hidden: Reply, absent: Reply, swap: Swap) -> list[str]:
    """What is wrong with the answers to a hidden key and to one that names nothing."""
    wrong = []
    one, other = plain(hidden, swap.hidden), plain(absent, swap.absent)
    if one != other or hidden.changed != absent.changed:
        wrong.append(f"{what}: hidden {hidden.status} {sorted(hidden.changed)}, absent {absent.status} "
                     f"{sorted(absent.changed)}: {apart(one[1], other[1])}")  # fmt: skip
    wrong += [f"{what}: says {word}" for word in CANARIES if word not in swap.hidden and word in one[1]]
    return wrong


def apart(one: str, other: str) -> str:
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    return f"…{one[max(0, at - 40) : at + 60]}… and …{other[max(0, at - 40) : at + 60]}…"


def accepted(world: World, offer: Offer) -> dict[str, Any] | None:
    """A body that the form takes; None where it needs what a test cannot type."""
    for body in offer.bodies():
        if world.ask(offer.who, "post", offer.form.address, body).status < 400:
            return body
    return None


def choices(world: World, offer: Offer, keys: Keys) -> Iterator[tuple[str, str, Swap]]:
    """The fields of a form that name a thing."""
    for control in offer.form.controls:
        found = own(keys, control.name, [*control.sent, *control.options])
        if found is not None:
            yield control.name, *found


def wrong_ids(world: World, offer: Offer, keys: Keys) -> tuple[int, list[str]]:
    """Each key in a body for a hidden one and for none: refused, alike, and nothing changed."""
    wrong: list[str] = []
    tried = 0
    found = list(choices(world, offer, keys))
    body = (accepted(world, offer) or next(offer.bodies())) if found else {}
    for name, text, swap in found:
        for more in ((), (text,)):
            hidden, absent = (
                world.ask(offer.who, "post", offer.form.address, body_with(body, name, *more, each), follow=True)
                for each in (swap.hidden, swap.absent)
            )
            tried += 2
            wrong += of_two(f"{offer.label} {name}", hidden, absent, swap)
            if hidden.changed and not more:
                wrong.append(f"{offer.label} {name}: {hidden.status}, and changed {sorted(hidden.changed)}")
    return tried, wrong


def test_a_foreign_key_in_a_form_is_refused_like_one_that_names_nothing(sent: Any) -> None:
    tried, wrong, fields = 0, list[str](), 0
    for offer in sent.offered.offers.values():
        found = wrong_ids(sent.world, offer, sent.keys)
        tried, fields = tried + found[0], fields + bool(found[0])
        wrong += found[1]
    complaints.none(wrong)
    assert fields >= 15, fields
    figure("R02", f"{tried} bodies of {fields} forms, hidden and absent alike, 0 changed", part="body")


@pytest.mark.nightly
def test_a_foreign_key_in_a_form_is_refused_whoever_is_shown_it(sent: Any) -> None:
    wrong, tried = list[str](), 0
    for who in WHO:
        for offer in Offered.of(sent.world, only=who).offers.values():
            more, found = wrong_ids(sent.world, offer, sent.keys)
            tried, wrong = tried + more, wrong + found
    complaints.none(wrong)
    figure("R02", f"{tried} bodies of 9 people, hidden and absent alike, 0 changed", part="body, everybody")


def test_a_key_of_something_hidden_that_is_taken_would_be_found(sent: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mutant: the form offers every portfolio there is, as one does that forgets who asks."""
    monkeypatch.setattr(queries, "portfolios_to_add_to", lambda _actor: Portfolio.objects.all())
    offer = next(each for each in sent.offered.offers.values() if each.route == "new_project")
    _tried, wrong = wrong_ids(sent.world, offer, sent.keys)
    assert any("portfolio" in each for each in wrong), wrong


def test_a_foreign_key_in_an_address_is_refused_like_one_that_names_nothing(sent: Any) -> None:
    """Each part of each address by itself, with the body that is taken at one's own."""
    world, wrong, tried = sent.world, list[str](), 0
    bodies: dict[str, list[Offer]] = {}
    for offer in sent.offered.offers.values():
        bodies.setdefault(offer.route, []).append(offer)
    for name, route in TABLE.items():
        for kind in route.takes:
            if world.foreign[kind] == world.own[kind]:
                continue
            swap = Swap(world.foreign[kind], world.absent[kind])
            paths = [world.address(name, world.own | {kind: each}) for each in (swap.hidden, swap.absent)]
            own_body = route.sends(world.own) if route.sends else {}
            for who, method, body in [("lead", "get", None), *posts(world, bodies.get(name, []), own_body)]:
                hidden, absent = (world.ask(who, method, path, body) for path in paths)
                tried += 2
                what = f"{name} {method} {who} {kind}"
                wrong += of_two(what, hidden, absent, swap)
                if hidden.status not in {404, 405} or hidden.changed:
                    wrong.append(f"{what}: {hidden.status}, and changed {sorted(hidden.changed)}")
                if hidden.queries != absent.queries and name not in READ_FIRST:
                    wrong.append(f"{what}: {hidden.queries} queries for what is hidden, {absent.queries} for nothing")
    complaints.none(wrong)
    figure("R02", f"{tried} addresses, hidden and absent alike, 0 changed", part="path")
    figure("R06", f"{tried} addresses, as many queries for hidden as for absent", part="queries")


def posts(world: World, offers: list[Offer], sends: Any) -> Iterator[tuple[str, str, Any]]:
    if not offers:
        yield "lead", "post", dict(sends)
    for offer in offers:
        yield offer.who, "post", next(offer.bodies())


def filters(world: World) -> Iterator[tuple[str, str, list[str]]]:
    """The filters of the lists with what they offer to the lead."""
    for register in all_registers().values():
        page = asking.page_of(register)
        for name in register.filters.base_filters if page else ():
            reply = world.look("lead", f"{page}?{urlencode({'control': name})}")
            made, _links = forms.read(str(page), reply.body)
            options = [text for form in made for each in form.controls if each.name == name for text in each.options]
            if options:
                yield str(page), name, options


def test_a_foreign_key_in_a_parameter_is_answered_like_one_that_names_nothing(sent: Any) -> None:
    world, wrong, tried = sent.world, list[str](), 0
    asked = [("lead", page, {name: [options[0]]}, name, options) for page, name, options in filters(world)]
    for who, link in sent.offered.links.values():
        given = forms.asked(link)
        asked += [(who, link.partition("?")[0], given, name, texts) for name, texts in given.items()]
    for who, path, given, name, texts in asked:
        found = own(sent.keys, name, texts)
        if found is None:
            continue
        _text, swap = found
        hidden, absent = (
            world.ask(who, "get", f"{path}?{urlencode(body_with(given, name, each), doseq=True)}")
            for each in (swap.hidden, swap.absent)
        )
        tried += 2
        wrong += of_two(f"{who} {path} {name}", hidden, absent, swap)
        if hidden.changed:
            wrong.append(f"{who} {path} {name}: changed {sorted(hidden.changed)}")
    complaints.none(wrong)
    assert tried >= 20, tried
    figure("R02", f"{tried} parameters, hidden and absent alike", part="query")


# What somebody could add to a body: every field of every model, with a value that fits it.
VALUES: dict[type[Any], str] = {
    models.BooleanField: "on", models.DateField: "2031-07-07", models.DateTimeField: "2031-07-07T07:07",
    models.DecimalField: "777.77", models.IntegerField: "7", models.UUIDField: "77777777-7777-4777-8777-777777777777",
    models.ForeignKey: "1", models.EmailField: "mass@evil.example", models.JSONField: '{"mass": "zz-mass"}',
}  # fmt: skip


def value_for(field: Any) -> str:
    return next((text for kind, text in VALUES.items() if isinstance(field, kind)), "zz-mass")


def every_fact() -> dict[str, str]:
    found: dict[str, str] = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            found |= {field.name: value_for(field), field.attname: value_for(field)}
    return found | {"pk": "1", "is_staff": "on", "is_superuser": "on", "actor": "1", "now": "2031-07-07"}


@contextmanager
def numbered_alike() -> Iterator[Callable[[], None]]:
    """Numbers of new rows go on where they were, so that doing the same twice is the same."""
    with psycopg.connect(os.environ["QUARTERDECK_OWNER_DATABASE_URL"], autocommit=True) as owner:
        query = "SELECT format('%I.%I', schemaname, sequencename), coalesce(last_value, 1), last_value IS NOT NULL"
        state = owner.execute(f"{query} FROM pg_sequences").fetchall()
        back = "SELECT " + ", ".join(f"setval('{name}', {last}, {called})" for name, last, called in state)
        yield lambda: owner.execute(back)  # type: ignore[arg-type, return-value]


Rows = dict[str, list[str]]


def done(world: World, offer: Offer, body: dict[str, Any]) -> tuple[int, Rows]:
    """The answer to a body, and the tables it wrote to as they are then."""
    with undone():
        world.baseline.start()
        answer = world.browsers[offer.who].send("post", offer.form.address, body)
        written = world.baseline.moved() - effects.LOGS
        return answer.status_code, {table: rows_of(table) for table in sorted(written)}


def rows_of(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT to_jsonb(t)::text FROM public."{table}" t')
        return sorted(RANDOM.sub("", row) for (row,) in cursor.fetchall())


def taken(world: World, offer: Offer, body: dict[str, Any], renumber: Callable[[], None]) -> list[str]:
    """What changes more when every fact of every model is sent along."""
    own_names = {each.name for each in offer.form.controls} | set(body)
    prefixes = {name.rpartition("-")[0] + "-" for name in own_names if "-" in name} | {""}
    more = {prefix + name: text for name, text in every_fact().items() for prefix in prefixes}
    renumber()
    status, rows = done(world, offer, body)
    renumber()
    with_more, other = done(world, offer, {name: text for name, text in more.items() if name not in own_names} | body)
    wrong = []
    if status != with_more:
        wrong.append(f"{offer.label}: {status}, and {with_more} with every fact")
    for table in sorted(set(rows) | set(other)):
        if rows.get(table) != other.get(table):
            new = sorted(set(other.get(table, ())) - set(rows.get(table, ())))
            wrong.append(f"{offer.label}: {table} differs: {new[:1]}")
    return wrong


def test_facts_that_a_form_does_not_ask_for_are_not_taken(sent: Any) -> None:
    wrong, forms_taken, refused = list[str](), 0, list[str]()
    with numbered_alike() as renumber:
        for offer in sent.offered.offers.values():
            body = accepted(sent.world, offer)
            if body is None:
                refused.append(offer.route)
                continue
            forms_taken += 1
            wrong += taken(sent.world, offer, body, renumber)
    complaints.none(wrong)
    # What a test cannot type: a password, a code, a passkey.
    assert set(refused) <= CANNOT_TYPE, refused
    figure("R04", f"{forms_taken} forms with {len(every_fact())} facts each, 0 others taken", part="pages")


CANNOT_TYPE = {"own_account", "second_factor_app", "passkey_add", "sign_in_by_passkey", "confirm"}


def test_a_fact_that_is_taken_without_being_asked_for_would_be_found(
    sent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mutant: a form with a field that its page does not show, as one made of all fields of a model has."""
    field = django_forms.IntegerField(required=False)
    monkeypatch.setitem(project_forms.NewProject.base_fields, "criticality", field)
    offer = next(each for each in sent.offered.offers.values() if each.route == "new_project")
    body = accepted(sent.world, offer)
    assert body is not None
    with numbered_alike() as renumber:
        wrong = taken(sent.world, offer, body, renumber)
    assert any("projects_project differs" in each or "422" in each for each in wrong), wrong
