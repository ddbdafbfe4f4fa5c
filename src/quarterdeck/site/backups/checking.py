"""Checking a backup without a database: every byte, every row, and the ledger's chains."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from quarterdeck.core.errors import Refused
from quarterdeck.site.backups import archive, manifest, sealed, tables
from quarterdeck.site.backups.archive import File, Rows
from quarterdeck.site.backups.chain import Chains, Link
from quarterdeck.site.backups.manifest import Manifest
from quarterdeck.site.backups.tables import Content, Meter

ESCAPED = re.compile(r"\\(.)", re.DOTALL)
MEANT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
NULL = "\\N"


@dataclass(frozen=True, slots=True)
class Checked:
    file: sealed.Whole
    manifest: Manifest
    has_secret_key: bool
    entries: int  # of the ledger
    ledger_problems: tuple[str, ...]  # sentences; the file is sound all the same


@dataclass(slots=True)
class _Found:
    """What was met on the way through the archive."""

    chains: Chains
    files: dict[str, bytes] = field(default_factory=dict)
    contents: dict[str, Content] = field(default_factory=dict)


def check(
    path: Path,
    *,
    passphrase: str = "",
    anchors: Iterable[Mapping[str, Any]] = (),
    tell: Callable[[str], None],
) -> Checked:
    """
    Refuse a file that is cut off, changed, of a newer release, or not the one a passphrase opens.

    anchors : of the ledger, kept elsewhere; each must lie on the backup's chains.
    """
    file = sealed.whole(path, lambda done: tell(f"{done / 1e6:,.0f} MB read"))
    if file.head is not None:
        manifest.refuse_newer(file.head)
    found = _Found(Chains(anchors))
    with file.open(passphrase) as stream:
        for member in archive.members(stream):
            if isinstance(member, Rows):
                _measure(member, found)
                tell(f"{len(found.contents)} tables checked")
                continue
            found.files[member.name] = member.data
            if member.name == archive.ABOUT:
                manifest.refuse_newer(archive.read_object(member))
    said = archive.read_manifest(File(archive.MANIFEST, found.files.get(archive.MANIFEST, b"")))
    _refuse_difference(said, found)
    problems = found.chains.finish(said.heads)
    return Checked(file, said, archive.SECRET in found.files, found.chains.entries, tuple(problems))


def _measure(rows: Rows, found: _Found) -> None:
    meter = Meter()
    is_ledger = rows.table == tables.LEDGER
    columns = archive.read_object(File(archive.COLUMNS, found.files.get(archive.COLUMNS, b""))) if is_ledger else {}
    for block in rows.blocks:
        meter.add(block)
        if is_ledger:
            for line in block.decode().split("\n")[:-1]:
                _follow(dict(zip(columns[rows.table], line.split("\t"), strict=True)), found.chains)
    found.contents[rows.table] = meter.content()


def _follow(row: dict[str, str], chains: Chains) -> None:
    if row["seq"] != NULL:
        chains.add(
            Link(
                plain(row["stream"]),
                int(row["seq"]),
                datetime.fromisoformat(row["sealed_at"]),
                plain(row["entry"]),
                row["prev_hash"],
                row["hash"],
            )
        )


def plain(text: str) -> str:
    """A value as COPY wrote it, read."""
    return ESCAPED.sub(lambda found: MEANT.get(found[1], found[1]), text) if "\\" in text else text


def _refuse_difference(said: Manifest, found: _Found) -> None:
    definitions = found.files.get(archive.BEFORE, b"") + found.files.get(archive.AFTER, b"")
    nothing = Meter().content()
    different = sorted(
        name
        for name in said.tables.keys() | found.contents.keys()
        if name not in said.tables or found.contents.get(name, nothing) != said.tables[name]
    )
    if hashlib.sha256(definitions).hexdigest() != said.schema_sha256:
        different.insert(0, "the tables' definitions")
    if different:
        raise Refused("damaged", f"The backup does not hold what its manifest says: {', '.join(different)}.")
