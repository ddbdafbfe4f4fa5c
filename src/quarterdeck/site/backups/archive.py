"""
The files inside a backup, as members of a tar archive:

    quarterdeck-backup.json                  which release, and when
    README.txt                               how to restore without Quarterdeck
    secret_key                               signs sessions and links
    schema/before.sql, schema/after.sql      what makes the tables
    schema/columns.json                      the columns of each table, in the order of its rows' text
    schema/rows.sql                          what brings the rows in between, for psql alone
    rows/NAME/000001.copy.gz …               a table's rows in pieces, as COPY writes them; together they are one gzip
    manifest.json                            anchor, migrations, rows and hashes; last, because known last
"""

import gzip
import io
import json
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, BinaryIO, cast

from quarterdeck.core.errors import Refused
from quarterdeck.site.backups import manifest
from quarterdeck.site.backups.manifest import Manifest
from quarterdeck.site.backups.schema import Schema
from quarterdeck.site.backups.tables import Table

ABOUT, README, SECRET, MANIFEST = "quarterdeck-backup.json", "README.txt", "secret_key", "manifest.json"
BEFORE, BETWEEN, AFTER, COLUMNS = "schema/before.sql", "schema/rows.sql", "schema/after.sql", "schema/columns.json"
ROWS = "rows/"
SMALL = 64 * 1024 * 1024  # nothing but rows is longer

BY_HAND = """\
This is a backup of Quarterdeck. `quarterdeck restore FILE` brings it back, and checks that all of it came.

Without Quarterdeck, with PostgreSQL's psql and an empty database:

    tar -xf FILE
    psql -1 -v ON_ERROR_STOP=1 -d DATABASE -f schema/before.sql -f schema/rows.sql -f schema/after.sql

`quarterdeck migrate` then gives the application's role its rights. manifest.json has the number of rows of each table
and the SHA-256 of their text, `cat rows/core_node/* | gunzip | sha256sum`, and where the ledger ended. The last line
of FILE is the SHA-256 of all before it: `head -c -84 FILE | sha256sum`.
"""


class Writer:
    """Adds the members in their order."""

    def __init__(self, to: io.RawIOBase, *, about: dict[str, Any], at: datetime) -> None:
        self.tar = tarfile.open(fileobj=cast(Any, to), mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed by close()
        self.at = at
        self.add(ABOUT, json.dumps(about, sort_keys=True).encode() + b"\n")
        self.add(README, BY_HAND.encode())

    def add(self, name: str, data: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mtime, member.mode = len(data), int(self.at.timestamp()), 0o600
        self.tar.addfile(member, io.BytesIO(data))

    def add_schema(self, schema: Schema, found: list[Table]) -> None:
        self.add(BEFORE, schema.before.encode())
        self.add(AFTER, schema.after.encode())
        self.add(COLUMNS, json.dumps({table.name: table.columns for table in found}).encode())

    def add_piece(self, table: Table, number: int, block: bytes) -> None:
        self.add(f"{ROWS}{table.name}/{number:06}.copy.gz", gzip.compress(block, compresslevel=1, mtime=0))

    def finish(self, manifest: Manifest, found: list[Table]) -> None:
        self.add(BETWEEN, "".join(by_hand(manifest, found)).encode())
        self.add(MANIFEST, json.dumps(manifest.as_json(), ensure_ascii=False, indent=1, sort_keys=True).encode())
        self.tar.close()


def by_hand(manifest: Manifest, found: list[Table]) -> Iterator[str]:
    """The lines of schema/rows.sql."""
    for table in found:
        if manifest.tables[table.name].rows:
            columns = ", ".join(f'"{column}"' for column in table.columns)
            yield f"\\copy public.{table.name} ({columns}) from program 'cat rows/{table.name}/*.gz | gunzip'\n"
    for name, (last, called) in manifest.sequences.items():
        yield f"SELECT pg_catalog.setval('public.{name}', {last}, {'true' if called else 'false'});\n"


@dataclass(frozen=True, slots=True)
class Rows:
    """The pieces of one table, to be read once and in order."""

    table: str
    blocks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class File:
    name: str
    data: bytes


def members(stream: BinaryIO) -> Iterator[File | Rows]:
    """What an archive holds, in its order; nothing is written to disk, whatever names its members have."""
    with _readable(), tarfile.open(fileobj=stream, mode="r|") as tar:
        for table, group in groupby(tar, key=_table):
            if table:
                yield Rows(table, _blocks(tar, group))
                continue
            for member in group:
                yield File(member.name, _data(tar, member))


def read_object(file: File) -> dict[str, Any]:
    try:
        found = json.loads(file.data)
    except ValueError as wrong:
        raise Refused("damaged", f"{file.name} in the backup cannot be read: {wrong}.") from wrong
    if not isinstance(found, dict):
        raise Refused("damaged", f"{file.name} in the backup cannot be read.")
    return found


def read_manifest(file: File) -> Manifest:
    try:
        return manifest.read(read_object(file))
    except (ValueError, KeyError, TypeError) as wrong:
        raise Refused("damaged", f"The backup's manifest cannot be read: {wrong!r}.") from wrong


def _table(member: tarfile.TarInfo) -> str:
    return member.name.removeprefix(ROWS).split("/")[0] if member.name.startswith(ROWS) else ""


def _blocks(tar: tarfile.TarFile, group: Iterator[tarfile.TarInfo]) -> Iterator[bytes]:
    with _readable():
        for member in group:
            yield gzip.decompress(_data(tar, member))


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile) as wrong:
        raise Refused("damaged", f"The backup cannot be read to its end: {wrong}.") from wrong


def _data(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member) if member.isfile() and member.size <= SMALL else None
    if file is None:
        raise Refused("damaged", f"The backup holds {member.name}, which no backup holds.")
    return file.read()
