"""A backup holds everything, and what is restored from it is the same and works the same."""

import dataclasses
import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from psycopg import conninfo

from conftest import create_database, drop_database
from quarterdeck.core import ledger
from quarterdeck.core.errors import Refused
from quarterdeck.core.tests import make
from quarterdeck.site import backups, embedded
from quarterdeck.site.backups import schema, tables
from quarterdeck.site.backups.checking import Checked
from quarterdeck.site.cli import exits
from quarterdeck.site.tests.running import alone_in, facts

KEY = "Zk3vQ9xT7mB2nW8pL5rD1yH6cJ4sF0gA-uE_iOaKqXzVtRwNbMhGy"
NASTY = 'a\\b\tc\nd\r"e" \\N \\. ü 漢 \x7f'


def quiet(line: str) -> None:
    """Progress that nobody reads."""


def known() -> list[tuple[str, str]]:
    return list(MigrationLoader(None).disk_migrations)


@pytest.fixture
def written(committed: str) -> str:
    """An organisation with a unit, people and a ledger in which somebody wrote every kind of letter."""
    make.organisation()
    make.unit("Ünïts & Çö")
    make.grant(make.person("O'Hara"), "viewer", make.top())
    ledger.record(None, "core.test.done", on=None, at=make.MONDAY, text=NASTY)
    connections.close_all()
    return os.environ["QUARTERDECK_OWNER_DATABASE_URL"]


@pytest.fixture
def empty(committed: str) -> Iterator[str]:
    """Another database, without a table; its owner's address."""
    name = f"empty_{committed}"
    url = os.environ["QUARTERDECK_OWNER_DATABASE_URL"].replace(f"/{committed}?", f"/{name}?")
    assert name in url
    create_database(name, of="template0")
    yield url
    drop_database(name)


def taken(url: str, folder: Path, **more: Any) -> Path:
    path = folder / "one.backup"
    with path.open("wb") as out:
        backups.take(url, out, beside=backups.Beside(KEY, {"QUARTERDECK_MAIL_URL": "set"}), tell=quiet, **more)
    return path


def restored(checked: Checked, url: str, **more: Any) -> tuple[backups.Restored, list[str]]:
    kept: list[str] = []
    more = {"known": known(), "before_commit": kept.append, "tell": quiet} | more
    return backups.restore(checked, url, **more), kept


def named(variable: str, url: str) -> str:
    """The address that a variable holds, of another address's database."""
    database = conninfo.conninfo_to_dict(url)["dbname"]
    return re.sub(r"/[^/?]+\?", f"/{database}?", os.environ[variable])


def migrate(owner: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "quarterdeck", "migrate"],
        env=os.environ
        | {
            "QUARTERDECK_DATABASE_URL": named("QUARTERDECK_DATABASE_URL", owner),
            "QUARTERDECK_OWNER_DATABASE_URL": owner,
        },
        check=True,
        capture_output=True,
    )


RIGHTS = """
    SELECT 'table', relname, (aclexplode(relacl)).grantee::regrole::text, (aclexplode(relacl)).privilege_type
    FROM pg_class WHERE relnamespace IN ('public'::regnamespace, 'asof'::regnamespace)
    UNION ALL
    SELECT 'function', proname, (aclexplode(proacl)).grantee::regrole::text, (aclexplode(proacl)).privilege_type
    FROM pg_proc WHERE pronamespace IN ('public'::regnamespace, 'asof'::regnamespace)
"""


def rights(url: str) -> set[tuple[str, ...]]:
    with psycopg.connect(url) as connection:
        return set(connection.execute(RIGHTS).fetchall())


