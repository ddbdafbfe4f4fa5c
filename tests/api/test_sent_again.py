"""
R23: a request that is sent again has one effect and one answer, also when the server was killed before it answered.

Many callers send the same requests with the same keys at the same moment. Now and then the process that carries one out
is killed with SIGKILL after the commit and before the answer; its caller sends the request again, as callers do.
Afterwards there is one effect for each key, and everybody who was answered got the same bytes. The mutant writes the
key in a transaction of its own after the effect, and the same judgement finds it out.
"""

import json
import os
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.db import connections, transaction
from django.http import HttpResponse

from quarterdeck.core.api import operations
from quarterdeck.core.models import Comment, IdempotencyKey
from quarterdeck.core.services import accounts, idempotency
from quarterdeck.core.tests.messages.processes import child
from quarterdeck.projects.tests import make
from tests.api.make import Programme, programme_of
from tests.proof.figures import figure

TRIES = 5
Once = Callable[[Any, Callable[[], HttpResponse]], HttpResponse]


@dataclass
class Run:
    """Who calls what, where callers write what they got, and how often the one that answers is killed."""

    programme: Programme
    path: str
    folder: Path
    once: Once
    killed: float

    def keys_of(self, caller: int, keys: int, callers: int) -> list[str]:
        """Callers come in groups of five, and those of a group send the same keys in the same order."""
        groups = callers // TRIES
        return [f"key-of-{number:06d}" for number in range(caller % groups, keys, groups)]

    def answers(self) -> dict[str, list[tuple[int, str, str]]]:
        """By key, everything that callers got."""
        found = defaultdict(list)
        for path in sorted(self.folder.glob("caller-*")):
            for line in path.read_text(encoding="utf-8").splitlines():
                key, *answer = json.loads(line)
                found[key].append(tuple(answer))
        return found


def call(run: Run, caller: int, keys: list[str], seed: int) -> None:
    """Send what is left, each until it is answered with something else than “in a moment”."""
    chance = random.Random(seed)

    def once(request: Any, act: Callable[[], HttpResponse]) -> HttpResponse:
        answer = run.once(request, act)
        if chance.random() < run.killed:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    operations.once = once
    kept = run.folder / f"caller-{caller}"
    done = len(kept.read_text(encoding="utf-8").splitlines()) if kept.exists() else 0
    with kept.open("a", encoding="utf-8") as file:
        for key in keys[done:]:
            while True:
                answer = run.programme.post(run.path, {"text": f"Said with {key}."}, key=key)
                if answer.status_code != 409:
                    break
                assert 1 <= int(answer.headers["Retry-After"]) <= 5
                time.sleep(chance.uniform(0.02, 0.2))
            said = [key, answer.status_code, answer.headers.get("Location", ""), answer.content.decode()]
            file.write(json.dumps(said) + "\n")
            file.flush()


