"""
Run the proofs and write docs/reference/assurance.md: what must hold, how to try it, and what the tests last reached.

Run: ``python tools/assurance.py`` for the sizes of every push, ``python tools/assurance.py nightly`` for the full ones.
``--from FILE`` makes the page of figures that another run kept (``QD_FIGURES=FILE make test``).
Nothing is written when a test fails. Exit code 1 then, or where a figure is not what it must be.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/reference/assurance.md"
KEPT = ROOT / "docs/reference/assurance.json"
SIZES = {"push": "not nightly", "nightly": "nightly"}
Line = dict[str, Any]

ROWS = {
    "R01": "Every address × method × kind of person is as the table says, and no address is outside it.",
    "R02": "An id of somebody else's, wherever it stands in a request, is refused like one that does not exist.",
    "R03": "Whoever may not see something gets the same bytes as if it did not exist: pages, lists, files, mails.",
    "R04": "A request that names every field changes only those that may be changed.",
    "R05": "Whoever is refused changed nothing; whoever is not changed only what the act is for.",
    "R06": "Hidden and unknown answer alike; GET changes nothing; no POST without the token of a page.",
    "R07": "No address that somebody gives us leads to a connection into the network inside.",
    "R08": "No text, file name or import becomes script, handler or style on a page.",
    "R09": "No cell of an export is a formula; numbers stay numbers; texts come back as they were.",
    "R10": "A hostile file is refused with a sentence within 5 s and 512 MB, and writes no row.",
    "R11": "Mutated files never crash, hang or half-import; each failure is one that is declared.",
    "R12": "No name of a file reads or writes outside the storage.",
    "R13": "No address or host that somebody sends leads elsewhere; links in mails are ours.",
    "R14": "No filter, order or field reaches what is not offered.",
    "R15": "An invitation opens once, for a week, for one address, and gives no more than the inviter has.",
    "R16": "Sessions and tokens end when they should, on the server, with the next request.",
    "R17": "Webhooks are signed, and unsigned, late or repeated ones are refused.",
    "R18": "Seven ways to falsify the ledger are found with an anchor; a verifier of one file reads a million entries"
    " within 30 s.",
    "R19": "Nobody decides on what they asked for, by whatever way.",
    "R20": "No approval is above the limit of who gave it.",
    "R21": "Edits of one thing by many at once: each acknowledged one is there, each other one is refused.",
    "R22": "Of many decisions on one thing at once one counts.",
    "R23": "A request that is sent again, also after the server was killed, has one effect and the same answer.",
    "R24": "Senders that are killed lose no mail, send at most one twice each, and none that was taken back.",
    "R25": "Imports that are killed are whole or not there at all; what was acknowledged is there.",
    "R26": "A database that is killed under load loses nothing acknowledged.",
    "R27": "Writers at full load: no deadlock, nothing lost, no wait above 1 s; readers never wait.",
    "R28": "A database that may lose what it acknowledged is not used.",
    "R29": "A backup taken under load is restored by one command with everything in it.",
    "R30": "The release before works on the schema of this one, and the other way round.",
    "R31": "Whoever asks too often waits, over all processes, whatever headers they send.",
    "R32": "Amounts are exact, in one currency, and rounded once.",
    "R33": "Dates of a plan are those of an independent calculation.",
    "R34": "Every operation of the interface answers as described, to whatever is sent.",
    "R35": "Every answer has the headers, every cookie the flags.",
    "R36": "Second factors, passkeys and identity providers let in whom they should and nobody else.",
    "R37": "No secret is in a log, page, bundle or repository; nothing unpacks code.",
    "R38": "No dependency has a known flaw; all are pinned by hash.",
    "R39": "An erased person is found nowhere, and the ledger still verifies.",
    "R40": "The security log has every refusal, sign-in and change of rights once.",
    "R41": "What it depends on may be down; the core works.",
    "R42": "All tests of a push run within 10 minutes without a network.",
    "R43": "A full disk, a clock turned back or a killed worker leaves nothing half done.",
}


def proofs() -> list[str]:
    """The files of tests that say a figure."""
    found = [*(ROOT / "src").rglob("test_*.py"), *(ROOT / "tests").rglob("test_*.py")]
    return sorted(str(path.relative_to(ROOT)) for path in found if "import figure" in path.read_text(encoding="utf-8"))


def run(size: str, figures: Path) -> int:
    """Run the tests of a size; each adds its figures to the file."""
    words = [sys.executable, "-m", "pytest", "-m", SIZES[size], "--durations=40"]
    # At night each has both cores: what is measured then is not measured beside others.
    words += ["src", "tests"] if size == "nightly" else ["-n", "auto", "--dist", "loadgroup", *proofs()]
    return subprocess.run(words, cwd=ROOT, env=os.environ | {"QD_FIGURES": str(figures)}, check=False).returncode


def read(figures: Path) -> list[Line]:
    lines = figures.read_text(encoding="utf-8").splitlines() if figures.exists() else []
    return [json.loads(line) for line in lines]


def together(lines: list[Line]) -> dict[str, dict[str, Any]]:
    """By row: what was reached, one text a part, the tests behind it, the day, and whether all is as it must be."""
    rows: dict[str, dict[str, Any]] = {}
    parts: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        row = rows.setdefault(line["row"], {"reached": [], "tests": [], "on": "", "ok": True})
        row["tests"] = sorted({*row["tests"], line["test"].partition("::")[0]} - {""})
        row["on"], row["ok"] = max(row["on"], line["on"]), row["ok"] and line["ok"]
        parts[line["row"], line["part"]][line["reached"]].append(line["n"] or 0)
    for (name, part), reached in sorted(parts.items()):
        for text, counted in sorted(reached.items()):
            said = text.format(n=f"{sum(counted):,}") if "{n}" in text else text
            rows[name]["reached"].append(f"{part}: {said}" if part else said)
    return rows


def cell(row: dict[str, Any] | None) -> str:
    if row is None:
        return "—"
    text = "<br>".join(each.replace("|", "\\|").replace("<", "&lt;") for each in row["reached"])
    return f"{text}<br>{row['on']}" if row["ok"] else f"**not reached** {text}<br>{row['on']}"


def command(push: dict[str, Any] | None, nightly: dict[str, Any] | None) -> str:
    """How to try a row alone."""
    tests = sorted({*(push or {"tests": []})["tests"], *(nightly or {"tests": []})["tests"]})
    return f"`pytest {' '.join(tests)}`" if tests else "—"


def page(kept: dict[str, dict[str, dict[str, Any]]]) -> str:
    push, nightly = kept.get("push", {}), kept.get("nightly", {})
    names = sorted({*ROWS, *push, *nightly})
    without = [name for name in names if name not in push and name not in nightly]
    lines = [
        "# Assurance",
        "",
        "What must hold, how to try it, and what the tests last reached. `make assurance` renews the figures of every",
        "push, `make nightly` those of the full sizes. They come from a run, so this page is not made by `make docs`.",
        "",
        f"{len(names) - len(without)} of {len(names)} rows have a figure.",
        *([f"Without one, since nothing is built for it or no test says it: {', '.join(without)}."] if without else []),
        "",
        "| Row | What must hold | Command | Every push | Nightly |",
        "|---|---|---|---|---|",
    ]
    for name in names:
        both = push.get(name), nightly.get(name)
        said = [cell(each) for each in both] if any(both) else ["**no figure**", "**no figure**"]
        lines.append(f"| {name} | {ROWS.get(name, '')} | {command(*both)} | {said[0]} | {said[1]} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Run, then keep the figures of this size beside those of the other one, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", nargs="?", choices=SIZES, default="push")
    parser.add_argument("--from", dest="figures", type=Path, help="figures that another run kept; nothing is run")
    parser.add_argument("--into", type=Path, default=PAGE.parent, help="folder of the page")
    asked = parser.parse_args(arguments)
    began = datetime.now(UTC)
    with TemporaryDirectory(prefix="quarterdeck-figures-") as folder:
        figures = asked.figures or Path(folder) / "figures.jsonl"
        failed = 0 if asked.figures else run(asked.size, figures)
        if failed:
            print("A test failed: the page of the assurance stays as it was.", file=sys.stderr)
            return failed
        found = together(read(figures))
    state = asked.into / KEPT.name
    kept = json.loads(state.read_text(encoding="utf-8")) if state.exists() else {}
    kept[asked.size] = found
    state.write_text(json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    (asked.into / PAGE.name).write_text(page(kept), encoding="utf-8")
    wrong = sorted(name for name, row in found.items() if not row["ok"])
    minutes = (datetime.now(UTC) - began).total_seconds() / 60
    print(f"{len(found)} rows with a figure in {minutes:.0f} min; {', '.join(wrong) or 'none'} not reached.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
