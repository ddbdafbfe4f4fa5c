"""
The interface against its own description: what no sensible programme sends, and what any may.

Each operation is tried with examples made from the description, good ones and bad ones. No failure of ours, no answer
that the description does not know, nothing without a token, and a token that is none opens nothing. With `-m nightly` a
hundred examples each, and chains of calls in which one names what another made.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
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

from quarterdeck.core.api.bearer import Token
from quarterdeck.core.api.book import chapters
from quarterdeck.core.api.interface import description
from quarterdeck.site.api import INTERFACE
from tests.api.world import World
from tests.proof.figures import figure

pytestmark = pytest.mark.django_db

# The last two ask again, by other means; a chain leaves them out.
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
FEW, MANY = 5, 100
GOOD, BAD = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE


@pytest.fixture
def schema(settings: Any) -> Iterator[Any]:
    """The description, whose operations are asked in this process and over the connection of the test."""
    settings.API_CALLS_PER_MINUTE = 10_000_000
    settings.HOURLY = type(settings.HOURLY)(exports=10_000_000, imports=10_000_000)
    schema: Any = schemathesis.openapi.from_dict(description(INTERFACE), config=SchemathesisConfig.from_dict(CONFIG))
    schema.app = WSGIHandler()
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield schema
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
    """Let references of a body be some that exist, and let a change be made to what is there."""
    for name in case.body if isinstance(case.body, dict) else ():
        if name in world.own and isinstance(case.body[name], str):
            case.body[name] = world.own[name]
    if "If-Match" in (case.headers or {}):
        case.headers["If-Match"] = "*"


@dataclass
class Tried:
    """What came of many calls: how many there were, how they were answered, and what was wrong by operation."""

    calls: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)


def try_all(operations: list[Any], world: World, examples: int, **more: Any) -> Tried:
    """Ask every operation with so many examples, each taken back."""
    sent = world.programmes["administrator"].headers
    found = Tried()
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
            good = case.meta is not None and case.meta.generation.mode.is_positive
            if good and len(repr(case.body)) % 2 == 0:
                name_real_things(case, world)
            asked[operation.label] = case  # noqa: B023 - called before the next one
            with transaction.atomic():
                response = case.call(headers=sent)
                found.calls += 1
                found.statuses[response.status_code] += 1
                case.validate_response(response, headers=sent, checks=CHECKS)
                transaction.set_rollback(True)

        try:
            run()
        except BaseExceptionGroup as several:
            told = [*map(str, several.exceptions), asked[operation.label].as_curl_command()]
            found.faults[operation.label] = "\n".join(told)
        except Exception as fault:
            found.faults[operation.label] = f"{fault}\n{asked[operation.label].as_curl_command()}"
    return found


def all_of(schema: Any) -> list[Any]:
    return [found.ok() for found in schema.get_all_operations()]


def hold(found: Tried, part: str) -> None:
    """Say the figures of a run, and refuse one with a fault."""
    failed = sum(count for status, count in found.statuses.items() if status >= 500)
    figure(
        "R34",
        f"{{n}} calls: {failed} answered 5xx, {len(found.faults)} operations against their description or their door",
        n=found.calls,
        part=part,
        ok=not found.faults,
    )
    assert found.faults == {}, "\n\n".join(f"{label}\n{text}" for label, text in found.faults.items())
    assert failed == 0


def test_the_interface_does_what_its_description_says(schema: Any, world: World) -> None:
    operations = all_of(schema)

    hold(try_all(operations, world, FEW, derandomize=True), f"{len(operations)} operations, {FEW} examples each")


@pytest.mark.nightly
def test_the_interface_does_what_its_description_says_at_length(schema: Any, world: World) -> None:
    operations = all_of(schema)

    hold(try_all(operations, world, MANY), f"{len(operations)} operations, {MANY} examples each")


def fails(*_arguments: object) -> None:
    raise RuntimeError("a fault")


def says_otherwise(_found: object) -> dict[str, Any]:
    return {"ref": "P-1", "version": "one"}


def lets_all_in(self: Token, request: Any) -> Any:
    return self.authenticate(request, LET_IN[0])


LET_IN: list[str] = []
MUTANTS = {
    "a failure": ("quarterdeck.projects.queries.project", fails, "server error"),
    "an answer of another shape": ("quarterdeck.projects.api.projects.project_data", says_otherwise, "schema"),
    "an answer to anybody": ("quarterdeck.core.api.bearer.Token.__call__", lets_all_in, "without"),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_what_is_wrong_is_found(mutant: str, schema: Any, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    place, changed, words = MUTANTS[mutant]
    LET_IN[:] = [world.programmes["administrator"].headers["Authorization"].removeprefix("Bearer ")]
    operation = schema["/api/v1/projects/{ref}"]["GET"]
    assert try_all([operation], world, FEW, derandomize=True).faults == {}
    monkeypatch.setattr(place, changed)

    found = try_all([operation], world, FEW, derandomize=True)

    assert words in found.faults[operation.label].lower()


NEEDED = {
    operation.name: {entry.name for entry in operation.body if entry.required}
    for chapter in chapters(INTERFACE)
    for operation in chapter.operations
}


def chains(schema: Any, world: World, found: Tried, linked: Counter[str]) -> type:
    """Calls one after another, in which each may name what an earlier one made; taken back at the end of each chain."""
    base: Any = schema.as_state_machine()

    class Chain(base):  # type: ignore[misc]
        def setup(self) -> None:
            self.undone = transaction.atomic()
            self.undone.__enter__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)
            super().teardown()

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": world.programmes["administrator"].headers}

        def step(self, input: Any) -> Any:  # noqa: A002 - named by the library
            if input.transition is None and (real := real_path(input.case.operation.path, world)):
                input.case.path_parameters.update(real)
            # Of what can be left out, much is refused together with something else: dates in the wrong order.
            if isinstance(input.case.body, dict) and len(repr(input.case.body)) % 3:
                needed = NEEDED[input.case.operation.definition.raw["operationId"]]
                input.case.body = {name: word for name, word in input.case.body.items() if name in needed}
            name_real_things(input.case, world)
            output = super().step(input)
            if input.transition is not None and input.is_applied and output.response.status_code < 300:
                linked[input.case.operation.label] += 1
            return output

        def validate_response(self, response: Any, case: Any, **more: Any) -> None:
            found.calls += 1
            found.statuses[response.status_code] += 1
            case.validate_response(response, headers=more["headers"], checks=CHECKS[:-2])

    return Chain


def try_chains(schema: Any, world: World, number: int) -> None:
    found, linked = Tried(), Counter[str]()
    chains(schema, world, found, linked).run(  # type: ignore[attr-defined]
        settings=tried(
            max_examples=number,
            stateful_step_count=8,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
            database=None,
        )
    )
    assert sum(linked.values()) >= number / 4, linked
    hold(found, f"{number} chains, {sum(linked.values())} calls on what an earlier one made")


@pytest.mark.nightly
def test_chains_of_calls_do_what_the_description_says(schema: Any, world: World) -> None:
    try_chains(schema, world, 200)
