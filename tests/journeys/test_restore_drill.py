"""
The restore drill: a backup taken while eight processes write, brought back on an empty folder by one command.

Afterwards the ledger's anchor and every table's hash are those of the snapshot, the chains hold, and people sign in
with a link and with their password. The mutant takes its backup without one snapshot, and the check finds it out.
"""

import hashlib
import http.cookiejar
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections, transaction
from django.utils import timezone
from psycopg import IsolationLevel

from quarterdeck.core import access, ledger
from quarterdeck.core.models import Account
from quarterdeck.core.tests import make
from quarterdeck.projects import services as projects
from quarterdeck.projects.models import Portfolio
from quarterdeck.site import backups, config, embedded
from quarterdeck.site.backups import taking
from quarterdeck.site.cli import exits
from quarterdeck.site.demo import build
from quarterdeck.site.embedded.cluster import Cluster
from quarterdeck.site.tests.running import Up, alone_in, eventually, facts, quarterdeck
from tests.proof.figures import figure

WRITERS = 8
PASSWORD = "a lantern on the quarterdeck"
ADDRESS = "ada@norhaven.example"


@pytest.fixture
def organisation(committed: str) -> str:
    """The demo, whose administrator has a password."""
    make.organisation()
    build.build(make.admin(), now=timezone.now())
    account = Account.objects.get(email=ADDRESS)
    account.set_password(PASSWORD)
    account.save()
    return committed


@pytest.fixture
def empty_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="quarterdeck-drill-", dir=embedded.scratch()))
    folder.chmod(0o711)
    yield folder
    Cluster(folder).stop()
    shutil.rmtree(folder)


def write_on(number: int) -> None:
    """A project and then its change, each in a transaction with its ledger entry, until this process is killed."""
    actor = make.admin(timezone.now())
    portfolio = Portfolio.objects.select_related("node").get()
    step = 0
    while True:
        step += 1
        with transaction.atomic():
            projects.record_project(
                actor,
                portfolio,
                external_id=f"W{number}-{step // 2}",
                name=f"Project {step} of writer {number}",
                facts={"category": f"step {step}"},
                unknown={},
                now=timezone.now(),
                effective_on=timezone.now().date(),
                reason="Writing.",
            )
            ledger.record(actor, "core.test.done", on=portfolio.node, at=timezone.now(), writer=number, step=step)


