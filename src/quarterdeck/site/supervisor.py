"""Everything in one command: the database, the web and one job worker, kept running until somebody stops it."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quarterdeck.site import boot, embedded
from quarterdeck.site import config as configuration
from quarterdeck.site.config import Config
from quarterdeck.site.embedded.locks import lock
from quarterdeck.site.ports import free_port, reachable

READY_SECONDS = 60.0
STOP_SECONDS = 4.0  # for each of web and worker; the database then has two
LOOK_EVERY = 0.1  # seconds
LOOK_AT_DATABASE_EVERY = 1.0
FAILURES = 5  # of one process, each within CALM_SECONDS of its start, before everything stops
CALM_SECONDS = 30.0
LONGEST_PAUSE = 8.0


class AlreadyRunningError(Exception):
    """Somebody else's `up` holds the data folder."""


class BrokenError(Exception):
    """A process does not stay up; the text says which."""


class StopRequested(BaseException):
    """Somebody asked to stop."""


@dataclass
class Child:
    """A process of ours, started again when it dies."""

    name: str  # of the command, too
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started: float = 0.0
    due: float = 0.0

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            python(self.name),
            env=os.environ | {"QUARTERDECK_PROCESS": self.name, "QUARTERDECK_PARENT": str(os.getpid())},
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal is for us; we stop them in order
        )

    def look_after(self, tell: Callable[[str], None]) -> None:
        """Start it again when it died, later each time; a process that cannot stay up stops everything."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        self.end_group()
        self.process = None
        self.failures = 1 if now - self.started > CALM_SECONDS else self.failures + 1
        if self.failures >= FAILURES:
            raise BrokenError(
                f"The {self.name} process ended {self.failures} times in a row (code {code}), so all is stopped."
            )
        pause = min(LONGEST_PAUSE, 0.5 * 2 ** (self.failures - 1))
        self.due = now + pause
        tell(f"The {self.name} process ended (code {code}) and starts again in {pause:g} s.")

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        self.end_group()
        self.process.wait()
        self.process = None

    def end_group(self) -> None:
        """Whatever it started and left behind."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


def up(*, works: bool, opens: Callable[[str], object] | None) -> None:
    """
    Run until SIGINT or SIGTERM, with the settings of the environment.

    Parameters
    ----------
    works : a job worker runs beside the web.
    opens : called with the sign-in link once people can come.
    """
    config = configuration.load()
    boot.refuse_unfit_settings(config)
    with only_one(config) as told, stopping_on_signals():
        os.environ["QUARTERDECK_PORT"] = str(free_port(config.host, config.port))
        config = configuration.read(os.environ)
        told.write_text(json.dumps({"address": config.base_url}))
        with embedded.server(config):
            run(config, works=works, opens=opens)


def run(config: Config, *, works: bool, opens: Callable[[str], object] | None) -> None:
    children = [Child("web")]
    try:
        # The web loads while the database is prepared, and is not ready before that; the worker waits for both.
        children[0].start()
        link = prepared()["sign_in_link"]
        wait_until_ready(config, children)
        if works:
            children.append(Child("worker"))
            children[-1].start()
        say(f"\nQuarterdeck runs at {config.base_url}")
        say(f"Sign in once, within half an hour: {link}")
        say("Ctrl-C stops it.\n")
        if opens is not None:
            opens(link)
        looked = time.monotonic()
        while True:
            time.sleep(LOOK_EVERY)
            if time.monotonic() - looked > LOOK_AT_DATABASE_EVERY:
                embedded.keep_running(config)
                looked = time.monotonic()
            for child in children:
                child.look_after(say)
    except StopRequested:
        say("Stopping …")
    finally:
        for child in children:
            child.stop()


def prepared() -> dict[str, Any]:
    """The database is up to date, an organisation and its administrator exist, and here is the administrator's link."""
    done = subprocess.run(python("init", "--json"), stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode < 0:
        raise StopRequested
    facts: dict[str, Any] = json.loads(done.stdout) if done.stdout.strip() else {}
    if done.returncode:
        raise BrokenError(facts.get("error", {}).get("message") or "The database could not be prepared.")
    return facts


def wait_until_ready(config: Config, children: list[Child]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if is_ready(config):
            return
        for child in children:
            if child.process is not None and child.process.poll() is not None:
                raise BrokenError(f"The {child.name} process does not start; the lines above say why.")
        time.sleep(0.05)
    raise BrokenError("The web process does not answer; the lines above say why.")


def is_ready(config: Config) -> bool:
    connection = http.client.HTTPConnection(reachable(config.host), config.port, timeout=5)
    try:
        connection.request("GET", "/health/ready", headers={"Host": config.hosts[0]})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def only_one(config: Config) -> Iterator[Path]:
    """Holds the data folder; the file says who does. Two at once would stop each other's database."""
    guard = config.data_folder / "up.lock"
    held = lock(guard)
    if held is None:
        try:
            address = json.loads(guard.with_suffix(".json").read_text())["address"]
        except (OSError, ValueError, KeyError):
            address = config.base_url
        raise AlreadyRunningError(f"Quarterdeck is already running from {config.data_folder} at {address}.")
    mine = guard.with_suffix(".json")
    try:
        yield mine
    finally:
        mine.unlink(missing_ok=True)
        os.close(held)


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """SIGINT, SIGTERM and a closed terminal end what runs inside, in order; a second one changes nothing."""
    asked = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup sets it
        asked.append(signal.SIGHUP)

    def stop(number: int, frame: object) -> None:
        for each in asked:
            signal.signal(each, signal.SIG_IGN)
        raise StopRequested

    before = {each: signal.signal(each, stop) for each in asked}
    try:
        yield
    except StopRequested:
        pass
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def python(*words: str) -> list[str]:
    return [sys.executable, "-m", "quarterdeck", *words]


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
