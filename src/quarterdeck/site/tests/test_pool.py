"""Few connections serve many people: threads share them, and no request needs two at once."""

import http.cookiejar
import os
import re
import shutil
import signal
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from quarterdeck.site import boot, config
from quarterdeck.site.config import ConfigError
from quarterdeck.site.embedded.cluster import Cluster
from quarterdeck.site.tests.running import Up

PAGES = ("/people/", "/roles/", "/units/", "/projects/")


@pytest.fixture
def one_connection(founded: Path) -> Iterator[Up]:
    folder = founded.with_name(f"{founded.name}-pool-{os.getpid()}")
    subprocess.run(["cp", "-a", str(founded), str(folder)], check=True)
    up = Up(folder, "--no-worker", QUARTERDECK_DATABASE_POOL="1", QUARTERDECK_WEB_THREADS="6")
    yield up
    up.process.send_signal(signal.SIGINT)
    up.process.wait(15)
    Cluster(folder).stop()
    shutil.rmtree(folder)


def signed_in(link: str) -> str:
    """The cookies of a session."""
    jar = http.cookiejar.CookieJar()
    opened = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar)).open
    with opened(link, timeout=20) as answer:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.read().decode())
        assert token is not None
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1]}).encode()
        opened(urllib.request.Request(answer.url, body, {"Referer": answer.url}), timeout=20).close()
    return "; ".join(f"{each.name}={each.value}" for each in jar)


def test_six_threads_answer_with_one_connection(one_connection: Up) -> None:
    address = one_connection.told("Quarterdeck runs at")
    cookies = signed_in(one_connection.told("Sign in once, within half an hour:"))

    def ask(path: str) -> int:
        with urllib.request.urlopen(
            urllib.request.Request(address + path, headers={"Cookie": cookies}), timeout=30
        ) as answer:
            return int(answer.status)

    with ThreadPoolExecutor(12) as together:
        statuses = list(together.map(ask, PAGES * 6))

    assert statuses == [200] * 24


@pytest.mark.parametrize("value", ["0", "100", "many", "-1", "External"])
def test_a_pool_is_a_number_or_a_pooler_outside(tmp_path: Path, value: str) -> None:
    assert config.read({"QUARTERDECK_DATA": str(tmp_path), "QUARTERDECK_DATABASE_POOL": "12"}).database_pool == "12"
    with pytest.raises(ConfigError, match="a number from 1 to 99 or the word external is needed"):
        config.read({"QUARTERDECK_DATA": str(tmp_path), "QUARTERDECK_DATABASE_POOL": value})


def test_behind_a_pooler_the_role_carries_the_limits(committed: str, owner: psycopg.Connection[Any]) -> None:
    def codes() -> list[str]:
        with psycopg.connect(os.environ["QUARTERDECK_DATABASE_URL"]) as connection:
            return [problem.code for problem in boot.database_problems(connection.cursor(), demo=True, pooled=True)]

    assert codes() == ["no_statement_timeout", "no_lock_timeout"]

    for limit in ("statement_timeout = '30s'", "lock_timeout = '5s'"):
        owner.execute(f"ALTER DATABASE {committed} SET {limit}")  # type: ignore[call-overload]

    assert codes() == []


def test_a_database_that_only_reads_serves_nobody(committed: str, owner: psycopg.Connection[Any]) -> None:
    owner.execute(f"ALTER DATABASE {committed} SET default_transaction_read_only = on")  # type: ignore[call-overload]

    with psycopg.connect(os.environ["QUARTERDECK_DATABASE_URL"]) as connection:
        problems = boot.database_problems(connection.cursor(), demo=True)

    assert [problem.code for problem in problems] == ["read_only"]
