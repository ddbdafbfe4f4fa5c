"""The statements that make the tables, from pg_dump: those before the rows come, and those after."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import conninfo

from quarterdeck.core.errors import Refused
from quarterdeck.site import embedded
from quarterdeck.site.backups import tables
from quarterdeck.site.backups.tables import Connection

LOCK_WAIT = 60_000  # milliseconds; longer, and somebody changes tables while we back up
# Words for psql alone, a setting that older servers do not have, and what every database has from the start.
NOT_FOR_US = re.compile(
    r"^(\\(un)?restrict \S+|SET transaction_timeout = 0;|CREATE SCHEMA public;|COMMENT ON SCHEMA public IS .*;)\n",
    re.MULTILINE,
)
EXTENSIONS = """
    SELECT extension.extname FROM pg_catalog.pg_extension extension
    JOIN pg_catalog.pg_available_extension_versions() AS available(name, version, superuser, trusted)
        ON available.name = extension.extname AND available.version = extension.extversion
    WHERE available.trusted AND extension.extname <> 'plpgsql' ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Schema:
    before: str
    after: str
    source: str  # which program wrote it


def schema(connection: Connection, url: str, snapshot: str, tell: Callable[[str], None]) -> Schema:
    """The statements for the database as the snapshot sees it."""
    program = fitting_program(connection)
    if program is not None:
        return dumped(program, url, extensions(connection), "--snapshot", snapshot)
    tell(f"No pg_dump here fits {server_of(connection)}; the tables' definitions are those of this release.")
    return of_this_release(connection)


def fitting_program(connection: Connection) -> Path | None:
    """A pg_dump no older than the server, which can encrypt its connection where ours is encrypted."""
    server = connection.info.server_version // 10_000
    encrypted = bool(connection.pgconn.ssl_in_use)
    on_path = shutil.which("pg_dump")
    for program in (embedded.binary("pg_dump"), *([Path(on_path)] if on_path else [])):
        if program.exists() and version(program) >= server and (not encrypted or encrypts(program)):
            return program
    return None


def version(program: Path) -> int:
    said = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else 0


def encrypts(program: Path) -> bool:
    """Some builds of libpq lack TLS; they refuse the setting before they look for the server."""
    tried = subprocess.run(
        [str(program), "--dbname", "host=/nonexistent sslmode=require dbname=none"],
        capture_output=True,
        text=True,
        check=False,
    )
    return "not compiled in" not in tried.stderr


def server_of(connection: Connection) -> str:
    number = connection.info.server_version // 10_000
    return f"PostgreSQL {number}" + (" over an encrypted connection" if connection.pgconn.ssl_in_use else "")


def extensions(connection: Connection) -> list[str]:
    """Those a role that owns a database may make; others are the operator's."""
    return [name for (name,) in connection.execute(EXTENSIONS)]


def dumped(program: Path, url: str, extensions: list[str], *words: str) -> Schema:
    parts = conninfo.conninfo_to_dict(url)
    password = {"PGPASSWORD": str(parts.pop("password"))} if "password" in parts else {}
    found = []
    for section in ("pre-data", "post-data"):
        done = subprocess.run(
            [
                str(program),
                *("--dbname", conninfo.make_conninfo("", **parts)),
                *("--schema-only", "--section", section, "--schema", "public"),
                *("--no-owner", "--no-privileges", "--lock-wait-timeout", str(LOCK_WAIT)),
                *words,
            ],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=os.environ | password | {"PGCLIENTENCODING": "UTF8"},
            check=False,
        )
        if done.returncode:
            raise Refused("no_dump", f"pg_dump does not read the tables' definitions: {done.stderr.strip()}")
        found.append(NOT_FOR_US.sub("", done.stdout))
    made = "".join(f"CREATE EXTENSION IF NOT EXISTS {name} WITH SCHEMA public;\n" for name in extensions)
    return Schema(made + found[0], found[1], f"pg_dump {version(program)}")


def of_this_release(connection: Connection) -> Schema:
    """From an empty database that this release makes for the purpose; only if the real one is up to date with it."""
    with empty_database() as url, tables.connect(url) as other:
        tables.prepare_session(other)
        same = {(each.name, each.columns) for each in tables.tables(connection)} == {
            (each.name, each.columns) for each in tables.tables(other)
        }
        if not same or set(tables.migrations(connection)) != set(tables.migrations(other)):
            raise Refused(
                "no_pg_dump",
                f"No pg_dump here fits {server_of(connection)}, and the database is not that of this release. "
                f"Install PostgreSQL's client programs, version {connection.info.server_version // 10_000} or newer.",
            )
        found = dumped(embedded.binary("pg_dump"), url, extensions(other))
    return Schema(found.before, found.after, "this release")


@contextmanager
def empty_database() -> Iterator[str]:
    """A database with every table of this release and no organisation, gone afterwards."""
    with embedded.test_server() as urls, tempfile.TemporaryDirectory(prefix="quarterdeck-empty-") as folder:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("QUARTERDECK_")}
        made = subprocess.run(
            [sys.executable, "-m", "quarterdeck", "migrate"],
            env=kept
            | {
                "QUARTERDECK_DATA": folder,
                "QUARTERDECK_DATABASE_URL": urls.app,
                "QUARTERDECK_OWNER_DATABASE_URL": urls.owner,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise Refused("no_dump", f"An empty database cannot be made: {made.stderr.strip()}")
        yield urls.owner
