"""
The test suite's database: one hurried embedded server a run, one database a worker, cloned from a migrated template.

Tests connect as the application's own role, so that what it may not do fails here too.
"""

import gc
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import django
import django.conf
import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from quarterdeck.site import embedded

# The same examples in every run of the commit set, so that a push fails by its own fault only; others at night.
settings.register_profile("commit", derandomize=True)
settings.register_profile("nightly", settings.get_profile("default"))

ROOT = Path(__file__).parent
REAL_DATA = ROOT.parent / "shared" / "data"
TEMPLATE = "quarterdeck"
_server = ExitStack()


def _named(url: str, database: str) -> str:
    return re.sub(r"/[^/?]*(\?|$)", rf"/{database}\1", url, count=1) if "@/" in url else _renamed(url, database)


def _renamed(url: str, database: str) -> str:
    head, _, tail = url.partition("?")
    return head.rsplit("/", 1)[0] + f"/{database}" + (f"?{tail}" if tail else "")


def pytest_configure(config: pytest.Config) -> None:
    """The controller starts the server and migrates the template; workers inherit the addresses."""
    settings.load_profile("nightly" if config.getoption("markexpr", "") == "nightly" else "commit")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker:
        urls = _server.enter_context(embedded.test_server())
        os.environ["QD_TEST_APP"], os.environ["QD_TEST_OWNER"] = urls.app, urls.owner
        os.environ["QUARTERDECK_SECRET_KEY"] = "a-key-for-tests-" + "k7Qz" * 12
        os.environ["QUARTERDECK_BASE_URL"] = "http://localhost:8000"
        os.environ["QUARTERDECK_HOSTS"] = "localhost,127.0.0.1,testserver"
        # Tests take out more lists in an hour than people do; those of the limits set their own.
        os.environ["QUARTERDECK_EXPORTS_PER_HOUR"] = os.environ["QUARTERDECK_IMPORTS_PER_HOUR"] = "1000000"
        os.environ["QUARTERDECK_DATA"] = _server.enter_context(_folder())
        migrated = subprocess.run(
            [sys.executable, "-m", "quarterdeck", "migrate"],
            env=os.environ | {"QUARTERDECK_DATABASE_URL": urls.app, "QUARTERDECK_OWNER_DATABASE_URL": urls.owner},
            capture_output=True,
            text=True,
            check=False,
        )
        if migrated.returncode:
            _server.close()
            raise pytest.UsageError(f"The template database was not migrated:\n{migrated.stdout}{migrated.stderr}")
        if config.getoption("dist", "no") != "no":
            # Only workers run tests. Settings in this process's environment would reach them before their own.
            return
    name = f"test_{worker or 'main'}"
    create_database(name)
    use_database_in_environment(name)
    os.environ["DJANGO_SETTINGS_MODULE"] = "quarterdeck.site.settings"
    django.setup()
    # A sign-in costs a quarter of a second on purpose; thousands of them would be most of a run.
    django.conf.settings.PASSWORD_HASHERS = ["tests.hurried.HurriedHasher"]


def pytest_collection_finish(session: pytest.Session) -> None:
    """
    What was loaded and collected stays for good: as in a web process, the collector need not walk it again and again.

    Groups of xdist were lost in silence once: a module's tests ran on two workers, each without the other's.
    """
    gc.collect()
    gc.freeze()
    if session.config.getoption("dist", "no") != "loadgroup" or not os.environ.get("PYTEST_XDIST_WORKER"):
        return
    for item in session.items:
        if item.get_closest_marker("xdist_group") and "@" not in item.nodeid:
            raise pytest.UsageError(f"This pytest and this pytest-xdist do not keep groups together: {item.nodeid}")


def _folder() -> Any:
    from tempfile import TemporaryDirectory

    return TemporaryDirectory(prefix="quarterdeck-data-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """The controller ends the server."""
    if not os.environ.get("PYTEST_XDIST_WORKER"):
        _server.close()


def use_database_in_environment(name: str) -> None:
    """Address of a test database for this process and those it starts."""
    os.environ["QUARTERDECK_DATABASE_URL"] = _named(os.environ["QD_TEST_APP"], name)
    os.environ["QUARTERDECK_OWNER_DATABASE_URL"] = _named(os.environ["QD_TEST_OWNER"], name)


def _maintenance() -> psycopg.Connection[Any]:
    return psycopg.connect(_named(os.environ["QD_TEST_OWNER"], "postgres"), autocommit=True)


def create_database(name: str, of: str = TEMPLATE) -> None:
    """A clone of the migrated template or of another database. Another worker may be cloning it at the same moment."""
    drop_database(name)
    clone = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(of))
    for attempt in range(50):
        try:
            with _maintenance() as connection:
                connection.execute(clone)
        except psycopg.errors.ObjectInUse:
            if attempt == 49:
                raise
            time.sleep(0.1)
        else:
            return


def drop_database(name: str) -> None:
    """
    Gone, whoever was connected.

    The owner may end sessions of its own role and no others: neither one of the application's role, which stays for a
    moment after its process closed it, nor the server's vacuum. Without force the server ends its vacuum itself, and
    waits five seconds for sessions that are about to end; longer only where the machine is very busy.
    """
    drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    with _maintenance() as connection:
        for how in (" WITH (FORCE)", "", "", ""):
            with suppress(psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
                connection.execute(drop + sql.SQL(how))
                return
        connection.execute(drop)


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """The database exists already and is not made by Django."""


@pytest.fixture
def committed(django_db_blocker: Any, request: pytest.FixtureRequest) -> Iterator[str]:
    """
    A database of this test's own, in which transactions really commit; gives its name.

    For concurrency, crashes and whatever happens at commit. Processes that are started find it in the environment.
    """
    from django.db import connections

    if request.node.get_closest_marker("django_db"):
        raise pytest.UsageError("A test with a database of its own is not marked django_db.")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"own_{worker}"
    create_database(name)
    kept = {key: os.environ[key] for key in ("QUARTERDECK_DATABASE_URL", "QUARTERDECK_OWNER_DATABASE_URL")}
    use_database_in_environment(name)
    connection = connections["default"]
    connection.close()
    before = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = name
    with django_db_blocker.unblock():
        try:
            yield name
        finally:
            connection.close()
            connection.settings_dict["NAME"] = before
            os.environ.update(kept)
            drop_database(name)


@pytest.fixture
def owner(committed: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the test's own database as the role that owns it."""
    with psycopg.connect(_named(os.environ["QD_TEST_OWNER"], committed), autocommit=True) as connection:
        yield connection
