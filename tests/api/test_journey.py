"""What a user of the interface does, from the token to its end, each answer as the description promises it."""

from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from quarterdeck.core import access
from quarterdeck.core.models import Account, ApiToken, IdempotencyKey, LedgerEntry, RateCounter, Role
from quarterdeck.core.services import attachments, idempotency
from quarterdeck.core.tests import make as core
from quarterdeck.core.web import sessions
from quarterdeck.projects.models import Portfolio, Project
from quarterdeck.projects.tests import make
from tests.api.make import Programme, programme_of, token
from tests.api.test_operations import is_problem

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def lead() -> Account:
    """Somebody who runs the portfolio Roads."""
    make.portfolio("Roads", ref="ROADS")
    person = core.person("Lena Lead")
    core.grant(person, "pmo_lead", core.top())
    return core.account(person)


def token_of_the_page(account: Account) -> tuple[Client, str]:
    """A browser that just signed in, and the text of the token that it made."""
    browser = Client()
    browser.force_login(account, backend=BACKEND)
    session = browser.session
    session[sessions.CONFIRMED] = timezone.now().timestamp()
    session.save()
    page = browser.post("/account/tokens/", {"name": "Nightly report", "scopes": "read write", "days": 30})
    assert page.status_code == 200
    return browser, unescape(page.content.decode().partition('id="token-text">')[2].partition("<")[0])


def test_a_programme_is_let_in_writes_reads_and_is_shut_out(lead: Account) -> None:
    browser, text = token_of_the_page(lead)
    programme = Programme(text)
    kept = ApiToken.objects.get()
    assert text not in str(ApiToken.objects.values().get())

    # A project is made once, however often it is asked for.
    body = {"portfolio": "ROADS", "name": "Harbour bridge", "approved_budget": "1250000.50", "stage": "planning"}
    made = programme.post("/projects", body, key="harbour-bridge-1")
    again = programme.post("/projects", body, key="harbour-bridge-1")
    assert (made.status_code, again.status_code) == (201, 201)
    assert (again.content, dict(again.headers) | OWN) == (made.content, dict(made.headers) | OWN)
    assert Project.objects.count() == 1
    is_problem(programme.post("/projects", body | {"name": "Other"}, key="harbour-bridge-1"), 422, "key_used_before")
    path = made.headers["Location"].removeprefix("/api/v1")

    # It is read with its state, and changed by who knows the state.
    read = programme.get(path)
    assert read.headers["ETag"] == made.headers["ETag"]
    assert programme.get(path, if_none_match=read.headers["ETag"]).status_code == 304
    changed = programme.patch(path, {"stage": "executing"}, if_match=read.headers["ETag"])
    assert (changed.status_code, changed.json()["stage"]) == (200, "executing")
    is_problem(programme.patch(path, {"stage": "closed"}, if_match=read.headers["ETag"]), 412, "changed_meanwhile")
    is_problem(programme.patch(path, {"stage": "closed"}), 428, "if_match_needed")
    assert programme.get(f"{path}?fields=name,stage").json() == {"name": "Harbour bridge", "stage": "executing"}

    # What was done is in the ledger, in the name of who made the token.
    last = LedgerEntry.objects.order_by("-pk").first()
    assert last is not None
    assert (last.event, last.actor_id) == ("projects.project.changed", lead.person_id)

    # Revoked on the page, it is over with the next request.
    browser.post(f"/account/tokens/{kept.uid}/revoke/")
    is_problem(programme.get(path), 401, "no_valid_token")
    is_problem(programme.post("/projects", body, key="harbour-bridge-1"), 401, "no_valid_token")


# What is new in each answer, whatever it tells.
OWN = {"X-Request-ID": "", "Server-Timing": "", "Date": ""}


def test_a_list_is_read_to_its_end_while_things_are_added(lead: Account) -> None:
    refs = [make.project(roads(), f"Project {number:02}").ref for number in range(23)]
    programme = Programme(token(lead))

    found, cursor, pages = [], "", 0
    while True:
        answer = programme.get(f"/projects?sort=ref&fields=ref&limit=5{cursor}").json()
        found += [row["ref"] for row in answer["items"]]
        pages += 1
        if pages == 2:
            make.project(roads(), "Latecomer")
        if answer["next"] is None:
            break
        cursor = f"&cursor={answer['next']}"

    assert found[:23] == refs
    assert len(found) == len(set(found)) == 24
    assert pages == 5


def roads() -> Any:
    return Portfolio.objects.select_related("node").get()


def test_every_read_takes_the_day_and_every_list_is_there() -> None:
    programme = programme_of()
    schema = programme.get("/openapi.json").json()
    lists = {"projects", "programmes", "portfolios", "people", "units", "holdings", "imports", "jobs", "ledger"}
    assert {f"/api/v1/{name}" for name in lists} <= schema["paths"].keys()
    for name in lists:
        today = programme.get(f"/{name}").json()
        assert {"items", "next"} <= today.keys(), name
        assert programme.get(f"/{name}?as_of=2026-01-01&known_at=2026-01-01T12:00:00Z").status_code == 200, name
    past = {
        path
        for path, methods in schema["paths"].items()
        if "get" in methods and "as_of" in {each["name"] for each in methods["get"]["parameters"]}
    }
    read = {path for path, methods in schema["paths"].items() if "get" in methods}
    assert read - past == {"/api/v1/ledger/export"}


