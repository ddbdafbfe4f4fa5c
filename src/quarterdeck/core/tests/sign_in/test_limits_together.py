"""Limits hold for all processes together: four of them, each with a connection of its own."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable

import pytest
from django.db import connection

from quarterdeck.core.models import RateCounter
from quarterdeck.core.tests.sign_in.people import member
from tests.proof.figures import figure

PROCESSES = 4
SPENDS = textwrap.dedent(
    """
    import os, sys, time
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quarterdeck.site.settings")
    import django
    django.setup()
    from datetime import timedelta
    from django.utils import timezone
    from quarterdeck.core.errors import TooMany
    from quarterdeck.core.services import limits
    {mutant}
    number, limit = int(sys.argv[1]), int(sys.argv[2])
    print("ready", flush=True)
    sys.stdin.readline()
    allowed = 0
    for _each in range(number):
        try:
            limits.spend("api:1", limit, timedelta(minutes=10), timezone.now())
            allowed += 1
        except TooMany:
            pass
    print(allowed, flush=True)
    """
)
# Reads, judges, then writes: what a limit is when nobody thinks of the others.
MUTANT = textwrap.dedent(
    """
    from quarterdeck.core.models import RateCounter
    def look_then_write(key, limit, window, now, *, run=False):
        row = RateCounter.objects.get(key=key)
        time.sleep(0.001)
        if row.count >= limit:
            raise TooMany("", retry_after=1)
        row.count += 1
        row.save()
    limits.spend = look_then_write
    """
)

SIGNS_IN = textwrap.dedent(
    """
    import os, sys
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quarterdeck.site.settings")
    import django
    django.setup()
    from django.test import Client
    print("ready", flush=True)
    sys.stdin.readline()
    client, statuses = Client(raise_request_exception=False), []
    for _each in range(6):
        sent = {"login": sys.argv[1], "password": "not this one"}
        statuses.append(client.post("/accounts/sign-in/", sent).status_code)
    print(*statuses, flush=True)
    """
)


def together(code: str, *arguments: str) -> list[str]:
    """What each of four processes prints that begin at the same moment."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ.copy(),
        )
        for _each in range(PROCESSES)
    ]  # fmt: skip
    try:
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "ready"
        for process in started:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        return [process.communicate(timeout=120)[0].strip() for process in started]
    finally:
        for process in started:
            process.kill()
            process.wait()


@pytest.fixture
def spending(committed: str) -> Callable[[str], int]:
    """How many of 4 × 200 uses are allowed where 600 are."""

    def run(mutant: str) -> int:
        RateCounter.objects.all().delete()
        if mutant:
            RateCounter.objects.create(key="api:1", window=0, count=0)
        connection.close()
        return sum(int(said) for said in together(SPENDS.format(mutant=mutant), "200", "600"))

    return run


def test_of_800_calls_by_four_processes_600_are_allowed(spending: Callable[[str], int]) -> None:
    allowed = spending("")
    assert allowed == 600
    figure("R31", f"600 a minute and token over 4 processes: {allowed} of 800 allowed", part="API")


def test_the_mutant_that_looks_before_it_writes_allows_more(spending: Callable[[str], int]) -> None:
    assert spending(MUTANT) > 600


def test_of_24_sign_ins_by_four_processes_five_are_looked_at(committed: str) -> None:
    account = member()
    connection.close()
    statuses = " ".join(together(SIGNS_IN, account.email)).split()
    assert sorted(statuses) == ["200"] * 5 + ["429"] * 19
    figure("R31", "5 of 24 tries looked at, 19 answered 429", part="sign-in over 4 processes")
