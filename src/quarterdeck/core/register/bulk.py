"""
One fact of many rows, changed at once.

First every row is looked at: the change is tried through the service behind the list and taken back. What is carried
out afterwards is that and nothing else: a row that somebody changed meanwhile is left alone and named. All rows that
are changed are changed together, each with the right of who acts on that row.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Conflict, Refused
from quarterdeck.core.register.declaration import Edit, Register
from quarterdeck.core.register.listing import Listing
from quarterdeck.core.register.values import pack, unpack

CHUNK = 200
MOST_KEYS = 500
Tell = Callable[[int, int], None]


def nobody(done: int, total: int) -> None:
    """Where nobody waits for progress."""


@dataclass(frozen=True, slots=True)
class Step:
    """
    What is done to one row: facts, packed as JSON keeps them, if it is still at a version and they are as they were.

    extra : what else is put back, as the register's `former` gave it.
    """

    pk: int
    version: int
    was: dict[str, Any]
    facts: dict[str, Any]
    extra: dict[str, Any] = field(default_factory=dict)

    def as_list(self) -> list[Any]:
        return [self.pk, self.version, self.was, self.facts, self.extra]


@dataclass(slots=True)
class Plan:
    """What would happen: the steps, the rows that refuse with their reasons, and how many are so already."""

    steps: list[Step] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    same: int = 0

    @property
    def count(self) -> int:
        return len(self.steps) + len(self.refused) + self.same


def chosen(register: Register, actor: Actor, *, keys: Sequence[str], address: str, everything: bool) -> list[int]:
    """
    Ids of the rows that were selected, of those the actor may see, in the order of the list.

    keys : the rows that were ticked. everything : all that match the address, asked again now.
    """
    if everything:
        found = Listing(register, actor, QueryDict(address)).rows
    elif keys:
        named = reduce(or_, (Q(**{register.key_field: key}) for key in keys[:MOST_KEYS]))
        try:
            found = Listing(register, actor, QueryDict()).rows.filter(named)
        except (ValueError, TypeError, ValidationError):
            return []
    else:
        return []
    return list(found.values_list("pk", flat=True))


def look(
    register: Register,
    actor: Actor,
    edit: Edit,
    facts: dict[str, Any],
    ids: Sequence[int],
    *,
    now: datetime,
    reason: str = "",
    tell: Tell = nobody,
) -> Plan:
    """What a change of these rows would do. Everything that is tried is taken back."""
    assert register.change is not None
    plan = Plan()
    packed = {name: pack(value) for name, value in facts.items()}
    done = 0
    with transaction.atomic():
        for rows, allowed in _in_chunks(register, actor, edit, ids):
            for row in rows:
                done += 1
                was = _packed(edit, row, facts)
                if was == packed:
                    plan.same += 1
                    continue
                why = "" if row.pk in allowed else _("You may see this one but not change it.")
                why = why or (edit.refuses(actor, row, facts[edit.fact]) if edit.refuses else "")
                version = register.version_of(row)
                if not why and edit.refuses is None:
                    why = _tried(register, actor, row, facts, version, now=now, reason=reason)
                if why:
                    plan.refused.append((row.pk, why))
                else:
                    plan.steps.append(Step(row.pk, version, was, packed))
            if len(ids) > CHUNK:
                tell(done, len(ids))
    return plan


def _tried(
    register: Register, actor: Actor, row: Any, facts: dict[str, Any], version: int, *, now: datetime, reason: str
) -> str:
    """Why the service refuses; empty where it does not. What it wrote is taken back."""
    assert register.change is not None
    point = transaction.savepoint()
    try:
        register.change(actor, row, facts, version=version, now=now, reason=reason)
    except Refused as refusal:
        return refusal.message
    finally:
        transaction.savepoint_rollback(point)
    return ""


def carry_out(
    register: Register,
    actor: Actor,
    edit: Edit,
    steps: Sequence[Step],
    *,
    now: datetime,
    reason: str = "",
    tell: Tell = nobody,
) -> tuple[list[Step], list[tuple[int, str]]]:
    """
    Do the steps in one transaction. Returns the steps that would put everything back, and what was refused and why.

    Whatever goes wrong beyond a refusal takes all of it back.
    """
    back: list[Step] = []
    refused: list[tuple[int, str]] = []
    by_id = {step.pk: step for step in steps}
    opened = _Opened(edit, actor)
    with transaction.atomic():
        for rows, allowed in _in_chunks(register, actor, edit, list(by_id)):
            for row in rows:
                step = by_id.pop(row.pk)
                why = "" if row.pk in allowed else _("You may see this one but not change it.")
                former = _packed(edit, row, step.facts)
                extra = register.former(row, list(step.facts)) if register.former else {}
                why = why or _done(register, actor, row, step, former, opened, now=now, reason=reason)
                if why:
                    refused.append((row.pk, why))
                else:
                    back.append(Step(row.pk, 0, step.facts, former, extra))
            if len(steps) > CHUNK:
                tell(len(back) + len(refused), len(steps))
        refused += [(pk, _("It does not exist, or you have no access to it.")) for pk in by_id]
        versions = _versions(register, actor, [step.pk for step in back])
        return [Step(s.pk, versions.get(s.pk, 0), s.was, s.facts, s.extra) for s in back], refused


def _done(
    register: Register,
    actor: Actor,
    row: Any,
    step: Step,
    former: dict[str, Any],
    opened: "_Opened",
    *,
    now: datetime,
    reason: str,
) -> str:
    """Why a step was not done; empty when it was."""
    assert register.change is not None
    if former != step.was:
        return _("Somebody changed it meanwhile; it is left as it is.")
    try:
        with transaction.atomic():
            facts = {name: opened.value(name, kept) for name, kept in step.facts.items()} | step.extra
            register.change(actor, row, facts, version=step.version, now=now, reason=reason)
    except Conflict:
        return _("Somebody changed it meanwhile; it is left as it is.")
    except Refused as refusal:
        return refusal.message
    return ""


class _Opened:
    """Packed values opened, each only once: many rows get the same."""

    def __init__(self, edit: Edit, actor: Actor) -> None:
        self.field = edit.field(actor)
        self.fact = edit.fact
        self.known: dict[str, Any] = {}

    def value(self, name: str, kept: Any) -> Any:
        if name != self.fact or not isinstance(kept, dict):
            return kept if not isinstance(kept, dict) else unpack(kept, self.field)
        word = str(kept)
        if word not in self.known:
            self.known[word] = unpack(kept, self.field)
        if self.known[word] is None:
            raise Refused("gone", _("What it was before is gone, or you have no access to it."))
        return self.known[word]


def _packed(edit: Edit, row: Any, facts: Any) -> dict[str, Any]:
    return {name: pack(edit.of(row) if name == edit.fact else getattr(row, name)) for name in facts}


def _versions(register: Register, actor: Actor, ids: Sequence[int]) -> dict[int, int]:
    found = register.question(actor).order_by()
    versions: dict[int, int] = {}
    for start in range(0, len(ids), CHUNK):
        versions.update(found.filter(pk__in=ids[start : start + CHUNK]).values_list("pk", "version"))
    return versions


def _in_chunks(
    register: Register, actor: Actor, edit: Edit, ids: Sequence[int]
) -> Iterator[tuple[list[Any], set[int]]]:
    """Rows by the hundred, with those of them that the actor may change."""
    ask = edit.changeable or register.changeable
    assert ask is not None
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        found = {row.pk: row for row in register.question(actor).filter(pk__in=part)}
        yield [found[pk] for pk in part if pk in found], ask(actor, part)
