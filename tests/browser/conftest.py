"""A running installation with the demo organisation, and a browser that the system has."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
# The database of the demo organisation, once it is built: each module takes a copy of it.
_demo: list[str] = []
FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def browser_path() -> str | None:
    """Chromium or Chrome of the system; Playwright's own is used when neither is there."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if found := shutil.which(name):
            return found
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Everything in this folder drives a browser, one after another in one worker.

    First of all, for xdist reads the groups in this very hook and would not see them.
    """
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The browser; skips with the way to get one where there is none."""
    from playwright.sync_api import Error, sync_playwright

    # Playwright keeps an event loop in this thread; the tests' own database calls between its steps are plain ones.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
        try:
            browser = playwright.chromium.launch(executable_path=browser_path(), args=flags)
        except Error:
            pytest.skip("Browser paths were skipped: no Chromium here. Debian and Ubuntu: apt install chromium.")
        yield browser
        browser.close()
    # Its loop ends with the module: tests that fork must not find Django thinking that it runs inside one.
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Installation:
    """Web and worker of a database of their own."""

    def __init__(self, name: str, url: str) -> None:
        self.name, self.url = name, url

    def link(self, email: str = "") -> str:
        """A sign-in link for an address; the first administrator's without one."""
        from django.utils import timezone

        from quarterdeck.core.models import Account
        from quarterdeck.core.services import accounts

        account = Account.objects.get(email=email) if email else accounts.first_administrator()
        return self.url + accounts.sign_in_link(account, now=timezone.now())

    def sign_in(self, page: Any, email: str = "") -> None:
        """Through a link; afterwards the page is the first one inside. A click alone does not wait for it."""
        page.goto(self.link(email))
        with page.expect_navigation():
            page.click("main form button")


@pytest.fixture(scope="module")
def running(
    django_db_blocker: Any, chromium: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Installation]]:
    """
    Starts an installation, with the demo or without; everything ends with the module.

    worker: with somebody who does the queued jobs.
    """
    from django.db import connections
    from django.utils import timezone

    from conftest import create_database, drop_database, use_database_in_environment
    from quarterdeck.core import access
    from quarterdeck.core.services import accounts
    from quarterdeck.site.demo.build import build

    started: list[subprocess.Popen[bytes]] = []
    log = (tmp_path_factory.mktemp("installation") / "log").open("w")
    name = f"browser_{WORKER}"
    kept = {key: os.environ[key] for key in ("QUARTERDECK_DATABASE_URL", "QUARTERDECK_OWNER_DATABASE_URL")}
    connection = connections["default"]
    connection.close()
    before = connection.settings_dict["NAME"]

    def found(database: str, *, demo: bool) -> None:
        create_database(database)
        use_database_in_environment(database)
        connection.settings_dict["NAME"] = database
        now = timezone.now()
        accounts.found_organisation(
            name="My organisation", admin_name="Ada Archer", admin_email="ada@norhaven.example", now=now
        )
        if demo:
            build(access.actor_of_account(accounts.first_administrator(), now=now), now=now, seed=2026)
            # What is copied from may have nobody connected.
            connection.close()

    def start(demo: bool, *, worker: bool = False) -> Installation:
        if demo:
            if not _demo:
                found(f"demo_{WORKER}", demo=True)
                _demo.append(f"demo_{WORKER}")
            create_database(name, of=_demo[0])
            use_database_in_environment(name)
            connection.settings_dict["NAME"] = name
        else:
            found(name, demo=False)
        port = free_port()
        environment = os.environ | {
            "QUARTERDECK_PORT": str(port),
            "QUARTERDECK_BASE_URL": f"http://localhost:{port}",
            "QUARTERDECK_WEB_PROCESSES": "1",
            # The tests' database is a hurried one; elsewhere that refuses to start.
            "QUARTERDECK_DEMO": "1",
        }
        started.extend(
            subprocess.Popen(
                [sys.executable, "-m", "quarterdeck", part], env=environment, cwd=ROOT, stdout=log, stderr=log
            )
            for part in (("web", "worker") if worker else ("web",))
        )
        wait_for(f"http://localhost:{port}/health/ready")
        return Installation(name, f"http://localhost:{port}")

    with django_db_blocker.unblock():
        try:
            yield start
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(timeout=20)
            log.close()
            connection.close()
            connection.settings_dict["NAME"] = before
            os.environ.update(kept)
            drop_database(name)


@pytest.fixture(scope="module")
def demo(running: Callable[..., Installation]) -> Installation:
    """The demo, a copy for each module."""
    return running(True)


@pytest.fixture(scope="module")
def signed_in(demo: Installation, chromium: Any) -> Any:
    """Cookies of the demo's administrator, who signed in before there was a second step."""
    context = chromium.new_context()
    page = context.new_page()
    demo.sign_in(page)
    found = context.storage_state()
    context.close()
    return found


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for(url: str) -> None:
    for _attempt in range(600):
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.1)
    raise AssertionError(f"{url} did not answer in a minute.")


@pytest.fixture
def at_size(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Opens a page at a width and in a theme; afterwards asserts that scripts ran clean and nothing went outside."""
    contexts: list[Any] = []
    trouble: list[str] = []

    def open_page(
        width: int = 1440, theme: str = "light", *, script: bool = True, base: str = "", touch: bool = False
    ) -> Any:
        height = 844 if width < 768 else 900
        context = chromium.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=script, locale="en-GB", has_touch=touch
        )
        contexts.append(context)
        page = context.new_page()
        if base:
            context.add_cookies([{"name": "qd_theme", "value": theme, "url": base}])
        page.on("pageerror", lambda problem: trouble.append(f"script: {problem}"))
        page.on(
            "console",
            lambda said: (
                trouble.append(f"console: {said.text}")
                if said.type in {"error", "warning"} and "422" not in said.text and "404" not in said.text
                else None
            ),
        )
        page.on(
            "request",
            lambda asked: (
                trouble.append(f"outside: {asked.url}")
                if not asked.url.startswith(("http://localhost", "data:", "blob:"))
                else None
            ),
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert trouble == []


@pytest.fixture(scope="session")
def axe_script() -> str:
    """axe-core, from the front end's own packages."""
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
