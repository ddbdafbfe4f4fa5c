"""What a load balancer asks is answered truly."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from quarterdeck.site import health


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    health.CAUGHT_UP.clear()
    yield
    health.CAUGHT_UP.clear()


def ask(path: str) -> tuple[int, dict[str, str]]:
    def elsewhere(request: HttpRequest) -> HttpResponse:
        return HttpResponse("a page", status=418)

    response = health.first(elsewhere)(RequestFactory().get(path, headers={"Host": "10.1.2.3"}))
    assert isinstance(response, HttpResponse)
    return response.status_code, json.loads(response.content)


def test_a_process_lives_without_asking_the_database() -> None:
    assert ask("/health/live") == (200, {"status": "live"})


@pytest.mark.django_db
def test_it_is_ready_when_the_database_answers_and_is_up_to_date() -> None:
    assert ask("/health/ready") == (200, {"status": "ready"})


def test_it_is_not_ready_while_a_migration_waits(committed: str, owner: psycopg.Connection[Any]) -> None:
    owner.execute("DELETE FROM django_migrations WHERE app = 'exchange'")

    assert ask("/health/ready") == (
        503,
        {"status": "not ready", "reason": "The database lacks 1 of this release's migrations."},
    )


def test_it_is_ready_once_the_migration_is_there(committed: str, owner: psycopg.Connection[Any]) -> None:
    owner.execute("CREATE TABLE kept AS SELECT * FROM django_migrations WHERE app = 'exchange'")
    owner.execute("DELETE FROM django_migrations WHERE app = 'exchange'")
    assert ask("/health/ready")[0] == 503

    owner.execute("INSERT INTO django_migrations SELECT * FROM kept")
    assert ask("/health/ready")[0] == 200


def test_it_is_not_ready_while_the_database_is_away(committed: str) -> None:
    there = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nowhere"
    try:
        assert ask("/health/ready") == (503, {"status": "not ready", "reason": "The database does not answer."})
    finally:
        connection.close()
        connection.settings_dict["HOST"] = there


def test_it_is_not_ready_while_the_database_can_only_be_read(committed: str, owner: psycopg.Connection[Any]) -> None:
    owner.execute(f"ALTER DATABASE {committed} SET default_transaction_read_only = on")  # type: ignore[call-overload]
    connection.close()

    assert ask("/health/ready") == (503, {"status": "not ready", "reason": "The database can only be read."})


def test_other_addresses_go_on() -> None:
    passed = health.first(lambda request: HttpResponse("a page"))(RequestFactory().get("/health/"))

    assert isinstance(passed, HttpResponse)
    assert passed.content == b"a page"
