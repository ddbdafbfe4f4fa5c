"""
What a database holds: its tables, each as PostgreSQL's COPY writes it in the order of the primary key.

A table's hash is the SHA-256 of that text, so anybody can compute it: `manual` says the statement for psql.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from quarterdeck.site.backups.chain import Link

Connection = psycopg.Connection[Any]
LEDGER, STREAMS = "core_ledgerentry", "core_ledgerstream"
MIGRATING = 0x51_44  # the advisory lock of `quarterdeck migrate`
PIECE = 4 * 1024 * 1024  # bytes

# The text of a value must not depend on whose session writes it. Waiting is the operator's to end, not a setting's.
SESSION = {
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "search_path": "",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "transaction_timeout": "0",  # PostgreSQL 17 and later
}

LIST = """
    SELECT class.relname,
        array_agg(attribute.attname::text ORDER BY attribute.attnum) FILTER (WHERE attribute.attgenerated = ''),
        (SELECT array_agg(key.attname::text ORDER BY place.n)
            FROM pg_catalog.pg_index index
            CROSS JOIN LATERAL unnest(index.indkey::smallint[]) WITH ORDINALITY AS place(attnum, n)
            JOIN pg_catalog.pg_attribute key ON key.attrelid = class.oid AND key.attnum = place.attnum
            WHERE index.indrelid = class.oid AND index.indisprimary),
        coalesce(array_agg(attribute.attname::text) FILTER (WHERE attribute.attcollation <> 0), '{}')
    FROM pg_catalog.pg_class class
    JOIN pg_catalog.pg_attribute attribute
        ON attribute.attrelid = class.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
    WHERE class.relnamespace = 'public'::pg_catalog.regnamespace AND class.relkind = 'r'
        AND class.relpersistence <> 't'
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend WHERE classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            AND objid = class.oid AND deptype = 'e')
    GROUP BY class.oid, class.relname ORDER BY class.relname COLLATE "C"
"""
SEQUENCES = """
    SELECT class.relname FROM pg_catalog.pg_class class
    WHERE class.relnamespace = 'public'::pg_catalog.regnamespace AND class.relkind = 'S'
    ORDER BY class.relname COLLATE "C"
"""
ANYTHING = """
    SELECT namespace.nspname || '.' || class.relname FROM pg_catalog.pg_class class
    JOIN pg_catalog.pg_namespace namespace ON namespace.oid = class.relnamespace
    WHERE namespace.nspname !~ '^pg_' AND namespace.nspname <> 'information_schema'
        AND class.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend WHERE classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            AND objid = class.oid AND deptype = 'e')
    ORDER BY 1 LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the schema public; generated columns are left out, since the database works them out again."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]  # empty: rows are in the order of their text
    with_collation: frozenset[str] = frozenset()

    @property
    def qualified(self) -> sql.Identifier:
        return sql.Identifier("public", self.name)

    def in_order(self) -> sql.Composed:
        """The same order on every server, whatever its collation."""
        bytewise = sql.SQL(' COLLATE "C"')
        terms = [
            sql.Identifier(column) + (bytewise if column in self.with_collation else sql.SQL("")) for column in self.key
        ] or [sql.SQL("(row_.*)::pg_catalog.text") + bytewise]
        return sql.SQL("SELECT {columns} FROM {table} AS row_ ORDER BY {terms}").format(
            columns=self.names(), table=self.qualified, terms=sql.SQL(", ").join(terms)
        )

    def names(self) -> sql.Composed:
        return sql.SQL(", ").join(map(sql.Identifier, self.columns))


@dataclass(frozen=True, slots=True)
class Content:
    """How many rows a table has, how long their text is, and its hash."""

    rows: int
    size: int
    sha256: str


class Meter:
    """Counts and hashes the text of one table as it passes."""

    def __init__(self) -> None:
        self.rows = self.size = 0
        self.digest = hashlib.sha256()

    def add(self, block: bytes) -> bytes:
        self.rows += block.count(b"\n")  # a line break inside a value is written as a backslash and an n
        self.size += len(block)
        self.digest.update(block)
        return block

    def content(self) -> Content:
        return Content(self.rows, self.size, self.digest.hexdigest())


def connect(url: str) -> Connection:
    return psycopg.connect(
        url,
        connect_timeout=10,
        application_name="quarterdeck backup",
        client_encoding="UTF8",
        prepare_threshold=None,  # a pooler may give each transaction another session
    )


def prepare_session(connection: Connection) -> None:
    connection.execute(
        "SELECT pg_catalog.set_config(name, said.value, false) FROM pg_catalog.pg_settings"
        " JOIN unnest(%s::text[], %s::text[]) AS said(parameter, value) ON said.parameter = name",
        [list(SESSION), list(SESSION.values())],
    )


def tables(connection: Connection) -> list[Table]:
    return [
        Table(name, tuple(columns or ()), tuple(key or ()), frozenset(collated))
        for name, columns, key, collated in connection.execute(LIST)
    ]


def anything(connection: Connection) -> str:
    """The name of one thing the database holds already; nothing in an empty one."""
    found = connection.execute(ANYTHING).fetchone()
    return found[0] if found else ""


def pieces(connection: Connection, table: Table) -> Iterator[bytes]:
    """The text of a table in blocks of whole lines."""
    waiting: list[bytes] = []
    size = 0
    with connection.cursor() as cursor, cursor.copy(sql.SQL("COPY ({}) TO STDOUT").format(table.in_order())) as copy:
        for line in copy:
            waiting.append(bytes(line))
            size += len(line)
            if size >= PIECE:
                yield b"".join(waiting)
                waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def content(connection: Connection, table: Table) -> Content:
    meter = Meter()
    for block in pieces(connection, table):
        meter.add(block)
    return meter.content()


def sequences(connection: Connection) -> dict[str, tuple[int, bool]]:
    """The last number each gave, and whether it gave it."""
    names = [name for (name,) in connection.execute(SEQUENCES).fetchall()]
    found: dict[str, tuple[int, bool]] = {}
    for name in names:
        state = connection.execute(
            sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier("public", name))
        ).fetchone()
        assert state is not None  # a sequence is a table of one row
        found[name] = (state[0], state[1])
    return found


def heads(connection: Connection) -> dict[str, tuple[int, str]]:
    """Where each chain of the ledger ends."""
    rows = connection.execute("SELECT name, head_seq, head_hash FROM public.core_ledgerstream")
    return {name: (seq, own) for name, seq, own in rows if seq}


def links(connection: Connection) -> Iterator[Link]:
    """The sealed entries of the ledger, a stream at a time."""
    query = (
        "SELECT stream, seq, sealed_at, entry, prev_hash, hash FROM public.core_ledgerentry"
        " WHERE seq IS NOT NULL ORDER BY stream, seq"
    )
    with connection.cursor("ledger") as cursor:
        cursor.itersize = 2_000
        yield from (Link(*row) for row in cursor.execute(query))


def migrations(connection: Connection) -> list[tuple[str, str]]:
    rows = connection.execute("SELECT app, name FROM public.django_migrations ORDER BY id")
    return [(app, name) for app, name in rows]


def now(connection: Connection) -> datetime:
    """When the transaction began."""
    found = connection.execute("SELECT pg_catalog.now()").fetchone()
    assert found is not None
    moment: datetime = found[0]
    return moment
