"""
The ledger's chains, recomputed from plain rows, so that a backup is checked without the application and its models.

The recipe is that of `quarterdeck.core.ledger`; docs/methods/ledger.md explains it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

GENESIS = "0" * 64
ANCHOR = "quarterdeck-ledger-anchor-1"
START = datetime(1970, 1, 1, tzinfo=UTC)


class Link(NamedTuple):
    stream: str
    seq: int
    sealed_at: datetime
    entry: str
    prev_hash: str
    hash: str


class Chains:
    """Take the entries of a ledger in any order that is nearly theirs, then ask what is wrong."""

    def __init__(self, anchors: Iterable[Mapping[str, Any]] = ()) -> None:
        self.entries = 0
        self.problems: list[str] = []
        self.ends: dict[str, tuple[int, str, datetime]] = {}
        self.ahead: dict[str, dict[int, Link]] = {}
        self.anchored = {
            (head["stream"], head["seq"]): (head["hash"], anchor["taken_at"])
            for anchor in anchors
            for head in anchor["heads"]
        }

    def add(self, link: Link) -> None:
        self.entries += 1
        ahead = self.ahead.setdefault(link.stream, {})
        ahead[link.seq] = link
        while (following := ahead.pop(self.ends.get(link.stream, (0, "", START))[0] + 1, None)) is not None:
            self._follow(following)

    def _follow(self, link: Link) -> None:
        name = f"{link.stream}: entry {link.seq}"
        _, previous, latest = self.ends.get(link.stream, (0, GENESIS, START))
        if link.prev_hash != previous:
            self.problems.append(f"{name} does not follow the entry before it.")
        if digest(link) != link.hash:
            self.problems.append(f"{name} was changed.")
        if link.sealed_at < latest:
            self.problems.append(f"{name} is dated before the entry it follows.")
        kept, taken_at = self.anchored.pop((link.stream, link.seq), (link.hash, ""))
        if kept != link.hash:
            self.problems.append(f"{name} is not the one that was anchored on {taken_at[:10]}.")
        self.ends[link.stream] = (link.seq, link.hash, link.sealed_at)

    def finish(self, heads: Mapping[str, tuple[int, str]]) -> list[str]:
        """Every problem, a sentence each; `heads` is what the table of streams says of their ends."""
        problems = list(self.problems)
        for stream, ahead in self.ahead.items():
            if ahead:
                problems.append(f"{stream}: entry {self.ends.get(stream, (0,))[0] + 1} is missing.")
        for (stream, seq), (_, taken_at) in self.anchored.items():
            problems.append(f"{stream}: entry {seq}, anchored on {taken_at[:10]}, is missing.")
        for stream in sorted(heads.keys() | self.ends.keys()):
            end = self.ends.get(stream, (0, GENESIS, START))[:2]
            if end != heads.get(stream, (0, GENESIS)):
                said = heads.get(stream, (0, GENESIS))[0]
                problems.append(f"{stream}: the chain ends at {end[0]}, its head says {said}.")
        return problems


def digest(link: Link) -> str:
    since = link.sealed_at.astimezone(UTC) - START
    microseconds = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    text = f"{link.stream}:{link.seq}:{microseconds}:{link.entry}".encode()
    return hashlib.sha256(b"\x00" + bytes.fromhex(link.prev_hash) + text).hexdigest()


def anchor(heads: Mapping[str, tuple[int, str]], taken_at: datetime) -> dict[str, Any]:
    """As `quarterdeck ledger anchor` prints it."""
    return {
        "format": ANCHOR,
        "taken_at": taken_at.astimezone(UTC).isoformat(),
        "heads": [{"stream": name, "seq": seq, "hash": own} for name, (seq, own) in sorted(heads.items()) if seq],
    }
