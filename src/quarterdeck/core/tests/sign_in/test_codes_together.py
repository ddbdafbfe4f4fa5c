"""A code counts once, also when it reaches two processes at the same moment."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Account, RateCounter
from quarterdeck.core.services import limits, second_factor
from quarterdeck.core.tests.sign_in.people import member, with_app
from tests.proof.figures import figure


def one_of_two_at_once(check: Callable[[Account, str, datetime], object]) -> list[str]:
    """What two threads get that use the same code at the same moment, ten times."""
    outcomes: list[str] = []
    account = member()
    key = with_app(account)
    for number in range(10):
        RateCounter.objects.filter(key__startswith="code:").delete()
        now = timezone.now() + timedelta(seconds=60 * (number + 2))
        code = second_factor.code_of(key, second_factor.step_of(now))
        gate, got = threading.Barrier(2), []

        def use(gate: threading.Barrier = gate, got: list[str] = got, code: str = code, now: datetime = now) -> None:
            gate.wait()
            try:
                check(account, code, now)
                got.append("in")
            except Refused:
                got.append("out")
            finally:
                connection.close()

        threads = [threading.Thread(target=use) for _each in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        outcomes.append(" ".join(sorted(got)))
    return outcomes


def test_of_two_that_use_a_code_at_once_one_gets_in(committed: str) -> None:
    found = one_of_two_at_once(lambda account, code, now: second_factor.check_code(account, code, now=now))
    assert found == ["in out"] * 10
    figure("R36", "1 of 2 got in each time", part="the same code at the same moment, 10 times")


def test_the_mutant_that_looks_before_it_writes_lets_both_in(committed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Barrier(2)

    def look_then_write(key: str, now: datetime) -> bool:
        used = RateCounter.objects.filter(key=key).exists()
        if key.startswith("app-code:") and threading.current_thread() is not threading.main_thread():
            gate.wait(timeout=10)
        if used:
            return False
        RateCounter.objects.bulk_create([RateCounter(key=key, window=0, count=1)], ignore_conflicts=True)
        return True

    monkeypatch.setattr(limits, "take_once", look_then_write)
    found = one_of_two_at_once(lambda account, code, now: second_factor.check_code(account, code, now=now))
    assert found == ["in in"] * 10
