"""
The interface against its own description: what no sensible programme sends, and what any may.

Each operation is tried with examples made from the description, good ones and bad ones. No failure of ours, no answer
that the description does not know, nothing without a token, and a token that is none opens nothing. With `-m nightly` a
hundred examples each, and chains of calls in which one names what another made.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as tried
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from quarterdeck.core.api.interface import description
from quarterdeck.site.api import INTERFACE
from tests.api.world import World

pytestmark = pytest.mark.django_db

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    missing_required_header,
    unsupported_method,
    ignored_auth,
]
CONFIG = {
    # 428 is what a change without If-Match is answered with.
    "checks": {"missing_required_header": {"expected-statuses": ["400", "401", "428"]}},
    # Tokens are sent by us, and a parameter without a value is not sent at all; what nobody declared has its own test.
    "generation": {"with-security-parameters": False, "allow-extra-parameters": False},
}
KINDS = {
    "people": "person",
    "units": "unit",
    "portfolios": "portfolio",
    "programmes": "programme",
    "attachments": "file",
}
GOOD, BAD = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE


@pytest.fixture
def operations(settings: Any) -> Iterator[list[Any]]:
    """Every operation of the description, asked in this process and over the connection of the test."""
    settings.API_CALLS_PER_MINUTE = 10_000_000
    settings.HOURLY = type(settings.HOURLY)(exports=10_000_000, imports=10_000_000)
    schema = schemathesis.openapi.from_dict(description(INTERFACE), config=SchemathesisConfig.from_dict(CONFIG))
    schema.app = WSGIHandler()
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield [found.ok() for found in schema.get_all_operations()]
    for signal in signals:
        signal.connect(close_old_connections)


def cases(operation: Any, world: World) -> "st.SearchStrategy[Any]":
    """Good examples about things that are there and about any, and bad ones."""
    real = real_path(operation.path, world)
    there = [operation.as_strategy(generation_mode=GOOD, path_parameters=real)] if real else []
    return st.one_of(*there, operation.as_strategy(generation_mode=GOOD), operation.as_strategy(generation_mode=BAD))


def real_path(path: str, world: World) -> dict[str, str]:
    """What the address names, as it is there."""
    steps = path.removeprefix("/api/v1/").split("/")
    kind = KINDS.get(steps[0], steps[0].removesuffix("s"))
    if steps[0] == "{kinds}":
        return {"kinds": "projects", "key": world.own["project"]}
    return {step.strip("{}"): world.own[kind] for step in steps if step.startswith("{")}


def name_real_things(case: Any, world: World) -> None:
    """In every second good body let references be some that exist, and let a change be made to what is there."""
    if case.meta is None or not case.meta.generation.mode.is_positive or len(repr(case.body)) % 2:
        return
    for name in case.body if isinstance(case.body, dict) else ():
        if name in world.own and isinstance(case.body[name], str):
            case.body[name] = world.own[name]
    if "If-Match" in (case.headers or {}):
        case.headers["If-Match"] = "*"


def try_all(operations: list[Any], world: World, examples: int, **more: Any) -> None:
    sent = world.programmes["administrator"].headers
    faults: dict[str, str] = {}
    asked: dict[str, Any] = {}
    for operation in operations:

        @tried(
            max_examples=examples,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
            database=None,
            **more,
        )
        @given(case=cases(operation, world))
        def run(case: Any) -> None:
            name_real_things(case, world)
            asked[operation.label] = case  # noqa: B023 - called before the next one
            with transaction.atomic():
                case.call_and_validate(headers=sent, checks=CHECKS)
                transaction.set_rollback(True)

        try:
            run()
        except BaseExceptionGroup as several:
            told = [*map(str, several.exceptions), asked[operation.label].as_curl_command()]
            faults[operation.label] = "\n".join(told)
        except Exception as fault:
            faults[operation.label] = f"{fault}\n{asked[operation.label].as_curl_command()}"
    assert faults == {}, "\n\n".join(f"{label}\n{text}" for label, text in faults.items())


def test_the_interface_does_what_its_description_says(operations: list[Any], world: World) -> None:
    try_all(operations, world, 8, derandomize=True)


@pytest.mark.nightly
def test_the_interface_does_what_its_description_says_at_length(operations: list[Any], world: World) -> None:
    try_all(operations, world, 100)
