"""
Whoever is killed in the middle of an import leaves nothing half done.

Forty processes import one register each, of a later day each time, and are killed with SIGKILL at a random moment.
After each kill the database holds either the whole import or nothing of it; what was acknowledged is there; the ledger
verifies. The mutant writes row by row without the transaction, and the same judgement finds it out.
"""

import contextlib
import json
import os
import random
import signal
import time
import traceback
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from quarterdeck.core import access, ledger
from quarterdeck.core.models import LedgerEntry
from quarterdeck.core.tests import make
from quarterdeck.exchange.models import Import, ImportRow
from quarterdeck.exchange.services import import_register_file
from quarterdeck.projects import services as projects
from quarterdeck.projects.models import Project, Snapshot
from tests.proof.figures import figure

ROWS = 40
FIRST_DAY = date(2024, 1, 31)


def register(folder: Path, run: int) -> Path:
    """A register whose every row differs from the run before."""
    path = folder / f"register-{run}.csv"
    lines = ["Project ID,Project name,Department,Category,Whole life cost"]
    lines += [f"X-{n},Project {n},Unit {n % 3},Run {run},{1000 + run * ROWS + n}" for n in range(ROWS)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def day(run: int) -> date:
    return FIRST_DAY + timedelta(days=run)


def honest(actor: access.Actor, path: Path, run: int, now: datetime) -> None:
    import_register_file(actor, path, mapping="generic", portfolio="KILL", as_of=day(run), now=now)


def row_by_row(actor: access.Actor, path: Path, run: int, now: datetime) -> None:
    """The mutant: each row in a transaction of its own."""
    portfolio = Project.objects.select_related("portfolio__node").first().portfolio  # type: ignore[union-attr]
    for n in range(ROWS):
        projects.record_project(
            actor,
            portfolio,
            external_id=f"X-{n}",
            name=f"Project {n}",
            facts={"category": f"Run {run}"},
            unknown={},
            now=now,
            effective_on=day(run),
            reason=path.name,
        )
    projects.take_snapshot(actor, portfolio, on=day(run), label=path.name, rows=ROWS, now=now)


Work = Callable[[access.Actor, Path, int, datetime], None]


def start(work: Work, path: Path, run: int) -> tuple[int, int]:
    """A process that does the work and then says so; its id and the end to read from."""
    reading, writing = os.pipe()
    connections.close_all()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    try:
        os.close(reading)
        # Where a browser runs in this thread Django keeps another connection object; the child would inherit it open.
        with contextlib.suppress(AttributeError):
            del connections["default"]
        now = timezone.now()
        work(make.admin(now), path, run, now)
        os.write(writing, b"done")
    except BaseException:
        os.write(writing, traceback.format_exc()[-4000:].encode())
    finally:
        os._exit(0)


def kill_after(work: Work, path: Path, run: int, seconds: float) -> bool:
    """Start, wait, kill -9; whether the process had said that it was done."""
    pid, reading = start(work, path, run)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    said = os.read(reading, 10)
    os.close(reading)
    return said == b"done"


def judgement(run: int, *, acknowledged: bool) -> list[str]:
    """What is wrong with the database after a run; nothing is wrong when it is all there or not there at all."""
    rows = Project.objects.filter(category=f"Run {run}").count()
    snapshots = Snapshot.objects.filter(on=day(run)).count()
    imports = Import.objects.filter(as_of=day(run)).count()
    kept = ImportRow.objects.filter(of__as_of=day(run)).count()
    entries = sum(
        json.loads(entry)["facts"].get("as_of") == day(run).isoformat()
        for entry in LedgerEntry.objects.filter(event="exchange.register.imported").values_list("entry", flat=True)
    )
    whole = (rows, snapshots, imports, kept, entries) == (ROWS, 1, 1, ROWS, 1)
    nothing = (rows, snapshots, imports, kept, entries) == (0, 0, 0, 0, 0)
    wrong = (
        [] if whole or nothing else [f"run {run} is half done: {rows} rows, {snapshots} snapshots, {entries} entries"]
    )
    if acknowledged and not whole:
        wrong.append(f"run {run} was acknowledged and is not there")
    return wrong


def undone(run: int) -> bool:
    return not Project.objects.filter(category=f"Run {run}").exists()


@pytest.fixture
def took(committed: str, tmp_path: Path) -> float:
    """Seconds an import of one register takes here; the first one makes portfolio, units and projects."""
    make.organisation()
    honest(make.admin(), register(tmp_path, 0), 0, timezone.now())
    began = time.perf_counter()
    pid, reading = start(honest, register(tmp_path, 1), 1)
    os.waitpid(pid, 0)
    said = os.read(reading, 5000).decode()
    os.close(reading)
    assert said == "done"
    assert judgement(1, acknowledged=True) == []
    return time.perf_counter() - began


def kills(work: Work, count: int, took: float, folder: Path, chance: random.Random) -> tuple[list[str], int, int]:
    """Problems found, and how many runs were there whole and how many not at all."""
    wrong: list[str] = []
    whole = 0
    for run in range(2, 2 + count):
        acknowledged = kill_after(work, register(folder, run), run, chance.uniform(0.0, 1.15 * took))
        wrong += judgement(run, acknowledged=acknowledged)
        whole += not undone(run)
    return wrong, whole, count - whole


def show(size: str, whole: int, nothing: int, wrong: list[str]) -> None:
    figure("R25", f"{size}: {whole} whole, {nothing} not at all, {len(wrong)} half or lost", ok=not wrong)


def test_kills_during_imports_leave_nothing_half_done(took: float, tmp_path: Path) -> None:
    wrong, whole, nothing = kills(honest, 24, took, tmp_path, random.Random(7))
    show("24 kills", whole, nothing, wrong)
    assert wrong == []
    assert nothing > 0
    assert ledger.verify()["problems"] == []
    honest(make.admin(), register(tmp_path, 99), 99, timezone.now())
    assert judgement(99, acknowledged=True) == []


@pytest.mark.nightly
def test_two_hundred_kills_during_imports_leave_nothing_half_done(took: float, tmp_path: Path) -> None:
    wrong, whole, nothing = kills(honest, 200, took, tmp_path, random.Random(11))
    show("200 kills", whole, nothing, wrong)
    assert wrong == []
    assert whole > 0
    assert nothing > 0
    assert ledger.verify()["problems"] == []


def test_the_judgement_finds_an_import_that_writes_row_by_row(took: float, tmp_path: Path) -> None:
    for attempt in range(12):
        wrong, _whole, _nothing = kills(row_by_row, 1, took * 0.6, tmp_path, random.Random(attempt))
        if wrong:
            figure("R25", "found out", part="mutant without the transaction")
            return
        Project.objects.update(category="")
    pytest.fail("A killed import without a transaction went unnoticed.")


def _named_steps() -> dict[str, tuple[Any, str]]:
    from quarterdeck.core import store
    from quarterdeck.exchange.services import importing

    return {
        "after the first rows": (store, "save"),
        "before the snapshot": (importing, "_snapshot"),
        "before the end": (importing, "move"),
    }


@pytest.mark.parametrize("step", ["after the first rows", "before the snapshot", "before the end"])
def test_a_kill_at_a_named_step_leaves_nothing(
    step: str, took: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process kills itself when it gets there."""
    module, name = _named_steps()[step]
    real = getattr(module, name)
    calls = {"n": 0}

    def die(*arguments: Any, **more: Any) -> Any:
        calls["n"] += 1
        ready = {"after the first rows": calls["n"] > 10, "before the snapshot": True}.get(step, "finish" in arguments)
        if ready:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **more)

    monkeypatch.setattr(module, name, die)
    pid, reading = start(honest, register(tmp_path, 50), 50)
    _pid, status = os.waitpid(pid, 0)
    os.close(reading)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert judgement(50, acknowledged=False) == []
    assert undone(50)
    figure("R25", "{n} of 3 named steps leave nothing", n=1, part="kill at a step")
    assert ledger.verify()["problems"] == []
