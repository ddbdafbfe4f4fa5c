"""
What the ledger costs: an entry with every write, and the check of a long one.

    python benchmarks/ledger.py [--writers 8] [--rounds 6] [--seconds 2] [--entries 1000000] [--json]

Append: eight processes write at once into a database that is durable as in production (fsync, synchronous commit), each
into a portfolio with a stream of its own. A write is what saving the form of a project does after the form is read:
the project is found, the right asked for, the change judged, the row written with its version, all in one transaction.
In turns of two seconds all of them write with the ledger entry that belongs to it, and all of them without; a slow
moment of the disk or the machine hits both. Printed is the time a write takes, and the median over the rounds of how
much longer it takes with its entry. Goal: at most a quarter longer. Beside it stands the same for the bare row, written
through the store without finding or judging anything. What was written is exported afterwards and must hold.

Verify: `tools/verify_ledger.py`, as an auditor runs it, reads an export of a million entries in eight streams beside an
anchor of their heads. Printed is its time. Goal: at most 30 seconds.
"""

import argparse
import itertools
import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import scratch

VERIFIER = Path(__file__).parent.parent / "tools" / "verify_ledger.py"
STREAMS = 8
PROJECTS = 20  # of each writer
WARMING = 0.5  # seconds of each kind before anything is counted


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each turn")
    parser.add_argument("--entries", type=int, default=1_000_000, help="in the export that is verified")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with scratch.database(durable=True), tempfile.TemporaryDirectory(prefix="quarterdeck-ledger-") as folder:
        figures = {
            "append": appended(Path(folder), arguments.writers, arguments.rounds, arguments.seconds),
            "verify": verified(Path(folder), arguments.entries),
        }
    print(json.dumps(figures)) if arguments.json else report(figures)
    return 0


@dataclass(frozen=True, slots=True)
class Turn:
    """What all writers do for some seconds: whole saves of a form, or bare rows; with entries, or without."""

    whole: bool
    entry: bool
    seconds: float


