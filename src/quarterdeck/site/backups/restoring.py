"""
Bringing a backup into an empty database, in one transaction.

It is committed only when every table and the ledger's anchor are what the snapshot had, so a restore that fails
leaves the database as empty as it was.
"""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, BinaryIO

from psycopg import sql

from quarterdeck.core.errors import Refused
from quarterdeck.site.backups import archive, chain, manifest, tables
from quarterdeck.site.backups.archive import File, Rows
from quarterdeck.site.backups.chain import Chains
from quarterdeck.site.backups.checking import Checked
from quarterdeck.site.backups.tables import Connection

PATIENCE = 600.0  # seconds a migration may be under way
MEMORY = "128MB"  # for each index that is built


@dataclass(frozen=True, slots=True)
class Restored:
    anchor: dict[str, Any]  # of what is in the database now
    different: tuple[str, ...]  # tables that are not what the snapshot had; then nothing was restored
    entries: int
    ledger_problems: tuple[str, ...]
    secret_key: str

    @property
    def kept(self) -> bool:
        return not self.different


def restore(
    checked: Checked,
    url: str,
    *,
    passphrase: str = "",
    known: Collection[tuple[str, str]],
    before_commit: Callable[[str], None],
    tell: Callable[[str], None],
) -> Restored:
    """
    Fill the database and compare it with the backup.

    Parameters
    ----------
    checked : the file, found sound.
    url : of the role that owns the database.
    known : the migrations of this release.
    before_commit : is called with the secret key (or nothing) when all is right.
    """
    unknown = set(checked.manifest.migrations) - set(known)
    if unknown:
        raise manifest.newer(checked.manifest.release)
    with tables.connect(url) as connection, checked.file.open(passphrase) as stream:
        tables.prepare_session(connection)
        connection.commit()
        _alone(connection)
        refuse_unfit(connection)
        connection.execute("SELECT pg_catalog.set_config('maintenance_work_mem', %s, true)", [MEMORY])
        secret_key = _fill(connection, stream, checked, tell)
        tell("comparing with the snapshot")
        restored = _compared(connection, checked, secret_key)
        if restored.kept:
            before_commit(secret_key)
            connection.commit()
        else:
            connection.rollback()
    return restored


def analyse(url: str) -> None:
    """So that the first pages are not planned for empty tables."""
    with tables.connect(url) as connection:
        connection.execute(
            sql.SQL("ANALYZE {}").format(sql.SQL(", ").join(table.qualified for table in tables.tables(connection)))
        )


def refuse_unfit(connection: Connection) -> None:
    held = tables.anything(connection)
    if held:
        raise Refused(
            "not_empty", f"The database is not empty: it holds {held}. A backup is restored into an empty one only."
        )
    encoding, creates = connection.execute(
        "SELECT pg_catalog.current_setting('server_encoding'),"
        " pg_catalog.has_schema_privilege('public', 'CREATE')"
        " AND pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')"
    ).fetchone() or ("", False)
    if encoding != "UTF8":
        raise Refused("not_utf8", f"The database is in {encoding}; it is to be in UTF8. docs/operate/production.md.")
    if not creates:
        raise Refused(
            "not_owner",
            "This role does not own the database. Name the one that does in QUARTERDECK_OWNER_DATABASE_URL.",
        )


def _alone(connection: Connection) -> None:
    """Nobody migrates or restores at the same time; the lock ends with the transaction."""
    deadline = time.monotonic() + PATIENCE
    while connection.execute("SELECT pg_catalog.pg_try_advisory_xact_lock(%s)", [tables.MIGRATING]).fetchone() != (
        True,
    ):
        connection.rollback()
        if time.monotonic() > deadline:
            raise Refused("migrating", "Another process has been migrating this database for ten minutes.")
        time.sleep(0.2)


def _fill(connection: Connection, stream: BinaryIO, checked: Checked, tell: Callable[[str], None]) -> str:
    """Definitions, rows, then indexes, constraints and triggers. Returns the secret key."""
    files: dict[str, bytes] = {}
    columns: dict[str, list[str]] = {}
    made = False
    done = 0
    for member in archive.members(stream):
        if isinstance(member, File):
            files[member.name] = member.data
            continue
        if not made:
            run(connection, files[archive.BEFORE])
            columns = archive.read_object(File(archive.COLUMNS, files[archive.COLUMNS]))
            made = True
        done += _copy(connection, member, columns[member.table])
        tell(f"{done / 1e6:,.0f} of {checked.manifest.size / 1e6:,.0f} MB in")
    for name, (last, called) in checked.manifest.sequences.items():
        connection.execute(
            "SELECT pg_catalog.setval(%s::pg_catalog.regclass, %s, %s)",
            [sql.Identifier("public", name).as_string(connection), last, called],
        )
    tell("indexes, constraints and triggers")
    run(connection, files[archive.AFTER])
    return files.get(archive.SECRET, b"").decode()


def run(connection: Connection, statements: bytes) -> None:
    connection.execute(sql.SQL(statements.decode()))
    tables.prepare_session(connection)  # pg_dump's own settings are the session's


def _copy(connection: Connection, rows: Rows, columns: list[str]) -> int:
    size = 0
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier("public", rows.table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        for block in rows.blocks:
            copy.write(block)
            size += len(block)
    return size


def _compared(connection: Connection, checked: Checked, secret_key: str) -> Restored:
    said = checked.manifest
    now = {table.name: tables.content(connection, table) for table in tables.tables(connection)}
    different = [name for name in sorted(said.tables.keys() | now.keys()) if said.tables.get(name) != now.get(name)]
    heads = tables.heads(connection)
    chains = Chains()
    for link in tables.links(connection):
        chains.add(link)
    return Restored(
        anchor=chain.anchor(heads, said.taken_at),
        different=tuple(different if heads == said.heads else [*different, "the ledger's anchor"]),
        entries=chains.entries,
        ledger_problems=tuple(chains.finish(heads)),
        secret_key=secret_key,
    )