def definitions(url: str) -> str:
    """Everything pg_dump says of a database's tables, functions and triggers, the past's views too."""
    done = subprocess.run(
        [str(embedded.binary("pg_dump")), "--schema-only", "--no-owner", "--no-privileges", "--dbname", url],
        capture_output=True,
        text=True,
        check=True,
    )
    text = re.sub(r"^\\(un)?restrict \S+$", "", done.stdout, flags=re.MULTILINE)
    # PostgreSQL itself writes a list of words otherwise once it has read what it wrote.
    return re.sub(r"= ANY \(.*", lambda found: re.sub(r"::[a-z ]+(\[\])?|[()]", "", found[0]), text)


def test_what_is_restored_has_the_same_tables_functions_triggers_rights_and_rows(
    written: str, empty: str, tmp_path: Path
) -> None:
    checked = backups.check(taken(written, tmp_path), tell=quiet)

    found, kept = restored(checked, empty)
    migrate(empty)

    assert (found.different, found.ledger_problems, kept) == ((), (), [KEY])
    assert found.anchor == checked.manifest.anchor
    assert definitions(empty) == definitions(written)
    assert rights(empty) == rights(written)
    with tables.connect(written) as before, tables.connect(empty) as after:
        for connection in (before, after):
            tables.prepare_session(connection)
        assert tables.sequences(after) == tables.sequences(before)
        compared = [table for table in tables.tables(before) if table.name != "django_migrations"]
        assert len(compared) > 20
        for table in compared:
            assert tables.content(after, table) == tables.content(before, table), table.name
    with psycopg.connect(empty) as connection:
        texts = [text for (text,) in connection.execute("SELECT entry FROM core_ledgerentry")]
    assert any(json.loads(text)["facts"].get("text") == NASTY for text in texts)


def test_the_restored_ledger_goes_on_and_stays_closed(written: str, empty: str, tmp_path: Path) -> None:
    restored(backups.check(taken(written, tmp_path), tell=quiet), empty)
    migrate(empty)
    app = named("QUARTERDECK_DATABASE_URL", empty)

    with psycopg.connect(app, autocommit=True) as connection:
        before = connection.execute("SELECT max(seq) FROM core_ledgerentry WHERE stream = 'organisation'").fetchone()
        connection.execute(
            "INSERT INTO core_ledgerentry (uid, stream, entry, event, subject_type, at, prev_hash, hash)"
            " VALUES (gen_random_uuid(), 'organisation', '{}', 'core.test.done', '', now(), '', '')"
        )
        after = connection.execute(
            "SELECT max(seq), max(hash) FILTER (WHERE entry = '{}') FROM core_ledgerentry WHERE stream = 'organisation'"
        ).fetchone()
        assert before is not None
        assert after is not None
        assert (after[0], len(after[1])) == (before[0] + 1, 64)
        node = connection.execute("UPDATE core_node SET name = 'Renamed' WHERE kind = 'unit' RETURNING id").fetchone()
        assert node is not None
        versions = "SELECT count(*) FROM core_nodeevent WHERE id = %s AND name = 'Renamed'"
        assert connection.execute(versions, node).fetchone() == (1,)
        for forbidden in (
            "UPDATE core_ledgerentry SET entry = ''",
            "DELETE FROM core_nodeevent",
            "TRUNCATE core_ledgerentry",
            "UPDATE core_ledgerstream SET head_seq = 0",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden)
    with psycopg.connect(empty, autocommit=True) as owner, pytest.raises(psycopg.errors.RaiseException):
        owner.execute("DELETE FROM core_ledgerentry")


def test_a_database_that_holds_something_is_left_alone(written: str, tmp_path: Path) -> None:
    checked = backups.check(taken(written, tmp_path), tell=quiet)
    with pytest.raises(Refused, match="The database is not empty"):
        restored(checked, written)


def test_a_backup_with_a_migration_nobody_here_knows_is_of_a_newer_release(
    written: str, empty: str, tmp_path: Path
) -> None:
    checked = backups.check(taken(written, tmp_path), tell=quiet)
    with pytest.raises(Refused, match="older than its tables"):
        restored(checked, empty, known=[each for each in known() if each != ("core", "0001_initial")])
    assert is_empty(empty)