def appended(folder: Path, writers: int, rounds: int, seconds: float) -> dict[str, Any]:
    """All writers in turns, with entries and without."""
    from django.db import connection

    from quarterdeck.core import ledger

    places = [make_place(number) for number in range(writers)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')")
        if "off" in cursor.fetchone():
            raise SystemExit("The database is not durable; what it costs to write would say nothing.")
    connection.close()
    warming = [Turn(whole, entry, WARMING) for whole in (True, False) for entry in (True, False)]
    # Who begins changes with each round.
    counted = [
        Turn(whole, entry, seconds)
        for number in range(rounds)
        for whole in (True, False)
        for entry in ((True, False) if number % 2 else (False, True))
    ]
    found = all_write(places, warming + counted)
    export = folder / "written.jsonl"
    export.write_text("".join(f"{line}\n" for line in ledger.export()), encoding="utf-8")
    verdict = checked(export)
    if verdict["problems"]:
        raise SystemExit(f"The ledger that was written does not hold: {verdict['problems'][:3]}")
    took = list(zip(warming + counted, found, strict=True))[len(warming) :]
    return {
        "writers": writers,
        "form_saved": compared([(turn.entry, ms) for turn, ms in took if turn.whole]),
        "bare_row": compared([(turn.entry, ms) for turn, ms in took if not turn.whole]),
        "entries_written_and_verified": verdict["entries"],
    }


def all_write(places: list[tuple[int, str]], turns: list[Turn]) -> list[float]:
    """A process for each place; milliseconds that a write takes, for each turn."""
    forks = multiprocessing.get_context("fork")
    together, results = forks.Barrier(len(places)), forks.SimpleQueue()
    processes = [forks.Process(target=write, args=(place, turns, together, results)) for place in places]
    for process in processes:
        process.start()
    found = [results.get() for _process in processes]
    for process in processes:
        process.join()
    return [
        sum(each[turn][1] for each in found) * 1000 / sum(each[turn][0] for each in found) for turn in range(len(turns))
    ]


def compared(turns: list[tuple[bool, float]]) -> dict[str, Any]:
    """Milliseconds a write with and without its entry, and the median of how much longer it takes with."""
    entered, plain = [ms for entry, ms in turns if entry], [ms for entry, ms in turns if not entry]
    longer = [(with_entry / without - 1) * 100 for with_entry, without in zip(entered, plain, strict=True)]
    return {
        "ms_without_entry": round(statistics.median(plain), 2),
        "ms_with_entry": round(statistics.median(entered), 2),
        "longer_percent": round(statistics.median(longer), 1),
        "longer_percent_by_round": [round(each, 1) for each in longer],
    }


def make_place(number: int) -> tuple[int, str]:
    """A portfolio with some projects: its administrator's person, and the reference of the portfolio."""
    from django.utils import timezone

    from quarterdeck.core import access, store
    from quarterdeck.core.models import Node
    from quarterdeck.core.services import accounts
    from quarterdeck.projects import services
    from quarterdeck.projects.models import Project

    now = timezone.now()
    _organisation, account = accounts.found_organisation(
        name="Bench", admin_name="Bea Bench", admin_email="bea@bench.example", now=now, currency="EUR"
    )
    admin = access.actor_of_account(account, now=now)
    portfolio = services.add_portfolio(admin, name=f"Place {number}", ref=f"P{number}", currency="EUR", now=now)
    why = store.Because(admin.person_id, now)
    nodes = [
        Node(kind="project", ref=f"P{number}-{n}", name=f"Project {n}", within=portfolio.node) for n in range(PROJECTS)
    ]
    store.create_all(
        [Project(node=node, portfolio=portfolio, currency="EUR") for node in store.create_all(nodes, why)], why
    )
    return admin.person_id, portfolio.ref


class NoEntry:
    """In place of the table of entries: whatever else an event does, it does."""

    class objects:  # noqa: N801 - as Django calls it
        @staticmethod
        def create(**facts: Any) -> None:
            """Nothing is written."""


def write(place: tuple[int, str], turns: list[Turn], together: Any, results: Any) -> None:
    """A writer: in each turn as many writes as it manages. Answers with number and seconds of each turn."""
    from django.db import transaction
    from django.utils import timezone

    from quarterdeck.core import access, ledger, store
    from quarterdeck.core.models import LedgerEntry
    from quarterdeck.projects import queries, services

    person, portfolio = place
    actor = access.actor_of(person, now=timezone.now())
    stream = ledger.stream_of(queries.portfolio(actor, portfolio).node)
    amounts, answer = itertools.count(1), []

    def save_form(amount: int) -> None:
        project = queries.project(actor, f"{portfolio}-{amount % PROJECTS}")
        services.change_project(actor, project, {"forecast_cost": Decimal(amount)}, now=timezone.now())

    @transaction.atomic
    def save_row(amount: int) -> None:
        project, now = projects[amount % PROJECTS], timezone.now()
        project.forecast_cost = Decimal(amount)
        store.save(project, store.Because(person, now), fields=["forecast_cost"])
        ledger.record(actor, "bench.cost.changed", on=project, at=now, stream=stream, fields=["forecast_cost"])

    for turn in turns:
        # What was saved through the form has another version by now.
        projects = [queries.project(actor, f"{portfolio}-{n}") for n in range(PROJECTS)]
        ledger.LedgerEntry = LedgerEntry if turn.entry else NoEntry  # type: ignore[misc, assignment]
        save = save_form if turn.whole else save_row
        together.wait()
        began, count = time.monotonic(), 0
        while time.monotonic() < began + turn.seconds:
            save(next(amounts))
            count += 1
        answer.append((count, time.monotonic() - began))
    results.put(answer)


def verified(folder: Path, entries: int) -> dict[str, Any]:
    """The verifier over a long export."""
    export, anchor = folder / "long.jsonl", folder / "anchor.json"
    heads: dict[str, tuple[int, str]] = {}
    with export.open("w", encoding="utf-8") as file:
        for line in long_export(entries, heads):
            file.write(line)
    taken = {"taken_at": "2026-01-01", "heads": [{"stream": s, "seq": n, "hash": h} for s, (n, h) in heads.items()]}
    anchor.write_text(json.dumps(taken), encoding="utf-8")
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    verdict = checked(export, anchor)
    took, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if verdict["problems"] or verdict["entries"] != entries:
        raise SystemExit(f"The long export does not hold: {verdict['problems'][:3]}")
    return {
        "entries": entries,
        "megabytes": round(export.stat().st_size / 1e6),
        "seconds": round(took, 1),
        "cpu_seconds": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
    }


def long_export(entries: int, heads: dict[str, tuple[int, str]]) -> Iterator[str]:
    """Lines as the application exports them, of chained entries such as it writes; heads are kept up to date."""
    from quarterdeck.core import ledger

    for number in range(entries):
        stream = f"portfolio-{number * STREAMS // entries}"
        seq, previous = heads.get(stream, (0, ledger.GENESIS))
        entry = (
            f'{{"actor":{number % 500},"at":"2026-01-01T08:00:00+00:00","event":"projects.project.changed","facts":'
            f'{{"approved_budget":"{number}.0000","forecast_finish":"2027-03-31","reason":"Approved by the board"}},'
            f'"subject":["projects.project",{number % 10_000}]}}'
        )
        sealed_at = 1_767_254_400_000_000 + number
        own = ledger.digest(stream, seq + 1, sealed_at, entry, previous)
        heads[stream] = (seq + 1, own)
        line = {
            "stream": stream,
            "seq": seq + 1,
            "sealed_at": sealed_at,
            "entry": entry,
            "prev": previous,
            "hash": own,
        }
        yield json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def checked(export: Path, *anchors: Path) -> dict[str, Any]:
    """What the verifier says, run without the application."""
    words = [sys.executable, "-I", str(VERIFIER), str(export), "--json"]
    for anchor in anchors:
        words += ["--anchor", str(anchor)]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    verdict: dict[str, Any] = json.loads(done.stdout)
    return verdict


def report(figures: dict[str, Any]) -> None:
    """A few sentences for people."""
    append, verify = figures["append"], figures["verify"]
    print(f"{append['writers']} writers on {os.cpu_count()} cores:")
    for kind in ("form_saved", "bare_row"):
        found = append[kind]
        print(
            f"  {kind.replace('_', ' ')}: {found['ms_without_entry']} ms without entry, {found['ms_with_entry']} ms "
            f"with, {found['longer_percent']} % longer"
        )
        print(f"    by round: {', '.join(map(str, found['longer_percent_by_round']))}")
    print(f"  {append['entries_written_and_verified']:,} entries were written, and they hold")
    print(
        f"{verify['entries']:,} entries ({verify['megabytes']} MB) verified in {verify['seconds']} s, "
        f"{verify['cpu_seconds']} s of CPU"
    )


if __name__ == "__main__":
    sys.exit(main())
