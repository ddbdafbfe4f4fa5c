"""Many writers, two chains: no gap, no fork, no deadlock. Without the lock on the head of a chain that fails."""

import random
import threading
from typing import Any

import psycopg
from django.db import connections, transaction

from quarterdeck.core import ledger
from quarterdeck.core.models import LedgerEntry, LedgerStream
from quarterdeck.core.tests import make

WRITERS, TRANSACTIONS = 8, 15
STREAMS = ("portfolio-1", "portfolio-2")


def write_at_once() -> tuple[list[str], list[str]]:
    """What failed while eight threads wrote into both chains, in either order, and what the verifier finds then."""
    make.organisation()
    gate, failures = threading.Barrier(WRITERS), list[str]()

    def write(writer: int) -> None:
        chance = random.Random(writer)
        try:
            gate.wait(20)
            for number in range(TRANSACTIONS):
                with transaction.atomic():
                    for stream in chance.sample(STREAMS, k=2):
                        ledger.record(None, "core.test.done", on=None, at=make.MONDAY, stream=stream, n=number)
        except Exception as problem:
            failures.append(f"{type(problem).__name__}: {problem}")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return failures, ledger.verify()["problems"]


def test_eight_writers_seal_two_chains_without_gap_fork_or_deadlock(committed: str) -> None:
    assert write_at_once() == ([], [])

    for stream in STREAMS:
        places = LedgerEntry.objects.filter(stream=stream).order_by("seq").values_list("seq", flat=True)
        assert list(places) == list(range(1, WRITERS * TRANSACTIONS + 1))
        assert LedgerStream.objects.get(name=stream).head_seq == WRITERS * TRANSACTIONS


def test_without_the_lock_on_the_head_two_writers_take_one_place(
    committed: str, owner: psycopg.Connection[Any]
) -> None:
    """The mutant: the same function, reading the head without locking it."""
    ((body,),) = owner.execute("SELECT pg_get_functiondef('core_seal_ledger'::regproc)").fetchall()
    assert "FOR UPDATE" in body
    owner.execute(body.replace("FOR UPDATE", ""))

    failures, problems = write_at_once()

    assert failures or problems