def send(run: Run, *, keys: int, callers: int) -> int:
    """Every key five times by callers at once, until each caller has an answer; how many were killed."""
    trouble, kills, seeds = run.folder / "trouble", 0, iter(range(1_000_000))

    def start(caller: int) -> int:
        seed = next(seeds)
        return child(lambda: call(run, caller, run.keys_of(caller, keys, callers), seed), trouble=trouble)

    started = {start(caller): caller for caller in range(callers)}
    while started:
        for pid, caller in list(started.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del started[pid]
                if os.WIFSIGNALED(status):
                    kills += 1
                    started[start(caller)] = caller
        time.sleep(0.005)
    assert not trouble.exists(), trouble.read_text()
    return kills


def judgement(run: Run, keys: int) -> list[str]:
    """What is wrong: effects that are missing or come twice, answers that differ."""
    answers = run.answers()
    expected = [f"key-of-{number:06d}" for number in range(keys)]
    effects = Counter(Comment.objects.values_list("text", flat=True))
    found = {key: effects[f"Said with {key}."] for key in expected}
    wrong = [f"{key} has {count} effects" for key, count in found.items() if count != 1]
    wrong += [f"{key} was answered {len(answers[key])} times" for key in expected if len(answers[key]) != TRIES]
    wrong += [f"{key} has {len(set(answers[key]))} answers" for key in expected if len(set(answers[key])) > 1]
    wrong += [f"{key}: {status}" for key in expected for status, *_more in answers[key] if status != 201]
    return wrong


@pytest.fixture
def run(committed: str, tmp_path: Path, settings: Any) -> Run:
    settings.API_CALLS_PER_MINUTE = 1_000_000
    project = make.project(name="Tariff engine")
    programme = programme_of()
    path = f"/projects/{project.ref}/comments"
    # What every caller would otherwise load for itself.
    assert programme.post(path, {"text": "The first one."}).status_code == 201
    return Run(programme, path, tmp_path, operations.once, killed=0.1)


def test_a_request_sent_five_times_with_servers_killed_has_one_effect_and_one_answer(run: Run) -> None:
    kills = send(run, keys=20, callers=10)
    wrong = judgement(run, 20)
    figure("R23", f"20 keys × 5, 10 at once, {kills} killed before the answer: 20 effects, {len(wrong)} wrong")
    assert wrong == []
    assert kills > 0


@pytest.mark.nightly
def test_a_thousand_requests_sent_five_times_by_fifty_have_one_effect_each(run: Run) -> None:
    run.killed = 0.02
    kills = send(run, keys=1_000, callers=50)
    wrong = judgement(run, 1_000)
    figure("R23", f"1,000 keys × 5, 50 at once, {kills} killed before the answer: 1,000 effects, {len(wrong)} wrong")
    assert wrong == []
    assert kills > 20


def key_after_the_effect(folder: Path) -> Once:
    """The mutant: the effect is committed, then the key in a transaction of its own; every third dies in between."""

    def once(request: Any, act: Callable[[], HttpResponse]) -> HttpResponse:
        key = request.headers["Idempotency-Key"]
        done = idempotency.answered(request.account.pk, key)
        if done is not None:
            return HttpResponse(done.body, status=done.status, headers=done.headers)
        with transaction.atomic():
            response = act()
        died = folder / f"died-of-{key}"
        if int(key[-2:]) % 3 == 0 and not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        idempotency.keep(
            request.account, key, digest="", status=response.status_code, headers=dict(response.items()),
            body=response.content.decode(), now=request.now,
        )  # fmt: skip
        return response

    return once


def test_a_key_that_is_written_after_the_effect_is_found_out(run: Run) -> None:
    run.once, run.killed = key_after_the_effect(run.folder), 0.0
    keys, kills = run.keys_of(0, 9, TRIES), 0
    for caller in range(TRIES):
        # One after the other, so that what is found is the kill and not two at the same moment.
        while killed(child(lambda caller=caller: call(run, caller, keys, 0))):  # type: ignore[misc]
            kills += 1
    wrong = judgement(run, 9)
    assert kills == 3
    assert [each for each in wrong if each.endswith("has 2 effects")] == wrong
    assert len(wrong) == 3
    figure("R23", f"found out, 3 effects twice after {kills} kills", part="mutant with the key after the effect")


def killed(pid: int) -> bool:
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def account_id() -> int:
    return int(accounts.first_administrator().pk)


def said(text: str) -> int:
    return Comment.objects.filter(text=text).count()


def test_while_a_request_is_carried_out_the_same_one_is_told_to_wait(run: Run) -> None:
    begun, go = Event(), Event()

    def carry_out() -> None:
        try:
            with transaction.atomic():
                assert idempotency.claim(account_id(), "key-in-flight")
                begun.set()
                assert go.wait(20)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        carried = pool.submit(carry_out)
        assert begun.wait(20)
        refused = [run.programme.post(run.path, {"text": "Well done."}, key="key-in-flight") for _each in range(5)]
        other = run.programme.post(run.path, {"text": "Well done."}, key="another-key")
        go.set()
        carried.result(20)
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(409, "in_flight")] * 5
    assert all(1 <= int(answer.headers["Retry-After"]) <= 5 for answer in refused)
    assert (other.status_code, said("Well done.")) == (201, 1)
    assert run.programme.post(run.path, {"text": "Well done."}, key="key-in-flight").status_code == 201
    assert said("Well done.") == 2
    figure("R23", "5 of 5 answered 409 with Retry-After, and nothing done", part="in flight")


def test_a_key_goes_with_one_request_of_one_account_and_is_kept_for_a_day_at_least(run: Run) -> None:
    first = run.programme.post(run.path, {"text": "Once."}, key="key-of-one")
    changed = [
        run.programme.post(run.path, {"text": "Twice."}, key="key-of-one"),
        run.programme.post(run.path, b'{ "text": "Once." }', key="key-of-one"),
        run.programme.post("/people", {"name": "Nina New"}, key="key-of-one"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in changed] == [(422, "key_used_before")] * 3
    person = make.core.person()
    make.core.grant(person, "pmo_lead", make.core.top())
    assert programme_of(person).post(run.path, {"text": "Of somebody else."}, key="key-of-one").status_code == 201

    kept = IdempotencyKey.objects.get(account_id=account_id(), key="key-of-one")
    idempotency.forget(now=kept.created_at + timedelta(hours=24))
    again = run.programme.post(run.path, {"text": "Once."}, key="key-of-one")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Location"] == first.headers["Location"]
    assert (said("Once."), said("Twice.")) == (1, 0)
    assert idempotency.forget(now=kept.created_at + timedelta(days=3)) >= 1
    figure("R23", "3 of 3 changed requests answered 422; kept for 24 h at least", part="another request")
