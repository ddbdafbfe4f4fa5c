"""One folder with a PostgreSQL server's files: made, started, stopped."""

import hashlib
import json
import os
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from quarterdeck.site.config import hand_over, keep_secret
from quarterdeck.site.embedded.account import Account, account_for, name_of
from quarterdeck.site.embedded.errors import EmbeddedError
from quarterdeck.site.embedded.locks import closed, lock
from quarterdeck.site.embedded.programs import VERSION, binary, environment, run_as, runs_postgres

DATABASE = "quarterdeck"
SUPERUSER, OWNER, APP = "postgres", "quarterdeck_owner", "quarterdeck_app"
SOCKET = ".s.PGSQL.5432"
NEAR_ROOT = Path("/tmp")  # noqa: S108 - short; what lies there is checked before it is used
LONGEST_SOCKET_PATH = 103  # macOS; Linux takes four bytes more
START_SECONDS, STOP_SECONDS = (60.0, 15.0)  # a start may have to replay the log after a crash
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


# Servers this process started, to be waited for when they end.
STARTED: dict[int, subprocess.Popen[bytes]] = {}


class Urls(NamedTuple):
    app: str  # the application's role: no superuser, owns nothing
    owner: str  # owns the database and may create others; migrations and tests


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
        return NEAR_ROOT / f"quarterdeck-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:20]}"

    def urls(self) -> Urls:
        return Urls(self.url(APP), self.url(OWNER))

    def url(self, role: str, database: str = DATABASE) -> str:
        host = quote(str(self.sockets), safe="")
        return f"postgresql://{role}:{self.passwords()[role]}@/{database}?host={host}"

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
        self.refuse_other_version()
        account = account_for(self.data, binary("postgres", self.version()))
        self.forget_dead_server()
        self.open_sockets(account)
        cut_log(self.log)
        with open(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
            hand_over(self.log)
            server = subprocess.Popen(
                [
                    *account.before(ends_with_us=not self.durable),
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
                **account.popen(),
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
                    self.close_sockets()
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
        try:
            return (self.data / "PG_VERSION").read_text().strip()
        except PermissionError:
            raise EmbeddedError(closed(self.data)) from None

    def refuse_other_version(self) -> None:
        if not binary("postgres", self.version()).exists():
            raise EmbeddedError(
                f"The database in {self.data} is PostgreSQL {self.version()}, this package brings {VERSION}. Start the "
                "release of Quarterdeck that made it, dump it with pg_dump, and load the dump into a new data folder."
            )

    def forget_dead_server(self) -> None:
        """
        The lock is ours, so no server of ours lives. What remains is one that somebody started by hand.

        PostgreSQL itself would take any living process with the dead one's number for a server.
        """
        pid = self.pid()
        if pid in STARTED:
            STARTED.pop(pid).wait()
        elif pid is not None and pid != os.getpid() and runs_postgres(pid):
            raise EmbeddedError(
                f"Another PostgreSQL (process {pid}) already runs on {self.data}. Stop it, then start again."
            )
        for left in (self.data / "postmaster.pid", self.sockets / f"{SOCKET}.lock", self.sockets / SOCKET):
            left.unlink(missing_ok=True)

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
                    f"{folder} is not a folder that only {name_of(account.uid)} can use. Delete it, then start again."
                ) from None

    def close_sockets(self) -> None:
        """What lies outside the data folder goes when the server does."""
        if self.sockets.parent == NEAR_ROOT:
            with suppress(OSError):
                self.sockets.rmdir()

    def make(self) -> None:
        """A new cluster appears under its name only once it is complete."""
        passwords = self.passwords()
        new = self.folder / "postgres.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        account = account_for(new, binary("postgres"))
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
        run_as(account, "postgres", "--single", "-j", "-D", str(new), "postgres", text=first_words(passwords))
        (new / "pg_hba.conf").write_text("local all all scram-sha-256\n")
        new.rename(self.data)


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


def quoted(path: Path) -> str:
    doubled = str(path).replace('"', '""')
    return f'"{doubled}"'


def end(pid: int, request: signal.Signals) -> None:
    try:
        os.kill(pid, request)
    except ProcessLookupError:
        pass
    except PermissionError:
        raise EmbeddedError(
            f"The embedded database runs as another account (process {pid}); root can stop it."
        ) from None


def cut_log(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_BYTES_KEPT:
        log.replace(log.with_suffix(".log.1"))


def last_words(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines[-20:] if "FATAL" in line or "PANIC" in line or "ERROR" in line]
    return (telling or lines or ["it says nothing"])[-1]
