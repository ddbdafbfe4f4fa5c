"""
Who may do what, tried service by service.

A service without a row in tests/who_may fails the build. Each is called with exactly the rights its row says, without
each of them, and by somebody who holds them elsewhere; whoever is refused changed nothing.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from types import FrameType
from typing import Any

import pytest

from quarterdeck.core import security
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import ConfirmFirst, NotAllowed, NotFound, Refused
from quarterdeck.core.models import LedgerEntry, SecurityEvent
from quarterdeck.core.rights import Right
from quarterdeck.core.services import roles
from quarterdeck.core.tests import make as core
from tests.proof import complaints, effects, services
from tests.proof.figures import figure
from tests.proof.world import undone
from tests.who_may import INSIDE, ROWS, Row
from tests.who_may.world import World, acting, build, everything, holder

ELSEWHERE = {"top": "unit", "unit": "elsewhere", "portfolio": "other", "programme": "other", "project": "other"}


def without_row(found: list[services.Service]) -> list[str]:
    known = {*INSIDE, *(row.service for row in ROWS)}
    return [f"{each.__module__}.{each.__name__} has no row in tests/who_may" for each in found if each not in known]


def test_every_service_has_a_row() -> None:
    found = services.walk()
    gone = [row.name for row in ROWS if row.service not in found]
    complaints.none(without_row(found) + [f"{name} has a row and is no service" for name in gone])
    figure("R05", f"{len(found)} services, {len(ROWS)} rows, 0 services without one", part="services")


@pytest.fixture(scope="module")
def small(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[World, effects.Baseline]]:
    """The small world, and the state of its tables."""
    with django_db_blocker.unblock(), undone():
        made = build()
        yield made, effects.Baseline.here()


@dataclass(frozen=True)
class Logged:
    """Where the ledger and the security log were before a call."""

    ledger: int
    security: int

    @classmethod
    def so_far(cls) -> "Logged":
        return cls(*(model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
                     for model in (LedgerEntry, SecurityEvent)))  # fmt: skip

    def events(self) -> list[str]:
        found = LedgerEntry.objects.filter(pk__gt=self.ledger).values_list("event", flat=True)
        return sorted(each for each in found if security.is_watched(each))

    def watched(self) -> int:
        return len(self.events())

    def apart(self, actor: Actor) -> list[str]:
        """What the one has of sign-in, roles and settings that the other has not, or not by who did it."""
        expected = Counter(self.events())
        kept = SecurityEvent.objects.filter(pk__gt=self.security, event__in=expected)
        wrong = [
            f"{event} is in the log {n} times more" for event, n in (Counter(e.event for e in kept) - expected).items()
        ]
        wrong += [f"{event} is not in the log" for event in expected - Counter(each.event for each in kept)]
        return wrong + [f"{each.event} is by {each.person_id}" for each in kept if each.person_id != actor.person_id]


class Trial:
    """A call of a row by somebody, in a world that is taken back afterwards."""

    def __init__(self, row: Row, world: World, baseline: effects.Baseline) -> None:
        self.row, self.world, self.baseline = row, world, baseline
        self.unlogged: list[str] = []
        self.watched = 0

    def __call__(
        self, rights: set[Right], at: str, *, stranger: bool = False, confirmed: bool = True
    ) -> tuple[Refused | None, frozenset[str], bool]:
        """How it was refused, which tables it changed, and whether the service of the row was reached."""
        with undone():
            known = dict(self.baseline.known)
            self.baseline.start()
            # Services change what they are given.
            world = deepcopy(self.world)
            person, before = holder(everything(), world.top)
            world.owner_account = core.account(person)
            world.owner = acting(world.owner_account)
            thing = self.row.given(world) if self.row.given else None
            before.delete()
            account = world.owner_account
            if stranger:
                somebody, _held = holder(rights, world.places[at])
                account = core.account(somebody)
            else:
                holder(rights, world.places[at], known=person)
            world.actor = acting(account, confirmed=confirmed)
            prepared = self.baseline.moved()
            here = effects.Baseline(known | {table: effects.digest(table) for table in prepared}, effects.counts())
            logged = Logged.so_far()
            refusal, reached = self.call(world, thing)
            self.unlogged, self.watched = logged.apart(world.actor), logged.watched()
            return refusal, here.differ(here.moved()), reached

    def call(self, world: World, thing: Any) -> tuple[Refused | None, bool]:
        wanted = code_of(self.row.service)
        seen = False

        def watch(frame: FrameType, event: str, _argument: Any) -> None:
            nonlocal seen
            seen = seen or (event == "call" and frame.f_code is wanted)

        sys.setprofile(watch)
        try:
            self.row.act(world, thing)
        except Refused as refusal:
            return refusal, seen
        else:
            return None, seen
        finally:
            sys.setprofile(None)


def code_of(service: Callable[..., Any]) -> Any:
    while hasattr(service, "__wrapped__"):
        service = service.__wrapped__
    return service.__code__


def is_no(row: Row, refusal: Refused | None) -> bool:
    return isinstance(refusal, NotAllowed | NotFound) or (refusal is not None and refusal.code in row.refusals)


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.name}-{number}" for number, row in enumerate(ROWS)])
def test_a_service_does_it_for_who_may_and_for_nobody_else(row: Row, small: tuple[World, effects.Baseline]) -> None:
    trial = Trial(row, *small)
    needs = set(row.needs)
    wrong = []

    refusal, _changed, reached = trial(needs, row.at)
    if (refusal.code if refusal else "") != row.ends:
        wrong.append(f"{row.name}: refused to who holds all it needs: {refusal and refusal.code}: {refusal}")
    if not reached:
        wrong.append(f"{row.name}: its row calls something else")
    wrong += [f"{row.name}: {each}" for each in trial.unlogged]
    watched = trial.watched

    others = [(f"without {right}", needs - {right}, row.at, {}) for right in needs]
    if needs and not row.anywhere:
        others.append(("by a holder elsewhere", needs, ELSEWHERE[row.at], {}))
    if row.own:
        others.append(("by somebody else with all rights", everything(), "top", {"stranger": True}))
    for said, held, at, more in others:
        refusal, changed, _reached = trial(held, at, **more)
        if not is_no(row, refusal):
            wrong.append(f"{row.name} {said}: {refusal.code if refusal else 'done'}")
        if changed - (set() if more else {row.notes}):
            wrong.append(f"{row.name} {said}: refused, and changed {sorted(changed)}")
    if row.confirm:
        refusal, changed, _reached = trial(needs, row.at, confirmed=False)
        if not isinstance(refusal, ConfirmFirst) or changed:
            wrong.append(f"{row.name} by who did not prove who they are: {refusal.code if refusal else 'done'}")
    complaints.none(wrong)
    if watched:
        figure(
            "R40",
            "{n} changes of roles, sign-in, circles and settings, each in the log once",
            n=watched,
            part="changes",
        )


def test_a_change_of_roles_that_is_not_in_the_log_would_be_found(
    small: tuple[World, effects.Baseline], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mutant: the log is not written, or written twice."""
    row = next(row for row in ROWS if row.service is roles.give_role)
    record = security.record

    def twice(event: str, **more: Any) -> None:
        record(event, **more)
        record(event, **more)

    for broken, found in ((lambda *_event, **_more: None, "is not in the log"), (twice, "1 times more")):
        monkeypatch.setattr(security, "record", broken)
        trial = Trial(row, *small)
        trial(set(row.needs), row.at)
        assert any(found in each for each in trial.unlogged), trial.unlogged