def is_empty(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return not tables.anything(connection)


def test_nothing_is_kept_when_what_came_in_is_not_what_the_snapshot_had(
    written: str, empty: str, tmp_path: Path
) -> None:
    checked = backups.check(taken(written, tmp_path), tell=quiet)
    said = checked.manifest.tables | {
        "core_person": dataclasses.replace(checked.manifest.tables["core_person"], sha256="0" * 64)
    }
    wrong = dataclasses.replace(checked, manifest=dataclasses.replace(checked.manifest, tables=said))

    found, kept = restored(wrong, empty)

    assert (found.different, kept) == (("core_person",), [])
    assert is_empty(empty)


def test_an_anchor_kept_elsewhere_that_is_not_on_the_chains_is_said(written: str, tmp_path: Path) -> None:
    path = taken(written, tmp_path)
    kept = backups.check(path, tell=quiet).manifest.anchor
    assert backups.check(path, anchors=[kept], tell=quiet).ledger_problems == ()

    forged = json.loads(json.dumps(kept))
    forged["heads"][0]["hash"] = "0" * 64

    problems = backups.check(path, anchors=[forged], tell=quiet).ledger_problems
    assert any("is not the one that was anchored" in each for each in problems)


def test_a_falsified_ledger_is_found_in_the_backup(
    written: str, owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    owner.execute("ALTER TABLE core_ledgerentry DISABLE TRIGGER USER")
    owner.execute("UPDATE core_ledgerentry SET entry = replace(entry, 'core.test', 'core.fest')")
    owner.execute("ALTER TABLE core_ledgerentry ENABLE TRIGGER USER")

    assert any("was changed" in each for each in backups.check(taken(written, tmp_path), tell=quiet).ledger_problems)


@pytest.fixture
def reading(written: str) -> Iterator[tables.Connection]:
    """A connection with one snapshot, as a backup has it."""
    with tables.connect(written) as connection:
        tables.prepare_session(connection)
        connection.commit()
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        yield connection


def test_without_a_fitting_pg_dump_the_definitions_are_those_of_this_release(
    reading: tables.Connection, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    snapshot = reading.execute("SELECT pg_export_snapshot()").fetchone()
    assert snapshot is not None
    dumped = schema.schema(reading, written, snapshot[0], told.append)
    monkeypatch.setattr(schema, "fitting_program", lambda connection: None)

    made = schema.schema(reading, written, "", told.append)

    assert (made.before, made.after) == (dumped.before, dumped.after)
    assert "CREATE TABLE public.core_ledgerentry" in made.before
    assert "CREATE CONSTRAINT TRIGGER seal_before_commit" in made.after
    assert told == ["No pg_dump here fits PostgreSQL 18; the tables' definitions are those of this release."]


def test_a_database_of_another_release_without_a_fitting_pg_dump_is_refused(
    reading: tables.Connection, written: str, empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "fitting_program", lambda connection: None)
    monkeypatch.setattr(schema, "empty_database", lambda: nullcontext(empty))  # which lacks every table of the other
    with pytest.raises(Refused, match="Install PostgreSQL's client programs"):
        schema.schema(reading, written, "", quiet)


def test_an_older_program_does_not_dump_a_newer_server(
    written: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.3'\n")
    old.chmod(0o755)
    monkeypatch.setattr(embedded, "binary", lambda name: tmp_path / "missing")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with tables.connect(written) as connection:
        assert schema.fitting_program(connection) is None
        old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 18.0 (Debian 18.0-1)'\n")
        assert schema.fitting_program(connection) == old


def command(folder: Path, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """A command on the database of this test."""
    urls = {key: os.environ[key] for key in ("QUARTERDECK_DATABASE_URL", "QUARTERDECK_OWNER_DATABASE_URL")}
    return subprocess.run(
        [sys.executable, "-m", "quarterdeck", *words],
        env=alone_in(folder, **urls | changes),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_backup_is_closed_to_others_named_by_its_moment_and_never_written_over(written: str, tmp_path: Path) -> None:
    done = command(tmp_path, "backup", "--json")
    assert done.returncode == exits.DONE, done.stderr
    name = facts(done)["file"]
    assert re.fullmatch(r"quarterdeck-\d{4}-\d\d-\d\d-\d{6}\.backup", name)
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / name).stat().st_size == facts(done)["bytes"]

    before = (tmp_path / name).read_bytes()
    again = command(tmp_path, "backup", name, "--json")
    assert (again.returncode, facts(again)["error"]["code"]) == (exits.REFUSED, "exists")
    assert (tmp_path / name).read_bytes() == before


def test_a_passphrase_from_the_environment_encrypts_and_opens(written: str, tmp_path: Path) -> None:
    secret = {"QUARTERDECK_BACKUP_PASSPHRASE": "eight bells and all is well"}
    done = command(tmp_path, "backup", "one.backup", "--json", **secret)
    assert (done.returncode, facts(done)["encrypted"]) == (exits.DONE, True)
    assert b"core_person" not in (tmp_path / "one.backup").read_bytes()

    assert facts(command(tmp_path, "backup", "--check", "one.backup", "--json", **secret))["ok"] is True
    unopened = command(tmp_path, "backup", "--check", "one.backup", "--json")
    assert facts(unopened)["error"]["code"] == "needs_passphrase"
    (tmp_path / "wrong").write_text("nine bells and all is lost\n")
    wrong = command(tmp_path, "restore", "one.backup", "--passphrase-file", "wrong", "--json")
    assert (wrong.returncode, facts(wrong)["error"]["code"]) == (exits.REFUSED, "wrong_passphrase")
    short = command(tmp_path, "backup", "two.backup", "--json", QUARTERDECK_BACKUP_PASSPHRASE="short")
    assert facts(short)["error"]["code"] == "short_passphrase"


def test_the_secret_key_may_be_left_out(written: str, tmp_path: Path) -> None:
    done = command(tmp_path, "backup", "one.backup", "--without-secret-key", QUARTERDECK_SECRET_KEY=KEY)
    assert "The secret key is not in it" in done.stdout
    assert KEY.encode() not in (tmp_path / "one.backup").read_bytes()
    assert backups.check(tmp_path / "one.backup", tell=quiet).has_secret_key is False


def test_standard_output_takes_a_backup_too(written: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "quarterdeck", "backup", "-", "--json"], capture_output=True, check=True, env=os.environ
    )
    (tmp_path / "one.backup").write_bytes(done.stdout)
    checked = backups.check(tmp_path / "one.backup", tell=quiet)
    assert checked.file.sha256 == json.loads(done.stderr)["sha256"]


def test_a_full_disk_is_said_and_leaves_nothing(written: str, tmp_path: Path) -> None:
    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = subprocess.run(
        [sys.executable, "-m", "quarterdeck", "backup", str(tmp_path / "one.backup"), "--json"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
        preexec_fn=small,
    )
    assert done.returncode == exits.REFUSED
    assert facts(done)["error"]["message"].endswith(
        "one.backup cannot be written: File too large. Nothing is left of it."
    )
    assert list(tmp_path.iterdir()) == []


def test_an_installation_without_a_table_has_nothing_to_back_up(empty: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="holds no Quarterdeck yet"):
        taken(empty, tmp_path)


def test_a_role_that_owns_nothing_cannot_restore(written: str, empty: str, tmp_path: Path) -> None:
    checked = backups.check(taken(written, tmp_path), tell=quiet)
    with pytest.raises(Refused, match="QUARTERDECK_OWNER_DATABASE_URL"):
        restored(checked, named("QUARTERDECK_DATABASE_URL", empty))


def test_the_applications_role_may_back_up(written: str, tmp_path: Path) -> None:
    path = taken(os.environ["QUARTERDECK_DATABASE_URL"], tmp_path)
    assert backups.check(path, tell=quiet).ledger_problems == ()
