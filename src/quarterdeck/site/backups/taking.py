"""Taking a backup: everything as one snapshot sees it, while others write."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from psycopg import IsolationLevel, sql

from quarterdeck.core.errors import Refused
from quarterdeck.site.backups import archive, chain, sealed, tables
from quarterdeck.site.backups.manifest import Manifest, about, this_release
from quarterdeck.site.backups.schema import Schema, schema
from quarterdeck.site.backups.tables import Connection, Content, Meter, Table

Tell = Callable[[str], None]
ISOLATION = IsolationLevel.REPEATABLE_READ  # one snapshot for the whole transaction


@dataclass(frozen=True, slots=True)
class Taken:
    manifest: Manifest
    size: int  # of the file
    sha256: str  # as its last line says


@dataclass(frozen=True, slots=True)
class Beside:
    """What a backup holds besides the database."""

    secret_key: str
    settings: dict[str, str]
    keeps_secret_key: bool = True


def take(url: str, to: sealed.Sink, *, beside: Beside, passphrase: str = "", tell: Tell) -> Taken:
    """
    Write a backup of the database.

    Parameters
    ----------
    url : of a role that may read every table.
    passphrase : encrypts the file; empty, anybody can read it.
    tell : is called with what is being done.
    """
    with tables.connect(url) as connection:
        tables.prepare_session(connection)
        # Nobody migrates meanwhile; several backups may run at once.
        connection.execute("SELECT pg_catalog.pg_advisory_lock_shared(%s)", [tables.MIGRATING])
        connection.commit()
        connection.isolation_level = ISOLATION
        connection.read_only = True
        return _written(connection, url, to, beside, passphrase, tell)


def _written(connection: Connection, url: str, to: sealed.Sink, beside: Beside, passphrase: str, tell: Tell) -> Taken:
    found = tables.tables(connection)
    if not any(table.name == tables.STREAMS for table in found):
        raise Refused("nothing_to_back_up", "The database holds no Quarterdeck yet; `quarterdeck init` makes one.")
    connection.execute(
        sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(sql.SQL(", ").join(table.qualified for table in found))
    )
    ends = tables.heads(connection)
    taken_at = tables.now(connection)
    said = about(this_release(), taken_at)
    out = sealed.Writer(to, passphrase=passphrase, about=said)
    files = archive.Writer(out, about=said, at=taken_at)
    if beside.keeps_secret_key:
        files.add(archive.SECRET, beside.secret_key.encode())
    definitions = schema(connection, url, _snapshot(connection), tell)
    files.add_schema(definitions, found)
    kept = _rows(connection, found, files, tell)
    manifest = Manifest(
        release=this_release(),
        taken_at=taken_at,
        server=connection.info.parameter_status("server_version") or "",
        schema_source=definitions.source,
        schema_sha256=digest(definitions),
        anchor=chain.anchor(ends, taken_at),
        migrations=tuple(tables.migrations(connection)),
        tables=kept,
        sequences=tables.sequences(connection),  # last: they run ahead of every snapshot
        settings=beside.settings,
        secret_key_sha256=key_digest(beside.secret_key),
    )
    files.finish(manifest, found)
    return Taken(manifest, sha256=out.seal(), size=out.size)


def _rows(connection: Connection, found: list[Table], files: archive.Writer, tell: Tell) -> dict[str, Content]:
    kept: dict[str, Content] = {}
    size = 0
    for place, table in enumerate(found, 1):
        meter = Meter()
        for number, block in enumerate(tables.pieces(connection, table), 1):
            files.add_piece(table, number, meter.add(block))
            tell(f"{place} of {len(found)} tables, {(size + meter.size) / 1e6:,.0f} MB")
        size += meter.size
        kept[table.name] = meter.content()
    return kept


def _snapshot(connection: Connection) -> str:
    """Named for other connections, as long as this transaction lasts."""
    try:
        found = connection.execute("SELECT pg_catalog.pg_export_snapshot()").fetchone()
    except psycopg.Error as wrong:
        raise Refused("no_snapshot", f"The database does not lend its snapshot: {str(wrong).strip()}") from wrong
    assert found is not None
    return str(found[0])


def digest(definitions: Schema) -> str:
    return hashlib.sha256(definitions.before.encode() + definitions.after.encode()).hexdigest()


def key_digest(secret_key: str) -> str:
    return hashlib.sha256(b"quarterdeck secret key:" + secret_key.encode()).hexdigest()
