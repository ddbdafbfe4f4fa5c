"""What holds for every operation: problems, fields, the past, ETags, and what is not plain JSON."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from quarterdeck.core.models import LedgerEntry
from quarterdeck.core.tests import make as core
from quarterdeck.projects import services
from quarterdeck.projects.models import Project
from quarterdeck.projects.tests import make
from tests.api.make import Programme, programme_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make.project(name="Tariff engine")


@pytest.fixture
def programme(project: Project) -> Programme:
    return programme_of()


def is_problem(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    said = answer.json()
    assert (said["status"], said["code"], said["type"]) == (status, code, "about:blank")
    assert said["title"]
    assert said["detail"]


def test_a_project_is_read_with_a_token(project: Project, programme: Programme) -> None:
    answer = programme.get(f"/projects/{project.ref}")

    assert answer.status_code == 200
    said = answer.json()
    assert (said["ref"], said["name"], said["approved_budget"], said["sponsor"]) == (
        project.ref,
        "Tariff engine",
        None,
        None,
    )
    assert said["page"] == f"/projects/{project.ref}/"


@pytest.mark.parametrize(
    "sent",
    ["", "Bearer", "Bearer ", "Bearer qd_wrong", "Basic YWRhOmFkYQ==", "Token qd_wrong", "Bearer qd_" + "x" * 500],
)
def test_without_a_token_that_opens_something_nothing_is_said(project: Project, sent: str) -> None:
    ask = {"headers": {"Authorization": sent}} if sent else {}
    for path in (f"/projects/{project.ref}", "/projects/ZZZ-1", "/nowhere"):
        answer = Client().get(f"/api/v1{path}", **ask)
        is_problem(answer, 401, "no_valid_token")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_session_of_a_browser_does_not_open_the_interface(project: Project) -> None:
    browser = Client()
    browser.force_login(core.account(), backend="allauth.account.auth_backends.AuthenticationBackend")

    is_problem(browser.get(f"/api/v1/projects/{project.ref}"), 401, "no_valid_token")


def test_a_token_that_reads_does_not_write(project: Project) -> None:
    reader = programme_of(None, "read")

    is_problem(reader.post("/projects", {"portfolio": project.portfolio.ref, "name": "More"}), 403, "scope_missing")
    is_problem(reader.patch(f"/projects/{project.ref}", {}, if_match="*"), 403, "scope_missing")
    assert Project.objects.count() == 1


def test_every_error_is_a_problem(project: Project, programme: Programme) -> None:
    path = f"/projects/{project.ref}"
    is_problem(programme.get("/nowhere"), 404, "not_found")
    is_problem(programme.get("/projects/ZZZ-1"), 404, "not_found")
    is_problem(programme.get(f"{path}/"), 404, "not_found")
    is_problem(programme.get(f"{path}?x=%00"), 400, "wrong_request")
    is_problem(programme.get(f"{path}?colour=red"), 400, "unknown_parameter")
    is_problem(programme.send("PUT", path, {}), 405, "wrong_method")
    is_problem(programme.post("/projects", "{}", content_type="text/plain"), 415, "not_json")
    is_problem(programme.post("/projects", "{}" + " " * 1024 * 1024), 413, "too_large")
    is_problem(programme.post("/projects", {}), 422, "wrong_body")
    is_problem(programme.send("POST", "/projects", {"portfolio": "P1", "name": "x"}), 400, "idempotency_key_needed")
    is_problem(programme.patch(path, {"name": "Other"}), 428, "if_match_needed")
    is_problem(programme.patch(path, {"name": "Other"}, if_match='"old"'), 412, "changed_meanwhile")


def test_a_fault_of_ours_is_a_problem_too(
    project: Project, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_arguments: object) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr("quarterdeck.projects.queries.project", fails)
    answer = programme.get(f"/projects/{project.ref}")

    is_problem(answer, 500, "failed")
    assert "secret" not in answer.content.decode()
    assert answer.headers["X-Request-ID"] in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nothing",
        b'{"name": NaN}',
        b'{"novelty": 1e999}',
        b'{"novelty": ' + b"9" * 5000 + b"}",
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b'{"name": "A", "name": "B"}',
        b'{"name": "\xff\xfe"}',
        '{"name": "x"}'.encode("utf-16"),
        b'{"portfolio": "P1", "name": "\\ud800"}',
        b'{"portfolio": "P1", "name": "a\\u0000b"}',
        b'{"portfolio": "P1", "name": "   "}',
        b"[]",
        b"null",
        b'"P1"',
    ],
)
def test_what_is_no_plain_json_is_refused(programme: Programme, body: bytes) -> None:
    answer = programme.post("/projects", body)

    assert answer.status_code in {400, 422}
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert Project.objects.count() == 1


def test_a_change_needs_the_state_it_was_made_for(project: Project, programme: Programme) -> None:
    path = f"/projects/{project.ref}"
    before = programme.get(path).headers["ETag"]

    changed = programme.patch(path, {"name": "Tariffs", "approved_budget": "1250000.50"}, if_match=before)
    late = programme.patch(path, {"name": "Engine"}, if_match=before)

    assert changed.status_code == 200
    assert (changed.json()["name"], changed.json()["approved_budget"]) == ("Tariffs", "1250000.5")
    assert changed.headers["ETag"] != before
    assert programme.get(path).headers["ETag"] == changed.headers["ETag"]
    is_problem(late, 412, "changed_meanwhile")
    assert programme.get(path).json()["name"] == "Tariffs"


def test_an_etag_changes_with_who_is_sponsor(project: Project, programme: Programme) -> None:
    path = f"/projects/{project.ref}"
    before = programme.get(path).headers["ETag"]
    person = core.person("Ned Name")

    named = programme.post(f"{path}/holders", {"part": "sponsor", "person": str(person.uid)})

    assert named.status_code == 201
    answer = programme.get(path)
    assert answer.json()["sponsor"] == {"uid": str(person.uid), "name": "Ned Name"}
    assert answer.headers["ETag"] != before


def test_an_etag_that_holds_spares_the_answer(project: Project, programme: Programme) -> None:
    path = f"/projects/{project.ref}"
    known = programme.get(path).headers["ETag"]

    answer = programme.get(path, if_none_match=f'"other", {known}')

    assert (answer.status_code, answer.content) == (304, b"")
    assert programme.get(path, if_none_match='"other"').status_code == 200


def test_fields_are_chosen_from_those_there_are(project: Project, programme: Programme) -> None:
    path = f"/projects/{project.ref}"

    assert programme.get(f"{path}?fields=name,ref").json() == {"ref": project.ref, "name": "Tariff engine"}
    for strange in ("node__name", "name,assignee__password", "", "name,", "__class__", "name--", "*", "Name"):
        is_problem(programme.get(f"{path}?fields={strange}"), 400, "unknown_field")


def test_the_past_is_read_and_not_written(programme: Programme) -> None:
    portfolio = make.portfolio("Roads", ref="ROADS", effective_on=date(2026, 1, 1))
    made = make.recorded(portfolio, date(2026, 1, 31), name="Old name").project
    services.change_project(core.admin(), made, {}, name="New name", now=make.MONDAY)
    path = f"/projects/{made.ref}"

    then = programme.get(f"{path}?as_of=2026-02-01")

    assert (then.status_code, then.json()["name"]) == (200, "Old name")
    assert programme.get(path).json()["name"] == "New name"
    is_problem(programme.get(f"{path}?as_of=2025-02-01"), 404, "not_found")
    is_problem(programme.get(f"{path}?as_of=yesterday"), 400, "no_such_day")
    is_problem(programme.get(f"{path}?as_of=2999-01-01"), 400, "day_ahead")
    is_problem(programme.get(f"{path}?known_at=soon"), 400, "no_such_day")
    is_problem(programme.patch(f"{path}?as_of=2026-02-01", {}, if_match="*"), 400, "unknown_parameter")


def test_a_refusal_of_a_service_names_the_field(project: Project, programme: Programme) -> None:
    body = {"portfolio": project.portfolio.ref, "name": "More", "actual_start": "2026-05-01"}

    answer = programme.post("/projects", body | {"actual_finish": "2026-04-01"})
    unknown = programme.post("/projects", body | {"portfolio": "ZZZ"})

    is_problem(answer, 422, "dates_out_of_order")
    assert list(answer.json()["fields"]) == ["actual_finish"]
    is_problem(unknown, 422, "not_found")
    assert list(unknown.json()["fields"]) == ["portfolio"]
    assert not LedgerEntry.objects.filter(event="projects.project.added").exclude(subject_id=project.pk).exists()


def test_a_token_that_asks_too_often_waits(project: Project, settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 3
    programme, other = programme_of(), programme_of()

    answers = [programme.get(f"/projects/{project.ref}") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    is_problem(answers[3], 429, "too_many")
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 60
    assert other.get(f"/projects/{project.ref}").status_code == 200
