"""
Fifty people at work at once: what they wait, whether anything fails, and what a web worker weighs.

    python benchmarks/load.py [--users 50] [--seconds 60] [--projects 1000] [--workers N] [--json]

A scratch installation gets a portfolio of 1,000 projects with two snapshots, on a durable database of its own, and
`quarterdeck up` serves it with a job worker, on loopback only. Each user is a thread with a session and a connection
of their own, who asks for a page, looks at it for 2 to 8 seconds and asks for the next, in the mix below. Half of them
see everything, half one portfolio. A write opens the form of a project, types another forecast and saves it. A wait is
the time from sending a request to having all of the answer. The run ends by itself.

Wrong is: no answer, a status that the page does not have, or a saved form that is not taken. That somebody else saved
the same project meanwhile (409) is an answer, counted apart.

The users run in this process and share the machine's cores with what they measure. So the CPU they took is printed,
and what else was busy on the machine: where that is much, waits are longer than they would be.

Goals: read p95 at most 300 ms, no error, a web worker below 120 MB.
"""

import argparse
import http.client
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import scratch

from quarterdeck.site.embedded.cluster import Cluster

THINK = (2.0, 8.0)  # seconds between an answer and the next request
PATIENCE = 30.0  # seconds until no answer is an error
FORM, WRITE = "form of a project", "change a project"
# How often of a hundred requests; {ref} is any project of the portfolio, {n} a number that some of them have.
MIX = {
    "list": (20, "/projects/"),
    "list page": (6, "/projects/?page={page}"),
    "list searched": (10, "/projects/?q=number+{n}"),
    "list filtered": (8, "/projects/?confidence=R&tier=1"),
    "list as of": (3, "/projects/?as_of=2025-09-30"),
    "detail": (24, "/projects/{ref}/"),
    "history": (3, "/projects/{ref}/history/"),
    "dashboard": (12, "/portfolios/BENCH/"),
    "behind a figure": (3, "/portfolios/BENCH/rows/confidence-R/"),
    "dashboard as of": (2, "/portfolios/BENCH/?as_of=2025-09-30"),
    "export csv": (0.7, "/projects/?format=csv"),
    "export xlsx": (0.3, "/projects/?format=xlsx"),
    WRITE: (8, "/projects/{ref}/change/"),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--projects", type=int, default=1_000)
    parser.add_argument("--workers", type=int, help="web worker processes; as many as `quarterdeck up` starts itself")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with scratch.database(durable=True) as owner:
        bench = scratch.make_portfolio(arguments.projects)
        scratch.analyse(owner)
        sessions = [session_of(bench, number) for number in range(arguments.users)]
        with served(arguments.workers) as (address, web):
            figures = run(bench, sessions, address, web, arguments.seconds)
    print(json.dumps(figures)) if arguments.json else report(figures)
    return 1 if figures["errors"] else 0


def session_of(bench: scratch.Portfolio, number: int) -> str:
    """The session cookie of one more PMO lead: of the whole organisation, or of the portfolio."""
    from django.conf import settings
    from django.test import Client

    from quarterdeck.core.models import Node, Role
    from quarterdeck.core.services import accounts, roles

    person = accounts.new_person(name=f"User {number}", email=f"user{number}@bench.example", why=bench.why)
    place = bench.portfolio.node if number % 2 else Node.objects.get(kind="unit", unit__isnull=True)
    lead = Role.objects.get(code="pmo_lead")
    roles.hold(person, lead, on=place, from_on=scratch.FIRST, why=bench.why, actor=None)
    account = accounts.new_account(person, email=f"user{number}@bench.example", why=bench.why)
    client = Client()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


@contextmanager
def served(workers: int | None) -> Iterator[tuple[str, int]]:
    """`quarterdeck up` on a free port: its address, and the number of its web process."""
    settings = {"QUARTERDECK_DATA": os.environ["QUARTERDECK_DATA"]}
    if workers is not None:
        settings["QUARTERDECK_WEB_PROCESSES"] = str(workers)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QUARTERDECK_")}
    up = subprocess.Popen(
        [sys.executable, "-m", "quarterdeck", "up", "--port", "0", "--no-open"],
        env=kept | settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        assert up.stdout is not None
        told = "Quarterdeck runs at "
        line = next((line for line in up.stdout if line.startswith(told)), "")
        if not line:
            raise SystemExit("quarterdeck up did not start.")
        threading.Thread(target=up.stdout.read, daemon=True).start()
        web = next(
            pid for pid in scratch.children_of(up.pid) if b"\0web\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
        )
        yield line.removeprefix(told).strip(), web
    finally:
        up.send_signal(signal.SIGINT)
        up.wait(30)


def weight_of(pid: int) -> dict[str, float]:
    """Memory of a process in MB: resident, and with shared pages split among those who share them."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith("kB")}
    return {"pid": pid, "rss_mb": round(kilobytes["Rss"] / 1024, 1), "pss_mb": round(kilobytes["Pss"] / 1024, 1)}


class Fields(HTMLParser):
    """What the form of a page would send if nobody typed anything."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._within = False
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._within = given.get("method") == "post" and "qd-form" in given.get("class", "")
        name = given.get("name", "")
        if not self._within:
            return
        if tag == "textarea":
            self._area, self.values[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.values[self._select] = given.get("value", "")
        elif tag == "input" and name and (given.get("type") not in {"radio", "checkbox"} or "checked" in given):
            self.values[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._within = False

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data.removeprefix("\n")


@dataclass
class Told:
    """What all users met. Lists and counters take additions of several threads."""

    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    beaten: list[str] = field(default_factory=list)


class User(threading.Thread):
    """One person: pages in a random order, and time to look at each."""

    def __init__(self, number: int, session: str, address: str, refs: list[str], until: float, told: Told) -> None:
        super().__init__(name=f"user {number}", daemon=True)
        self.chance, self.refs, self.until, self.told = random.Random(number), refs, until, told
        self.cookies = {session.partition("=")[0]: session}
        where = urlsplit(address)
        self.host, self.port = where.hostname or "", where.port
        self.line: http.client.HTTPConnection | None = None

    def run(self) -> None:
        time.sleep(self.chance.uniform(0, THINK[1]))
        while time.monotonic() < self.until:
            name = self.chance.choices(list(MIX), [weight for weight, _address in MIX.values()])[0]
            address = MIX[name][1].format(
                ref=self.chance.choice(self.refs),
                n=self.chance.randrange(100),
                page=self.chance.randrange(1, max(2, len(self.refs) // 50)),
            )
            try:
                self.change(address) if name == WRITE else self.read(name, address)
            except (OSError, http.client.HTTPException) as problem:
                self.told.errors.append(f"{name}: {type(problem).__name__} {problem}")
                self.line = None
            time.sleep(self.chance.uniform(*THINK))

    def read(self, name: str, address: str) -> str:
        status, body = self.ask(name, "GET", address)
        if status != 200:
            self.told.errors.append(f"{name}: {address} answered {status}")
        return body

    def change(self, address: str) -> None:
        """Open the form, think, type another forecast, save."""
        form = Fields()
        form.feed(self.read(FORM, address))
        if "csrfmiddlewaretoken" not in form.values:
            self.told.errors.append(f"{WRITE}: {address} has no form")
            return
        time.sleep(self.chance.uniform(*THINK))
        form.values["forecast_cost"] = str(self.chance.randrange(100_000, 90_000_000))
        status, _body = self.ask(WRITE, "POST", address, urlencode(form.values))
        if status == 409:
            self.told.beaten.append(address)
        elif status != 302:
            self.told.errors.append(f"{WRITE}: {address} answered {status}")

    def ask(self, name: str, method: str, address: str, body: str | None = None) -> tuple[int, str]:
        """One request; a connection that the server closed in between is opened again, as browsers do."""
        headers = {"Cookie": "; ".join(self.cookies.values()), "Accept": "text/html"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        reused = self.line is not None
        self.line = self.line or http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        try:
            self.line.request(method, address, body, headers)
            answer = self.line.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.line = None
            if not reused:
                raise
            return self.ask(name, method, address, body)
        content = answer.read()
        self.told.waits[name].append((time.perf_counter() - began) * 1000)
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            pair = cookie.split(";")[0]
            self.cookies[pair.partition("=")[0]] = pair
        if answer.will_close:
            self.line = None
        return answer.status, content.decode(errors="replace") if name == FORM else ""


class Meter:
    """CPU that the web, the database, the users and everybody else on the machine take while this runs."""

    def __init__(self, web: int) -> None:
        server = Cluster(Path(os.environ["QUARTERDECK_DATA"])).pid()
        assert server is not None
        self.pids = {"web": web, "database": server}
        self.began, self.at_start = time.monotonic(), self._read()

    def _read(self) -> dict[str, float]:
        found = {name: scratch.cpu_of_family(pid) for name, pid in self.pids.items()}
        found["users"] = time.process_time()
        return found | {"others": scratch.busy() - sum(found.values())}

    def cores(self) -> dict[str, float]:
        """Each in cores: 1.0 is one that was busy all the time."""
        took = time.monotonic() - self.began
        return {name: round((now - self.at_start[name]) / took, 2) for name, now in self._read().items()}


def run(bench: scratch.Portfolio, sessions: list[str], address: str, web: int, seconds: float) -> dict[str, Any]:
    """Everybody works until the time is over."""
    told, before, meter, began = Told(), weights(web), Meter(web), time.monotonic()
    users = [
        User(number, session, address, bench.refs, began + seconds, told) for number, session in enumerate(sessions)
    ]
    for user in users:
        user.start()
    time.sleep(seconds)
    cores = meter.cores()
    for user in users:
        user.join(PATIENCE)
    reads = [wait for name, waits in told.waits.items() if name != WRITE for wait in waits]
    writes = told.waits.get(WRITE, [])
    for problem, times in Counter(told.errors).most_common(10):
        print(f"{times} × {problem}", file=sys.stderr)
    return {
        "users": len(users),
        "projects": len(bench.refs),
        "seconds": seconds,
        "requests": len(reads) + len(writes),
        "requests_per_second": round((len(reads) + len(writes)) / seconds, 1),
        "read_ms": waits_of(reads),
        "write_ms": waits_of(writes),
        "errors": len(told.errors),
        "saved_by_somebody_else_first": len(told.beaten),
        "pages": {name: {"requests": len(found), **waits_of(found)} for name, found in sorted(told.waits.items())},
        "web_workers_before": before,
        "web_workers": weights(web),
        "cores": cores,
    }


def weights(web: int) -> list[dict[str, float]]:
    return [weight_of(pid) for pid in scratch.family_of(web)]


def waits_of(found: list[float]) -> dict[str, float | None]:
    """Percentiles in milliseconds; None where nothing was asked."""
    if not found:
        return {"p50": None, "p95": None, "p99": None}
    cuts = statistics.quantiles(found, n=100, method="inclusive") if len(found) > 1 else [found[0]] * 99
    return {f"p{cut}": round(cuts[cut - 1], 1) for cut in (50, 95, 99)}


def report(figures: dict[str, Any]) -> None:
    """A table for people."""
    print(
        f"{figures['users']} users, {figures['projects']:,} projects, {figures['seconds']:.0f} s: "
        f"{figures['requests']} requests, {figures['requests_per_second']} a second, {figures['errors']} errors"
    )
    print(f"{'wait in ms':<20}{'requests':>10}{'p50':>9}{'p95':>9}{'p99':>9}")
    for name, waits in figures["pages"].items():
        print(f"{name:<20}{waits['requests']:>10}{waits['p50']:>9}{waits['p95']:>9}{waits['p99']:>9}")
    for name in ("read", "write"):
        waits = figures[f"{name}_ms"]
        print(f"{'every ' + name:<20}{'':>10}{waits['p50'] or '–':>9}{waits['p95'] or '–':>9}{waits['p99'] or '–':>9}")
    for worker in figures["web_workers"]:
        print(
            f"web worker {worker['pid']}: {worker['rss_mb']} MB resident, {worker['pss_mb']} MB with shared pages split"
        )
    busy = ", ".join(f"{name} {value}" for name, value in figures["cores"].items())
    print(f"busy of {os.cpu_count()} cores: {busy}")


if __name__ == "__main__":
    sys.exit(main())