@contextmanager
def writers() -> Iterator[None]:
    """Eight processes that write inside, once each of them has begun."""
    connections.close_all()
    children = []
    for number in range(WRITERS):
        pid = os.fork()
        if not pid:
            with suppress(AttributeError):
                del connections["default"]
            try:
                write_on(number)
            finally:
                os._exit(1)
        children.append(pid)
    try:
        with psycopg.connect(os.environ["QUARTERDECK_DATABASE_URL"], autocommit=True) as watching:
            assert eventually(lambda: written(watching) >= 3 * WRITERS)
        assert all(os.waitpid(pid, os.WNOHANG) == (0, 0) for pid in children)
        yield
        assert all(os.waitpid(pid, os.WNOHANG) == (0, 0) for pid in children)
    finally:
        for pid in children:
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def written(connection: psycopg.Connection[Any]) -> int:
    """Entries the writers have committed."""
    query = "SELECT count(*) FROM core_ledgerentry WHERE event = 'core.test.done'"
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def command(*words: str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """A command, if nothing else is said on the database that the writers write to."""
    return subprocess.run(
        [sys.executable, "-m", "quarterdeck", *words],
        env=environ,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def backed_up(file: Path) -> tuple[dict[str, Any], int, int]:
    """A backup under eight writers: what it said, and how many of their entries were there before and after."""
    with writers(), psycopg.connect(os.environ["QUARTERDECK_DATABASE_URL"], autocommit=True) as watching:
        before = written(watching)
        done = command("backup", str(file), "--json")
        after = written(watching)
    assert done.returncode == exits.DONE, done.stderr
    assert after > before
    return facts(done), before, after


# What the suite sets and an empty folder does not.
LEFT_BEHIND = (
    "Set when the backup was taken and not here: QUARTERDECK_BASE_URL, QUARTERDECK_EXPORTS_PER_HOUR, "
    "QUARTERDECK_HOSTS, QUARTERDECK_IMPORTS_PER_HOUR."
)


def drill(file: Path, folder: Path, took: dict[str, Any]) -> None:
    """Restore on an empty folder, compare, and say the figures."""
    done = command("restore", str(file), "--json", environ=alone_in(folder))
    restored = facts(done)
    assert done.returncode == exits.DONE, restored
    assert restored["restored_anchor"] == restored["anchor"] == took["anchor"]
    assert (restored["different_tables"], restored["problems"]) == ([], [])
    assert restored["notes"] == [LEFT_BEHIND]
    figure(
        "R29",
        f"{took['rows']:,} rows of {took['tables']} tables, {took['data_bytes'] / 1e6:.1f} MB: "
        f"file {took['bytes'] / 1e6:.1f} MB in {took['seconds']} s, restored in {restored['seconds']} s, "
        "same anchor and hashes",
        part="under 8 writers",
    )


def hash_by_hand(connection: psycopg.Connection[Any], table: str, key: str) -> str:
    """As the documentation says anybody can compute it."""
    digest = hashlib.sha256()
    with connection.cursor().copy(f"COPY (SELECT * FROM {table} ORDER BY {key}) TO STDOUT") as copy:
        for line in copy:
            digest.update(line)
    return digest.hexdigest()


def manifest_of(file: Path) -> dict[str, Any]:
    with tarfile.open(file) as tar:
        return json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type,no-any-return]


class Browser:
    """Keeps cookies and follows redirects."""

    def __init__(self) -> None:
        self.open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())).open

    def get(self, address: str) -> tuple[str, str]:
        with self.open(address, timeout=20) as answer:
            return answer.url, answer.read().decode()

    def send(self, address: str, page: str, **fields: str) -> tuple[str, str]:
        """The form of a page that was read before."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **fields}).encode()
        with self.open(urllib.request.Request(address, body, {"Referer": address}), timeout=20) as answer:
            return answer.url, answer.read().decode()


def sign_in_works(folder: Path) -> None:
    """With a link from the command, and with the password that was set before the backup."""
    up = Up(folder, "--no-worker")
    try:
        address = up.told("Quarterdeck runs at")
        by_link = Browser()
        where, page = by_link.get(up.told("Sign in once, within half an hour:"))
        assert "Ada Archer" in by_link.send(where, page)[1]

        browser = Browser()
        where, page = browser.get(f"{address}/projects/")
        assert "Ada Archer" not in browser.send(where, page, login=ADDRESS, password="not the password")[1]
        assert "Ada Archer" in browser.send(where, page, login=ADDRESS, password=PASSWORD)[1]
        assert "of writer" in browser.get(f"{address}/projects/?q=writer")[1]
    finally:
        up.process.send_signal(signal.SIGINT)
        up.process.wait(15)


def test_a_backup_under_eight_writers_comes_back_the_same_on_an_empty_folder(
    organisation: str, tmp_path: Path, empty_folder: Path
) -> None:
    file = tmp_path / "drill.backup"
    took, before, after = backed_up(file)
    assert command("backup", "--check", str(file), environ=alone_in(Path("/nowhere"))).returncode == exits.DONE

    drill(file, empty_folder, took)

    settings = config.read({"QUARTERDECK_DATA": str(empty_folder)})
    with embedded.server(settings) as urls, psycopg.connect(urls.app) as connection:
        assert before <= written(connection) <= after
        said = manifest_of(file)["tables"]
        for table, key in (("core_ledgerentry", "id"), ("projects_projectevent", "pgh_id"), ("core_person", "id")):
            assert hash_by_hand(connection, table, key) == said[table]["sha256"]
        for forbidden in (
            "UPDATE core_ledgerentry SET entry = ''",
            "DELETE FROM core_ledgerentry",
            "UPDATE projects_projectevent SET version = 0",
            "TRUNCATE projects_projectevent",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(forbidden)
    assert settings.secret_key == config.read(os.environ).secret_key
    sign_in_works(empty_folder)
    assert facts(quarterdeck(empty_folder, "ledger", "verify", "--json"))["problems"] == []

    again = quarterdeck(empty_folder, "restore", str(file))
    assert (again.returncode, "not empty" in again.stderr) == (exits.REFUSED, True)


def sealed(body: bytes) -> bytes:
    return body + f"quarterdeck-sha256 {hashlib.sha256(body).hexdigest()}\n".encode()


def of_release(file: bytes, release: str) -> bytes:
    """The same backup as another release would have written it, whole and with the right last line."""
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(file)) as old, tarfile.open(fileobj=out, mode="w") as new:
        for member in old:
            data = old.extractfile(member).read()  # type: ignore[union-attr]
            if member.name in ("quarterdeck-backup.json", "manifest.json"):
                data = json.dumps(json.loads(data) | {"release": release}).encode()
                member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return sealed(out.getvalue())


def test_a_file_that_is_cut_changed_or_of_a_newer_release_is_refused(
    committed: str, tmp_path: Path, empty_folder: Path
) -> None:
    make.organisation()
    good = tmp_path / "good.backup"
    assert command("backup", str(good)).returncode == exits.DONE
    whole = good.read_bytes()
    changed = bytearray(whole)
    changed[len(whole) // 2] ^= 1
    for spoiled, code in (
        (whole[: len(whole) * 2 // 3], "cut_off"),
        (bytes(changed), "changed"),
        (of_release(whole, "99.0.0"), "newer_backup"),
    ):
        file = tmp_path / f"{code}.backup"
        file.write_bytes(spoiled)
        done = quarterdeck(empty_folder, "restore", str(file), "--json")
        assert (done.returncode, facts(done)["error"]["code"]) == (exits.REFUSED, code)
        assert not (empty_folder / "postgres").exists()

    file = tmp_path / "same.backup"
    file.write_bytes(of_release(whole, "0.1.0"))
    assert quarterdeck(empty_folder, "restore", str(file)).returncode == exits.DONE


def test_the_check_finds_a_backup_taken_without_one_snapshot(
    committed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.organisation()
    projects.add_portfolio(make.admin(), name="Writing", ref="WRITE", currency="EUR", now=timezone.now())
    monkeypatch.setattr(taking, "ISOLATION", IsolationLevel.READ_COMMITTED)
    url = os.environ["QUARTERDECK_OWNER_DATABASE_URL"]

    def pause(line: str) -> None:
        time.sleep(0.05)

    with writers(), (tmp_path / "mutant.backup").open("wb") as out:
        backups.take(url, out, beside=backups.Beside("", {}), tell=pause)

    assert backups.check(tmp_path / "mutant.backup", tell=lambda line: None).ledger_problems


MULTIPLY = """
    INSERT INTO projects_projectevent ({columns})
    SELECT {columns} FROM projects_projectevent, generate_series(1, %s)
