#!/usr/bin/env python3
"""
Check an exported ledger without the application: one file, Python's standard library only.

    quarterdeck ledger export ledger.jsonl          # JSON lines, one entry each
    python verify_ledger.py ledger.jsonl [--anchor anchor.json ...] [--json]

An anchor is what `quarterdeck ledger anchor` printed on some earlier day and somebody kept outside. Without one, a
ledger that was recomputed from end to end, or cut off at the tail, cannot be told from an honest one.

The hash of entry n is SHA-256 over the byte 0x00, the hash of the entry before it (32 bytes, zeros for the first) and
the UTF-8 text `stream:n:sealed_at:entry`, where sealed_at is in microseconds since 1970, UTC.

Exit status: 0 the ledger holds, 1 it does not, 2 the files could not be read.
"""

import argparse
import hashlib
import json
import sys
from datetime import datetime, timezone

GENESIS = "0" * 64


def check(lines, anchors):
    """Return (number of entries, heads by stream, list of problems) for JSON lines and a list of anchors."""
    heads, problems, count = {}, [], 0
    wanted = {}
    for anchor in anchors:
        for head in anchor["heads"]:
            wanted.setdefault(head["stream"], {})[head["seq"]] = (head["hash"], anchor["taken_at"])
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
            stream, seq, sealed_at, entry = item["stream"], item["seq"], item["sealed_at"], item["entry"]
            previous, own = item["prev"], item["hash"]
            before = bytes.fromhex(previous)
        except (ValueError, KeyError, TypeError) as problem:
            problems.append(f"line {number}: not a ledger entry ({problem})")
            continue
        count += 1
        last_seq, last_hash, last_sealed = heads.get(stream, (0, GENESIS, None))
        if seq != last_seq + 1:
            problems.append(f"{stream}: entry {seq} stands where entry {last_seq + 1} belongs")
        if previous != last_hash:
            problems.append(f"{stream}: entry {seq} does not follow the entry before it")
        text = f"{stream}:{seq}:{sealed_at}:{entry}".encode()
        if hashlib.sha256(b"\x00" + before + text).hexdigest() != own:
            problems.append(f"{stream}: entry {seq} was changed")
        if last_sealed is not None and sealed_at < last_sealed:
            problems.append(f"{stream}: entry {seq} is dated before the entry it follows")
        expected = wanted.get(stream, {}).pop(seq, None)
        if expected is not None and expected[0] != own:
            problems.append(f"{stream}: entry {seq} is not the one that was anchored on {expected[1]}")
        heads[stream] = (seq, own, sealed_at)
    for stream, missing in sorted(wanted.items()):
        for seq, (_, taken_at) in sorted(missing.items()):
            problems.append(f"{stream}: entry {seq}, anchored on {taken_at}, is missing")
    return count, heads, problems


def counted(number, one, many):
    return f"{number:,} {one if number == 1 else many}"


def main():
    parser = argparse.ArgumentParser(description="Check an exported ledger of Quarterdeck.")
    parser.add_argument("ledger", help="the export, JSON lines; - for standard input")
    parser.add_argument("--anchor", action="append", default=[], help="an anchor kept outside; may be given often")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    arguments = parser.parse_args()
    try:
        anchors = []
        for name in arguments.anchor:
            with open(name, encoding="utf-8") as file:
                anchors.append(json.load(file))
        if arguments.ledger == "-":
            count, heads, problems = check(sys.stdin, anchors)
        else:
            with open(arguments.ledger, encoding="utf-8") as file:
                count, heads, problems = check(file, anchors)
    except (OSError, ValueError, KeyError) as problem:
        print(f"The files could not be read: {problem}", file=sys.stderr)
        return 2
    if arguments.json:
        json.dump({"entries": count, "streams": len(heads), "anchors": len(anchors), "problems": problems}, sys.stdout)
        print()
        return 1 if problems else 0
    for problem in problems:
        print(problem)
    verdict = counted(len(problems), "problem", "problems") if problems else "the ledger holds"
    against = (
        f", against {counted(len(anchors), 'anchor', 'anchors')}" if anchors else ", without an anchor (see --help)"
    )
    checked = f"{counted(count, 'entry', 'entries')} in {counted(len(heads), 'stream', 'streams')}"
    print(f"{checked}{against}: {verdict}. {datetime.now(timezone.utc):%Y-%m-%d} UTC")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
