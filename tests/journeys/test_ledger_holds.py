"""Seven ways to falsify a ledger, each found by the stand-alone verifier with an anchor kept outside."""

import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import transaction

from quarterdeck.core import ledger
from quarterdeck.core.tests import make
from tests.proof.figures import figure

VERIFIER = Path(__file__).parents[2] / "tools" / "verify_ledger.py"


def verdict(lines: list[str], folder: Path, *anchors: dict[str, Any]) -> dict[str, Any]:
    """What the verifier says, run as a program of its own without the application on its path."""
    (folder / "ledger.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    words = [sys.executable, "-I", str(VERIFIER), str(folder / "ledger.jsonl"), "--json"]
    for number, anchor in enumerate(anchors):
        (folder / f"anchor{number}.json").write_text(json.dumps(anchor), encoding="utf-8")
        words += ["--anchor", str(folder / f"anchor{number}.json")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode == 1) == bool(answer["problems"])
    return answer


@pytest.fixture
def written(committed: str) -> tuple[list[str], dict[str, Any]]:
    """Fifty sealed entries of two streams, and an anchor taken after forty."""
    make.organisation()
    for number in range(40):
        ledger.record(None, "core.test.done", on=None, at=make.MONDAY, stream=f"s{number % 2}", number=number)
    anchor = ledger.anchor(make.MONDAY)
    with transaction.atomic():
        for number in range(10):
            ledger.record(None, "core.test.done", on=None, at=make.MONDAY, stream=f"s{number % 2}", number=number)
    return list(ledger.export()), anchor


def rechained(items: list[dict[str, Any]]) -> list[str]:
    """A forger who knows the recipe computes every hash anew."""
    heads: dict[str, tuple[int, str]] = {}
    for item in items:
        seq, previous = heads.get(item["stream"], (0, ledger.GENESIS))
        item["seq"], item["prev"] = seq + 1, previous
        text = f"{item['stream']}:{item['seq']}:{item['sealed_at']}:{item['entry']}".encode()
        item["hash"] = hashlib.sha256(b"\x00" + bytes.fromhex(previous) + text).hexdigest()
        heads[item["stream"]] = (item["seq"], item["hash"])
    return [json.dumps(item) for item in items]


def parsed(lines: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def place(items: list[dict[str, Any]], stream: str, seq: int) -> int:
    return next(i for i, item in enumerate(items) if (item["stream"], item["seq"]) == (stream, seq))


def edited(lines: list[str]) -> list[str]:
    items = parsed(lines)
    item = items[place(items, "s0", 7)]
    item["entry"] = item["entry"].replace('"number":12', '"number":99')
    return [json.dumps(item) for item in items]


def deleted(lines: list[str]) -> list[str]:
    items = parsed(lines)
    del items[place(items, "s0", 7)]
    return [json.dumps(item) for item in items]


def swapped(lines: list[str]) -> list[str]:
    items = parsed(lines)
    a, b = place(items, "s1", 4), place(items, "s1", 5)
    items[a], items[b] = items[b], items[a]
    return [json.dumps(item) for item in items]


def inserted(lines: list[str]) -> list[str]:
    items = parsed(lines)
    at = place(items, "s1", 4)
    items.insert(at, dict(items[at], entry='{"event":"core.test.forged"}'))
    return [json.dumps(item) for item in items]


def cut_off(lines: list[str]) -> list[str]:
    items = parsed(lines)
    return [json.dumps(item) for item in items if not (item["stream"] == "s0" and item["seq"] > 12)]


def recomputed(lines: list[str]) -> list[str]:
    items = parsed(lines)
    item = items[place(items, "s0", 7)]
    item["entry"] = item["entry"].replace('"number":12', '"number":99')
    return rechained(items)


def clock_turned_back(lines: list[str]) -> list[str]:
    items = parsed(lines)
    items[place(items, "s0", 23)]["sealed_at"] -= 3_600_000_000
    return rechained(items)


MANIPULATIONS = [edited, deleted, swapped, inserted, cut_off, recomputed, clock_turned_back]


def test_an_honest_ledger_holds(written: Any, tmp_path: Path) -> None:
    lines, anchor = written
    answer = verdict(lines, tmp_path, anchor)
    assert answer["problems"] == []
    assert answer["entries"] == len(lines) >= 50
    assert ledger.verify()["problems"] == []


@pytest.mark.parametrize("manipulate", MANIPULATIONS, ids=lambda each: each.__name__)
def test_each_manipulation_is_found_with_an_anchor_kept_outside(manipulate: Any, written: Any, tmp_path: Path) -> None:
    lines, anchor = written
    forged = manipulate(lines)
    assert forged != lines
    assert verdict(forged, tmp_path, anchor)["problems"]
    figure("R18", "{n} of 7 found", n=1, part="manipulations")


def test_the_anchor_is_what_finds_a_cut_tail_and_a_recomputed_chain(written: Any, tmp_path: Path) -> None:
    lines, _anchor = written
    assert verdict(cut_off(lines), tmp_path)["problems"] == []
    assert verdict(recomputed(lines), tmp_path)["problems"] == []


def test_the_application_finds_a_changed_entry_too(written: Any, owner: psycopg.Connection[Any]) -> None:
    owner.execute("ALTER TABLE core_ledgerentry DISABLE TRIGGER USER")
    owner.execute("UPDATE core_ledgerentry SET entry = replace(entry, 'core.test', 'core.fest') WHERE seq = 5")
    assert any("changed" in problem for problem in ledger.verify()["problems"])


def long_ledger(count: int) -> list[str]:
    """Entries of five streams, chained as the database chains them."""
    return rechained(
        [
            {
                "stream": f"s{n % 5}",
                "seq": 0,
                "sealed_at": 1_700_000_000_000_000 + n,
                "entry": f'{{"n":{n}}}',
                "prev": "",
                "hash": "",
            }
            for n in range(count)
        ]
    )


def rate(count: int, folder: Path) -> float:
    """Entries a second of the stand-alone verifier."""
    lines = long_ledger(count)
    began = time.perf_counter()
    answer = verdict(lines, folder)
    assert (answer["entries"], answer["problems"]) == (count, [])
    return count / (time.perf_counter() - began)


def test_the_verifier_reads_a_long_ledger(tmp_path: Path) -> None:
    figure("R18", f"{rate(20_000, tmp_path):,.0f} entries a second", part="verifier")


@pytest.mark.nightly
def test_the_verifier_reads_a_million_entries(tmp_path: Path) -> None:
    found = rate(1_000_000, tmp_path)
    seconds = 1_000_000 / found
    assert seconds <= 30
    figure("R18", f"1,000,000 entries in {seconds:.1f} s", part="verifier")