"""


@pytest.mark.nightly
def test_a_large_backup_under_eight_writers_comes_back_the_same(
    organisation: str, owner: psycopg.Connection[Any], tmp_path: Path, empty_folder: Path
) -> None:
    """Some 350,000 versions and 8,000 entries of the ledger."""
    columns = ", ".join(
        name
        for (name,) in owner.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'projects_projectevent'::regclass AND attnum > 0"
            " AND NOT attisdropped AND attname <> 'pgh_id'"
        )
    )
    rows = owner.execute("SELECT count(*) FROM projects_projectevent").fetchone()
    assert rows is not None
    owner.execute(MULTIPLY.format(columns=columns), [350_000 // rows[0]])
    actor = access.actor_of_account(Account.objects.get(email=ADDRESS), now=timezone.now())
    with transaction.atomic():
        for number in range(8_000):
            ledger.record(actor, "core.test.counted", on=None, at=timezone.now(), number=number)
    file = tmp_path / "large.backup"

    took, before, after = backed_up(file)
    drill(file, empty_folder, took)

    assert took["data_bytes"] > 200e6
    settings = config.read({"QUARTERDECK_DATA": str(empty_folder)})
    with embedded.server(settings) as urls, psycopg.connect(urls.app) as connection:
        assert before <= written(connection) <= after
    sign_in_works(empty_folder)
