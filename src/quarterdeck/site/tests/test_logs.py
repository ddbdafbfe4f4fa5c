"""Each line belongs to its request, is one line, and gives no secret away."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from quarterdeck.site import config, logs

CANARY = "canary-7f3a-" + "Qz81" * 12


class Written:
    """A logger of its own, set up as the application's are."""

    def __init__(self, folder: Path, form: str) -> None:
        settings = config.read(
            {
                "QUARTERDECK_DATA": str(folder),
                "QUARTERDECK_SECRET_KEY": CANARY,
                "QUARTERDECK_DATABASE_URL": "postgresql://app:canary%2Dpassword@db/q",
                "QUARTERDECK_LOG_FORMAT": form,
            }
        )
        plan = logs.configuration(settings)
        self.stream = io.StringIO()
        plan["handlers"]["lines"]["stream"] = self.stream
        plan["loggers"] = {"quarterdeck": {"handlers": ["lines"], "level": "INFO", "propagate": False}}
        del plan["root"]
        logging.config.dictConfig(plan)
        self.log = logging.getLogger("quarterdeck.tried")

    def lines(self) -> list[str]:
        return self.stream.getvalue().splitlines()

    def facts(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines()]


@pytest.fixture(params=["text", "json"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Written]:
    yield from written(tmp_path, request.param)


@pytest.fixture
def text(tmp_path: Path) -> Iterator[Written]:
    yield from written(tmp_path, "text")


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Written]:
    yield from written(tmp_path, "json")


def written(folder: Path, form: str) -> Iterator[Written]:
    yield Written(folder, form)
    own = logging.getLogger("quarterdeck")
    own.handlers, own.propagate = [], True


def test_what_a_person_typed_cannot_start_a_line(either: Written) -> None:
    either.log.info("Named %s", "x\r\n2026-01-01 INFO forged\u2028\x1b[2J\x85")

    assert len(either.lines()) == 1
    assert "\x1b" not in either.stream.getvalue()


def test_no_secret_is_written(either: Written) -> None:
    try:
        raise ValueError(f"cannot sign with {CANARY}")
    except ValueError:
        url = "postgresql://app:canary%2Dpassword@db/q"
        either.log.exception("Failed with %s", "canary-password", extra={"url": url})

    assert "Failed with" in either.stream.getvalue()
    assert "canary" not in either.stream.getvalue()


def test_a_traceback_stays_behind_a_bar(text: Written) -> None:
    try:
        raise ValueError("one\ntwo")
    except ValueError:
        text.log.exception("Failed")

    first, *rest = text.lines()
    assert first.endswith("quarterdeck.tried: Failed")
    assert rest[0] == "  | Traceback (most recent call last):"
    assert rest[-2:] == ["  | ValueError: one", "  | two"]


def test_a_machine_reads_facts(machine: Written) -> None:
    machine.log.warning("Late by %d", 3, extra={"project": "PRJ-0042"})

    (line,) = machine.facts()
    assert line["message"] == "Late by 3"
    assert line["project"] == "PRJ-0042"
    assert line["level"] == "WARNING"
    assert line["logger"] == "quarterdeck.tried"
    assert line["time"].endswith("+00:00")


def test_time_never_runs_backwards(machine: Written) -> None:
    told = {"name": "quarterdeck.tried", "levelno": logging.INFO, "levelname": "INFO"}
    later = logging.makeLogRecord(told | {"msg": "later", "created": 4_000_000_000.0})
    earlier = logging.makeLogRecord(told | {"msg": "earlier", "created": 3_999_996_400.0})
    before = logs.Line.latest
    try:
        machine.log.handle(later)
        machine.log.handle(earlier)
    finally:
        logs.Line.latest = before

    assert [line["time"] for line in machine.facts()] == ["2096-10-02T07:06:40.000+00:00"] * 2


def answered(path: str, **headers: str) -> HttpResponse:
    def view(request: Any) -> HttpResponse:
        logging.getLogger("quarterdeck.tried").info("within")
        return HttpResponse(request.request_id)

    response = logs.requests(view)(RequestFactory().get(path, headers=headers))
    assert isinstance(response, HttpResponse)
    return response


def test_lines_of_a_request_carry_its_number(machine: Written) -> None:
    response = answered("/projects/PRJ-0042/", **{"X-Request-ID": "trace-12345678"})

    within, own = machine.facts()
    assert response["X-Request-ID"] == "trace-12345678"
    assert response.content == b"trace-12345678"
    assert (within["request_id"], own["request_id"]) == ("trace-12345678", "trace-12345678")
    assert (own["method"], own["path"], own["status"]) == ("GET", "/projects/PRJ-0042/", 200)


def test_a_number_somebody_made_up_badly_is_replaced(machine: Written) -> None:
    response = answered("/", **{"X-Request-ID": "x y"})

    assert len(response["X-Request-ID"]) == 16
    assert machine.facts()[1]["request_id"] == response["X-Request-ID"]


def test_a_link_that_signs_in_is_not_written(machine: Written) -> None:
    answered("/sign-in/VKz3Qw8cTqkZ0yXnB7mE4rJ1uLhGdSaPfOiN2vMx5tY/")
    answered("/people/6f1c2b34-89ab-4cde-8f01-23456789abcd/")

    paths = [line["path"] for line in machine.facts() if "path" in line]
    assert paths == ["/sign-in/•••/", "/people/6f1c2b34-89ab-4cde-8f01-23456789abcd/"]