def test_known_at_leaves_out_what_was_recorded_later() -> None:
    portfolio = make.portfolio("Roads", ref="ROADS", effective_on=date(2026, 1, 1))
    made = make.recorded(portfolio, date(2026, 1, 31)).project
    programme = programme_of()
    path = f"/projects/{made.ref}"

    assert programme.get(f"{path}?as_of=2026-02-01").status_code == 200
    is_problem(programme.get(f"{path}?as_of=2026-02-01&known_at=2026-02-01T00:00:00Z"), 404, "not_found")
    assert programme.get("/projects?known_at=2026-02-01T00:00:00Z").json()["items"] == []


def test_the_first_call_beyond_600_a_minute_waits() -> None:
    programme = programme_of()
    assert programme.get("/units").status_code == 200
    used = RateCounter.objects.get(key=f"api:{ApiToken.objects.get().pk}")
    RateCounter.objects.filter(pk=used.pk).update(count=599)

    answers = [programme.get("/units") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]
    is_problem(answers[1], 429, "too_many")
    assert 1 <= int(answers[1].headers["Retry-After"]) <= 60


def test_a_key_is_kept_for_a_day_and_its_answer_with_it(lead: Account) -> None:
    programme = Programme(token(lead))
    body = {"portfolio": "ROADS", "name": "Harbour bridge"}
    programme.post("/projects", body, key="harbour-bridge-1")
    now = timezone.now()

    idempotency.forget(now=now + timedelta(hours=24))
    assert IdempotencyKey.objects.count() == 1
    assert programme.post("/projects", body, key="harbour-bridge-1").status_code == 201
    assert Project.objects.count() == 1
    idempotency.forget(now=now + timedelta(hours=49))
    assert IdempotencyKey.objects.count() == 0


def test_a_key_is_one_of_an_account(lead: Account) -> None:
    other = programme_of()
    body = {"portfolio": "ROADS", "name": "Harbour bridge"}

    answers = [each.post("/projects", body, key="harbour-bridge-1") for each in (Programme(token(lead)), other)]

    assert answers[0].json()["ref"] != answers[1].json()["ref"]


def test_a_role_that_asks_for_a_second_factor_opens_nothing_without_one(lead: Account) -> None:
    programme = Programme(token(lead))
    assert programme.get("/projects").status_code == 200

    Role.objects.filter(code="pmo_lead").update(needs_second_factor=True)

    is_problem(programme.get("/projects"), 401, "no_valid_token")


def test_what_hangs_on_a_project_is_listed_fetched_linked_and_removed(lead: Account) -> None:
    project = make.project(roads(), "Harbour bridge")
    actor = access.actor_of_account(lead, now=timezone.now())
    bytes_sent = b"Piles first.\x00\xff"
    file = attachments.add_attachment(
        actor, "project", project.ref, name="plan Ä.bin", chunks=[bytes_sent], now=timezone.now()
    )
    programme = Programme(token(lead))
    path = f"/projects/{project.ref}"

    listed = programme.get(f"{path}/attachments").json()["items"]
    assert [(row["uid"], row["name"], row["size"]) for row in listed] == [(str(file.uid), "plan Ä.bin", 14)]
    content = programme.get(f"/attachments/{file.uid}/content")
    assert b"".join(content.streaming_content) == bytes_sent
    assert content.headers["Content-Disposition"].startswith("attachment")
    assert programme.post(f"/attachments/{file.uid}/remove").json()["removed_at"] is not None
    assert programme.get(f"/attachments/{file.uid}/content").status_code == 404
    assert programme.get(f"{path}/attachments").json() == {"items": []}
    assert programme.post(f"/attachments/{file.uid}/bring-back").json()["removed_at"] is None

    linked = programme.post(f"{path}/documents", {"title": "Case", "address": "https://documents.example.org/case"})
    assert linked.status_code == 201
    refused = programme.post(f"{path}/documents", {"title": "Case", "address": "javascript:alert(1)"})
    is_problem(refused, 422, "no_such_address")
    own = linked.headers["Location"].removeprefix("/api/v1")
    assert programme.get(own).json() == linked.json()
    assert programme.post(f"{own}/remove").json()["removed_at"] is not None
    assert programme.get(f"{path}/documents").json() == {"items": []}


def test_the_search_finds_what_its_reader_sees(lead: Account) -> None:
    project = make.project(roads(), "Harbour bridge")
    programme, outsider = Programme(token(lead)), programme_of(core.person("Otto Outside"))

    found = programme.get("/search?q=bri%20HARB").json()["groups"]

    assert [(group["kind"], group["count"]) for group in found] == [("project", 1)]
    assert found[0]["items"][0] | {"text": ""} == {
        "key": project.ref,
        "ref": project.ref,
        "title": "Harbour bridge",
        "text": "",
        "page": f"/projects/{project.ref}/",
    }
    assert outsider.get("/search?q=harbour").json() == {"groups": []}
    assert programme.get("/search?q=harbour&kind=project&first=1").json()["groups"][0]["items"] == []
    for wrong in ("", "?q=", "?q=a&kind=secret", "?q=a&limit=0", "?q=a&limit=51", "?q=a&first=1", "?q=a&limit=²"):
        assert programme.get(f"/search{wrong}").status_code == 400, wrong
