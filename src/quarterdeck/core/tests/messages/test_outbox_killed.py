"""
R24: whoever is killed while sending loses no mail, and sends at most one twice.

One process posts, each mail in a transaction of its own, and rolls every eleventh back; two send; senders are killed
with SIGKILL at random moments and others take their place. Afterwards a mail server on loopback has every mail that was
committed, none that was rolled back, at most one twice for each kill, and both with the same Message-ID. Two mutants,
one that writes outside of the transaction and one that marks before it sends, are found by the same judgement.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.utils import timezone

from quarterdeck.core.models import OutgoingMail
from quarterdeck.core.services import outbox
from quarterdeck.core.tests.messages.post_office import PostOffice, post_office
from quarterdeck.core.tests.messages.processes import child
from tests.proof.figures import figure

ROLLED_BACK = 11  # every so many


class Undone(Exception):
    """The act was refused after its mail was written."""


def post(number: int) -> None:
    outbox.post(to="keir@norhaven.example", subject=f"event {number}", text="It happened.\n", now=timezone.now())


def post_outside(number: int) -> None:
    """The mutant: the mail is written over a connection of its own."""
    with psycopg.connect(**_parameters(), autocommit=True) as other:
        other.execute(
            "INSERT INTO core_outgoingmail"
            " (uid, nodes, address, subject, text, html, state, attempts, problem, created_at, due_at)"
            " VALUES (gen_random_uuid(), '{}', 'keir@norhaven.example', %s, '', '', 'waiting', 0, '', now(), now())",
            [f"event {number}"],
        )


def _parameters() -> dict[str, Any]:
    known = {"dbname", "user", "password", "host", "port", "options"}
    return {key: value for key, value in connection.get_connection_params().items() if key in known}


def act(number: int, post: Callable[[int], None]) -> None:
    """One act that tells somebody by mail, and of eleven one is refused at the end."""
    try:
        with transaction.atomic():
            post(number)
            if number % ROLLED_BACK == 0:
                raise Undone
    except Undone:
        return


def committed_of(count: int) -> set[str]:
    return {f"event {number}" for number in range(1, count + 1) if number % ROLLED_BACK}


def keep_sending(office: PostOffice) -> None:
    at(office)
    while True:
        if not outbox.send_due(now=timezone.now, most=50).sent:
            time.sleep(0.01)


def at(office: PostOffice) -> None:
    django_settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    django_settings.EMAIL_HOST, django_settings.EMAIL_PORT = "127.0.0.1", office.port
    django_settings.EMAIL_USE_TLS = False
    django_settings.MAIL_IS_SENT = True


def judgement(office: PostOffice, expected: set[str], kills: int) -> tuple[list[str], int]:
    """What is wrong, and how many came twice."""
    came: dict[str, list[str]] = {}
    for mail in office.mails():
        came.setdefault(mail["Subject"], []).append(mail["Message-ID"])
    wrong = [f"{subject} was lost" for subject in sorted(expected - came.keys())]
    wrong += [f"{subject} was rolled back and sent" for subject in sorted(came.keys() - expected)]
    wrong += [f"{subject} has two ids" for subject, ids in came.items() if len(set(ids)) > 1]
    again = sum(len(ids) - 1 for ids in came.values())
    if again > kills:
        wrong.append(f"{again} came twice after {kills} kills")
    return wrong, again


def end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def run(folder: Path, events: int, kills: int, chance: random.Random) -> tuple[list[str], int]:
    """Post and send at the same time, with so many kills; then let one more sender finish."""
    trouble = folder / "trouble"
    with post_office(folder / "post") as office:
        poster = child(lambda: [act(number, post) for number in range(1, events + 1)], trouble=trouble)
        senders = [child(lambda: keep_sending(office), trouble=trouble) for _each in range(2)]
        done = 0
        while done < kills:
            time.sleep(chance.uniform(0.02, 0.16))
            end(senders.pop(0))
            senders.append(child(lambda: keep_sending(office), trouble=trouble))
            done += 1
        os.waitpid(poster, 0)
        deadline = time.monotonic() + 120
        while OutgoingMail.objects.filter(state="waiting").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        for pid in senders:
            end(pid)
        assert not trouble.exists(), trouble.read_text()
        wrong, again = judgement(office, committed_of(events), kills + len(senders))
    states = Counter(OutgoingMail.objects.values_list("state", flat=True))
    if set(states) != {"sent"}:
        wrong.append(f"not all are marked as sent: {dict(states)}")
    return wrong, again


def show(size: str, wrong: list[str], again: int) -> None:
    text = f"{size}: {len(wrong)} lost or of what was rolled back, {again} sent twice, with one id"
    figure("R24", text, ok=not wrong)


def test_killed_senders_lose_nothing(committed: str, tmp_path: Path) -> None:
    wrong, again = run(tmp_path, 400, 12, random.Random(24))
    show("12 sender kills, 400 events", wrong, again)
    assert wrong == []


@pytest.mark.nightly
def test_sixty_killed_senders_lose_nothing_of_four_thousand_events(committed: str, tmp_path: Path) -> None:
    wrong, again = run(tmp_path, 4_000, 60, random.Random(60))
    show("60 sender kills, 4,000 events", wrong, again)
    assert wrong == []


def test_a_sender_that_dies_between_sending_and_marking_leaves_one_mail_that_comes_twice(
    committed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(1)
    with post_office(tmp_path / "post") as office, monkeypatch.context() as patch:
        patch.setattr(outbox, "_mark", lambda *mail, **values: os.kill(os.getpid(), signal.SIGKILL))
        os.waitpid(child(lambda: keep_sending(office)), 0)
        assert OutgoingMail.objects.get().state == "waiting"
        patch.undo()
        pid = child(lambda: keep_sending(office))
        while OutgoingMail.objects.filter(state="waiting").exists():
            time.sleep(0.01)
        end(pid)
        assert judgement(office, {"event 1"}, 1) == ([], 1)
        assert judgement(office, {"event 1"}, 0)[0] == ["1 came twice after 0 kills"]


def test_the_judgement_finds_an_outbox_outside_of_its_transaction(committed: str, tmp_path: Path) -> None:
    with post_office(tmp_path / "post") as office:
        for number in range(1, 23):
            act(number, post_outside)
        pid = child(lambda: keep_sending(office))
        while OutgoingMail.objects.filter(state="waiting").exists():
            time.sleep(0.01)
        end(pid)
        wrong, _again = judgement(office, committed_of(22), 0)
    assert wrong == ["event 11 was rolled back and sent", "event 22 was rolled back and sent"]
    figure("R24", "found out, 2 of 2", part="mutant outside of the transaction")


def mark_first(office: PostOffice) -> None:
    """The mutant: marked in one transaction, sent after it; killed in between."""
    at(office)
    mail = OutgoingMail.objects.filter(state="waiting").earliest("pk")
    outbox._mark(mail, "send")
    os.kill(os.getpid(), signal.SIGKILL)
    outbox.message(mail).send()


def test_the_judgement_finds_a_sender_that_marks_before_it_sends(committed: str, tmp_path: Path) -> None:
    with post_office(tmp_path / "post") as office:
        post(1)
        os.waitpid(child(lambda: mark_first(office)), 0)
        pid = child(lambda: keep_sending(office))
        time.sleep(0.2)
        end(pid)
        assert judgement(office, {"event 1"}, 1) == (["event 1 was lost"], 0)
    figure("R24", "found out, 1 of 1", part="mutant that marks before it sends")
