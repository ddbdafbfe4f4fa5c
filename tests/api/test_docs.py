"""What describes the interface: it is valid, complete, for those who are known, and its examples work as they stand."""

import re
import shlex
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from quarterdeck.core.access import actor_of_account
from quarterdeck.core.api.book import chapters
from quarterdeck.core.api.docs import things_of
from quarterdeck.core.api.interface import description
from quarterdeck.core.services import accounts
from quarterdeck.core.tests import make as core
from quarterdeck.projects.tests import make
from quarterdeck.site.api import INTERFACE
from tests.access.api import OPERATIONS
from tests.api.make import Programme, programme_of
from tests.api.world import World

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# Words are set right by who said them.
NOT_DONE = {"api_comment_patch": 403}


def browser() -> Client:
    client = Client()
    client.force_login(core.account(), backend=BACKEND)
    return client


def test_the_description_is_openapi_3_1() -> None:
    found = description(INTERFACE)

    assert found["openapi"].startswith("3.1")
    OPENAPI_31_VALIDATOR.validate(found)
    with pytest.raises(Exception, match="required property"):
        OPENAPI_31_VALIDATOR.validate({**found, "info": {}})


def test_every_reference_of_the_description_leads_somewhere() -> None:
    found = description(INTERFACE)

    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            return own + [each for value in part.values() for each in references(value)]
        return [each for value in part for each in references(value)] if isinstance(part, list) else []

    for reference in references(found):
        place: Any = found
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_who_signed_in_or_has_a_token_reads_the_description_and_nobody_else() -> None:
    assert Client().get("/api/v1/openapi.json").status_code == 401
    assert Client().get("/api/v1/docs").status_code == 302
    assert programme_of(None, "read").get("/openapi.json").json() == description(INTERFACE)
    client = browser()
    assert client.get("/api/v1/openapi.json").json()["info"]["title"] == "Quarterdeck"
    assert client.get("/api/v1/docs").status_code == 200


def test_the_page_tells_of_every_operation_and_is_found_from_the_tokens() -> None:
    client = browser()

    page = client.get("/api/v1/docs").content.decode()

    assert sorted(re.findall(r'<details class="qd-card qd-operation" id="(\w+)"', page)) == sorted(OPERATIONS)
    assert 'href="/api/v1/docs"' in client.get("/account/tokens/").content.decode()
    linked = set(re.findall(r'href="#([\w-]+)"', page))
    assert linked <= set(re.findall(r'id="([\w-]+)"', page))


def test_the_examples_name_what_the_reader_sees() -> None:
    secret = make.portfolio("Merger", ref="MERGER", confidential=True)
    reader = core.person("Otto Outside")
    named = things_of(actor_of_account(core.account(reader), now=make.MONDAY))

    assert secret.ref not in named.values()
    assert "project" not in named


def test_every_example_works_as_it_stands(world: World) -> None:
    account = accounts.first_administrator()
    programme = world.programmes["administrator"]
    things = things_of(actor_of_account(account, now=make.MONDAY))
    wrong = []
    for chapter in chapters(INTERFACE, {**things, "job": world.own["job"], "import": world.own["import"]}):
        for operation in chapter.operations:
            with transaction.atomic():
                answer = run(programme, operation.example)
                transaction.set_rollback(True)
            if answer.status_code != NOT_DONE.get(operation.name, int(operation.status)):
                wrong.append((operation.name, answer.status_code, operation.example, answer.content[:200]))
    assert wrong == [], "\n".join(map(str, wrong))


def run(programme: Programme, example: str) -> Any:
    """What a shell and curl would ask; the variables of the page are filled in."""
    etag = ""
    if example.startswith("ETAG="):
        first, _line, example = example.partition("\n")
        etag = asked(programme, first.removeprefix("ETAG=$(").removesuffix(")"), etag).headers["ETag"]
    return asked(programme, example, etag)


def asked(programme: Programme, command: str, etag: str) -> Any:
    words = shlex.split(command.replace("\\\n", " ").replace("$(date +%s)-$RANDOM", "1795600000-4711"))
    assert words.pop(0) == "curl"
    method, headers, body, url = "", {}, None, ""
    while words:
        word = words.pop(0)
        if word == "-H":
            name, _colon, text = words.pop(0).partition(": ")
            headers[name] = text.replace("$ETAG", etag)
        elif word == "-X":
            method = words.pop(0)
        elif word == "-d":
            body = words.pop(0)
        elif word in {"-so", "-w"}:
            words.pop(0)
        elif word != "-OJ":
            url = word.removeprefix("$QUARTERDECK/api/v1")
    assert headers.pop("Authorization") == "Bearer $TOKEN"
    if body is None and not method:
        return programme.get(url, **headers)
    return programme.send(method or "POST", url, body, **{"Content-Type": "application/octet-stream", **headers})
