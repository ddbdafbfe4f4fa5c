"""
From the sealed ledger to the people who want to know.

A reader goes through each stream in its order and keeps its place in the transaction in which it tells people, so that
every event is told once, whoever is killed in between; a place in a stream is given at commit, so none is passed over.
Nobody who changes something waits for it.
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from quarterdeck.core import objects
from quarterdeck.core.models import Holding, Invitation, LedgerEntry, LedgerReading, LedgerStream, Node
from quarterdeck.core.queries.messages import Subject
from quarterdeck.core.services import notifications, watching

READER = "notifications"
# What happened longer ago is no news: a ledger that was just restored, or the years of a demonstration.
NEWS = timedelta(days=7)
BATCH = 200
ROLE_EVENTS = ("core.role.given", "core.role.ended", "core.role.taken_back", "core.role.continued")
INVITED = "core.invitation.accepted"

# From the id of a row that is no thing of its own, such as an import, to the node whose thing it changed.
PlaceOf = Callable[[int], int | None]
_places: dict[str, PlaceOf] = {}
# Events by which nothing changes for who watches.
_quiet: set[str] = set()


def place(subject_type: str, node_of: PlaceOf) -> None:
    """Say at whose place events of some rows happen: `exchange.import` and a function from id to node."""
    if subject_type in _places:
        raise ValueError(f"The place of a {subject_type} is known already.")
    _places[subject_type] = node_of


def keep_quiet(*events: str) -> None:
    """Say which events nobody is told of who watches the thing."""
    _quiet.update(events)


def tell_new(*, now: datetime) -> int:
    """Tell what is new in the ledger; returns how many notifications were made."""
    told = 0
    # In the order of their names: what happens in a stream nobody else sees does not change the order of the others.
    heads = dict(LedgerStream.objects.order_by("name").values_list("name", "head_seq"))
    read = dict(LedgerReading.objects.filter(reader=READER).values_list("stream", "seq"))
    for stream, head in heads.items():
        at = read.get(stream, 0)
        while at < head:
            more, then = _tell_batch(stream, now)
            told += more
            if then <= at:
                break  # somebody else reads it at this moment
            at = then
    return told


def pass_over() -> None:
    """What the ledger holds so far is no news to anybody, such as the years of a demonstration."""
    for stream, head in LedgerStream.objects.values_list("name", "head_seq"):
        LedgerReading.objects.update_or_create(reader=READER, stream=stream, defaults={"seq": head})


@transaction.atomic
def _tell_batch(stream: str, now: datetime) -> tuple[int, int]:
    """The next entries of a stream; returns how many were told and the place reached, 0 if somebody else is at it."""
    LedgerReading.objects.get_or_create(reader=READER, stream=stream)
    reading = LedgerReading.objects.select_for_update(skip_locked=True).filter(reader=READER, stream=stream).first()
    if reading is None:
        return 0, 0
    entries = list(LedgerEntry.objects.filter(stream=stream, seq__gt=reading.seq).order_by("seq")[:BATCH])
    if not entries:
        return 0, reading.seq
    news = [entry for entry in entries if entry.at > now - NEWS]
    told = _tell(news, now) if news else 0
    reading.seq = entries[-1].seq or reading.seq
    reading.save(update_fields=["seq"])
    return told, reading.seq


def _tell(entries: list[LedgerEntry], now: datetime) -> int:
    places = _Places(entries)
    told = sum(_tell_oneself(entry, places, now) for entry in entries)
    about = {entry.pk: places.subject(entry) for entry in entries if entry.event not in _quiet}
    things = [each for each in about.values() if each is not None and each.kind.talk and each.node_id is not None]
    wanted = watching.with_watchers(things, now.date())
    watchers: dict[tuple[str, int], set[int]] = {}
    for entry in entries:
        thing = about.get(entry.pk)
        if thing is None or (thing.code, thing.pk) not in wanted:
            continue
        key = thing.code, thing.pk
        if key not in watchers:
            watchers[key] = watching.watchers(thing, now.date())
        people = notifications.of_sort("change", watchers[key] - _told_as_holder(entry))
        told += notifications.tell(thing, people, event=entry.event, by_id=entry.actor_id, now=now)
    return told


def _tell_oneself(entry: LedgerEntry, places: "_Places", now: datetime) -> int:
    """What concerns the person it happened to."""
    # Roles that the installation gives by itself, such as the first one, are known to who founded it.
    if entry.event in ROLE_EVENTS and entry.subject_id is not None and entry.actor_id is not None:
        (person,) = _told_as_holder(entry) or (None,)
        if person is None:
            return 0
        node_id = places.nodes.get((entry.subject_type, entry.subject_id))
        about: dict[str, Any] = {"kind": "own_role", "pk": entry.subject_id, "node_id": node_id}
        return notifications.tell_of_oneself(person, "role", event=entry.event, by_id=entry.actor_id, now=now, **about)
    if entry.event == INVITED:
        host = Invitation.objects.filter(pk=entry.subject_id or 0).values_list("invited_by_id", flat=True).first()
        guest = _facts(entry).get("person")
        if host is not None and isinstance(guest, int):
            return notifications.tell_of_oneself(
                host, "invitation", kind="own_guest", pk=guest, event=entry.event, by_id=guest, now=now
            )
    return 0


def _told_as_holder(entry: LedgerEntry) -> set[int]:
    """Whom a role was given to, or from: they hear of that and not of the change of the thing too."""
    person = _facts(entry).get("person") if entry.event in ROLE_EVENTS else None
    return {person} if isinstance(person, int) else set()


def _facts(entry: LedgerEntry) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(entry.entry).get("facts", {})
    return facts


class _Places:
    """The things that entries are about, found for all of them at once."""

    def __init__(self, entries: Iterable[LedgerEntry]) -> None:
        known = [kind for kind in objects.kinds().values() if kind.talk and kind.model is not Node]
        self.kinds = {kind.model._meta.label_lower: kind for kind in known}
        by_type: dict[str, set[int]] = {}
        for entry in entries:
            if entry.subject_id is not None:
                by_type.setdefault(entry.subject_type, set()).add(entry.subject_id)
        self.things = {
            label: self.kinds[label].model._default_manager.in_bulk(list(ids))
            for label, ids in by_type.items()
            if label in self.kinds
        }
        holdings = dict(Holding.objects.filter(pk__in=by_type.get("core.holding", ())).values_list("pk", "node_id"))
        self.nodes: dict[tuple[str, int], int] = {("core.holding", pk): node for pk, node in holdings.items()}
        self.nodes |= {("core.node", pk): pk for pk in by_type.get("core.node", ())}
        for label, node_of in _places.items():
            for pk in by_type.get(label, ()):
                node_id = node_of(pk)
                if node_id is not None:
                    self.nodes[label, pk] = node_id
        self.by_node = things_at(set(self.nodes.values()))

    def subject(self, entry: LedgerEntry) -> Subject | None:
        """What an entry is about; None when that is nothing people talk about."""
        if entry.subject_id is None:
            return None
        if entry.subject_type in self.things:
            thing = self.things[entry.subject_type].get(entry.subject_id)
            return Subject(self.kinds[entry.subject_type], thing) if thing is not None else None
        node_id = self.nodes.get((entry.subject_type, entry.subject_id))
        return self.by_node.get(node_id) if node_id is not None else None


def things_at(node_ids: set[int]) -> dict[int, Subject]:
    """The unit, portfolio, programme or project of each node."""
    found: dict[int, Subject] = {}
    by_kind: dict[str, set[int]] = {}
    for pk, code in Node.objects.filter(pk__in=node_ids).values_list("pk", "kind"):
        by_kind.setdefault(code, set()).add(pk)
    known = objects.kinds()
    for code, ids in by_kind.items():
        if code not in known:
            continue
        field = "pk" if known[code].model is Node else "node_id"
        for thing in known[code].model._default_manager.filter(**{f"{field}__in": ids}):
            about = Subject(known[code], thing)
            if about.node_id is not None:
                found[about.node_id] = about
    return found
