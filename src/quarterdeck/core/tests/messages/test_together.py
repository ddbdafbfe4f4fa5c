"""Several workers, several people at once: told once each, and never more kept than is allowed."""

import os
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from quarterdeck.core import ledger, mail
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Attachment, LedgerReading, Node, Notification, OutgoingMail, Person
from quarterdeck.core.services import attachments, telling, watching
from quarterdeck.core.tests.messages.people import acting, works
from quarterdeck.core.tests.messages.processes import child
from quarterdeck.core.tests.messages.test_outbox_killed import end

EVENTS = 120


@pytest.fixture
def unit(committed: str) -> Node:
    place = works()
    watching.watch(acting(place.vera), "unit", place.key, now=timezone.now())
    telling.pass_over()
    return place.unit


def happen(unit: Node) -> None:
    """Each event has a name of its own, so that none is taken for the one before."""
    for number in range(EVENTS):
        with transaction.atomic():
            ledger.record(None, f"core.tests.happened_{number}", on=unit, at=timezone.now())


def keep_telling() -> None:
    while True:
        telling.tell_new(now=timezone.now())
        mail.write_due(now=timezone.now())
        time.sleep(0.005)


def told() -> Counter[str]:
    names = Notification.objects.filter(event__startswith="core.tests.").values_list("event", flat=True)
    return Counter(names)


def wrong() -> list[str]:
    counts = told()
    missing = EVENTS - len(counts)
    twice = sum(count - 1 for count in counts.values())
    return [*([f"{missing} events were told to nobody"] if missing else []),
            *([f"{twice} events were told twice"] if twice else [])]  # fmt: skip


def test_readers_of_the_ledger_that_are_killed_tell_everything_once(unit: Node, tmp_path: Path) -> None:
    chance, trouble = random.Random(3), tmp_path / "trouble"
    poster = child(lambda: happen(unit), trouble=trouble)
    readers = [child(keep_telling, trouble=trouble) for _each in range(2)]
    for _kill in range(12):
        time.sleep(chance.uniform(0.02, 0.12))
        end(readers.pop(0))
        readers.append(child(keep_telling, trouble=trouble))
    os.waitpid(poster, 0)
    deadline = time.monotonic() + 30
    while len(told()) < EVENTS and time.monotonic() < deadline:
        time.sleep(0.05)
    for pid in readers:
        end(pid)
    assert not trouble.exists(), trouble.read_text()
    print(f"Ledger to people: {EVENTS} events, 12 kills of 2 readers: {len(wrong())} wrong")
    assert wrong() == []


def test_the_judgement_finds_a_reader_that_keeps_its_place_apart(unit: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant: the place is written first, and whoever dies before telling has lost the events between."""
    happen(unit)

    def die(*_entries: Any) -> int:
        raise RuntimeError("killed")

    reading = LedgerReading.objects.get(reader=telling.READER, stream=ledger.ORGANISATION)
    LedgerReading.objects.filter(pk=reading.pk).update(seq=reading.seq + 50)
    with monkeypatch.context() as patch:
        patch.setattr(telling, "_tell", die)
        with pytest.raises(RuntimeError):
            telling.tell_new(now=timezone.now())
    telling.tell_new(now=timezone.now())
    assert wrong() == ["50 events were told to nobody"]


def test_two_workers_write_one_mail_to_a_person(unit: Node) -> None:
    happen(unit)
    telling.tell_new(now=timezone.now())
    Notification.objects.update(mail_at=timezone.now())
    vera = Person.objects.get(name="Vera Cole")
    workers = [child(lambda: mail.write_to(vera.pk, now=timezone.now())) for _each in range(4)]
    for pid in workers:
        os.waitpid(pid, 0)
    assert OutgoingMail.objects.filter(person=vera).count() == 1


def add(number: int) -> None:
    keir = acting(Person.objects.get(name="Keir Abelard"))
    ref = Node.objects.get(name="Works").ref
    try:
        attachments.add_attachment(keir, "unit", ref, name=f"{number}", chunks=[b"x" * 15], now=timezone.now())
    except Refused:
        return


def together(count: int) -> int:
    """So many files at the same moment; how many are kept."""
    at = time.monotonic() + 0.3

    def one(number: int) -> None:
        time.sleep(max(0.0, at - time.monotonic()))
        add(number)

    pids = [child(lambda number=number: one(number)) for number in range(count)]
    for pid in pids:
        os.waitpid(pid, 0)
    return Attachment.objects.count()


def test_of_files_that_are_added_at_once_no_more_is_kept_than_allowed(
    unit: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "LARGEST_TOGETHER", 20)
    assert together(6) == 1


def test_the_judgement_finds_files_that_do_not_wait_for_each_other(unit: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant: no lock, and everybody takes their time between looking and writing."""
    monkeypatch.setattr(attachments, "LARGEST_TOGETHER", 20)
    monkeypatch.setattr(attachments, "_wait_for_others", lambda about: None)
    real = attachments._refuse_too_much

    def slowly(about: Any, size: int) -> None:
        real(about, size)
        time.sleep(0.3)

    monkeypatch.setattr(attachments, "_refuse_too_much", slowly)
    assert together(6) > 1
