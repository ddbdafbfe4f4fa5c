"""Many projects are changed at once: seen before, each with its own right, never over another change, put back."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from quarterdeck.core import access, jobs
from quarterdeck.core.models import Job, LedgerEntry, Notification, Person
from quarterdeck.core.register import bulk, bulk_jobs
from quarterdeck.core.tests import make as core
from quarterdeck.projects import services
from quarterdeck.projects.models import Portfolio, Project
from quarterdeck.projects.registers import PROJECTS
from quarterdeck.projects.tests import make

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class Someone:
    """A person at a browser."""

    def __init__(self, role: str = "pmo_lead", *places: Any) -> None:
        self.person: Person = core.person()
        for place in places or (core.top(),):
            core.grant(self.person, role, place)
        self.client = Client()
        self.client.force_login(core.account(self.person), backend=BACKEND)

    @property
    def actor(self) -> access.Actor:
        return access.actor_of(self.person, now=make.MONDAY)

    def look(self, act: str, value: Any, keys: list[str] | None = None, **more: Any) -> Any:
        """The page that shows what would change."""
        sent = {"act": act, "value": value, "keys": keys or [], "looked": "1", "address": ""} | more
        return self.client.post("/lists/projects/bulk/", sent)

    def change(self, answer: Any) -> Any:
        return self.client.post(answer["Location"])


@pytest.fixture
def portfolio() -> Portfolio:
    """Four projects: in delivery, planned, without a stage, and one in a portfolio of its own."""
    found = make.portfolio()
    for name, facts in {
        "Tariff engine": {"stage": "executing", "confidence": "A", "approved_budget": Decimal("1000.1234")},
        "Leakage": {"stage": "planning"},
        "Storm": {"confidence": "R"},
    }.items():
        make.project(found, name, facts=facts)
    make.project(make.portfolio("Other", ref="OTHER"), "Elsewhere")
    return found


REFS = ["N1-0001", "N1-0002", "N1-0003"]


def stages() -> dict[str, str]:
    return dict(Project.objects.order_by("pk").values_list("node__name", "stage"))


def counts(page: str) -> list[str]:
    return re.findall(r'qd-figure-mid">([\d,]+)<', page)


def test_a_change_is_seen_first_then_made_then_put_back(portfolio: Portfolio) -> None:
    lead = Someone()
    looked = lead.look("stage", "executing", REFS, reason="Board of 3 Nov")
    before = stages()
    plan = lead.client.get(looked["Location"]).content.decode()
    assert counts(plan) == ["2", "0", "1"]
    assert "Change 2 of 3 projects" in plan
    assert re.search(r"Leakage.*?Planning.*?Delivery", plan, re.DOTALL)
    assert stages() == before

    changed = lead.change(looked)

    page = lead.client.get(changed["Location"]).content.decode()
    assert counts(page) == ["2", "0"]
    assert stages() == before | {"Leakage": "executing", "Storm": "executing"}
    told = LedgerEntry.objects.filter(event="projects.project.changed")
    assert {("Board of 3 Nov" in entry.entry) for entry in told} == {True}
    assert told.count() == 2

    back = lead.client.post(changed["Location"])
    assert stages() == before
    assert "Stage put back" in lead.client.get(back["Location"]).content.decode()


@pytest.mark.parametrize(
    ("act", "value", "attribute", "new"),
    [
        ("category", "Billing", "category", "Billing"),
        ("confidence", "AR", "confidence", "AR"),
        ("approach", "agile", "approach", "agile"),
        ("forecast_finish", "2027-03-01", "forecast_finish", date(2027, 3, 1)),
        ("baseline_finish", "2027-03-01", "baseline_finish", date(2027, 3, 1)),
        ("approved_budget", "12,000", "approved_budget", Decimal(12000)),
        ("benefits", "5", "benefits", Decimal(5)),
    ],
)
def test_every_fact_is_set_and_put_back_exactly(
    portfolio: Portfolio, act: str, value: str, attribute: str, new: Any
) -> None:
    lead = Someone()
    before = dict(Project.objects.values_list("node__name", attribute))
    changed = lead.change(lead.look(act, value, REFS))
    assert set(Project.objects.filter(node__ref__in=REFS).values_list(attribute, flat=True)) == {new}
    lead.client.post(changed["Location"])
    assert dict(Project.objects.values_list("node__name", attribute)) == before


def test_a_note_goes_with_the_confidence_and_is_put_back_with_it(portfolio: Portfolio) -> None:
    lead = Someone()
    changed = lead.change(lead.look("confidence", "R", REFS, note="Supplier left"))
    assert set(Project.objects.filter(node__ref__in=REFS).values_list("confidence_note", flat=True)) == {
        "Supplier left"
    }
    lead.client.post(changed["Location"])
    assert set(Project.objects.values_list("confidence_note", flat=True)) == {""}


def test_units_and_managers_are_changed_and_put_back(portfolio: Portfolio) -> None:
    lead = Someone()
    first, second = core.unit("Works"), core.unit("Depots")
    one, two = core.person("One"), core.person("Two")
    for project in Project.objects.filter(portfolio=portfolio):
        services.change_project(core.admin(), project, {}, unit=first, now=make.MONDAY)
        services.name_holder(core.admin(), project, "manager", one, now=make.MONDAY, from_on=date(2026, 1, 1))

    def units() -> set[str]:
        return set(Project.objects.filter(portfolio=portfolio).values_list("node__unit__name", flat=True))

    def managers() -> set[str]:
        held = [row.manager_name for row in PROJECTS.question(lead.actor).filter(portfolio=portfolio)]
        return set(held)

    unit = lead.change(lead.look("unit", second.pk, REFS))
    manager = lead.change(lead.look("manager", two.pk, REFS))
    assert (units(), managers()) == ({"Depots"}, {"Two"})
    lead.client.post(unit["Location"])
    lead.client.post(manager["Location"])
    assert (units(), managers()) == ({"Works"}, {"One"})


def test_why_a_fact_was_unknown_comes_back_with_it(portfolio: Portfolio) -> None:
    lead = Someone()
    project = Project.objects.get(node__ref="N1-0001")
    Project.objects.filter(pk=project.pk).update(unknown={"forecast_finish": "31 February does not exist."})
    changed = lead.change(lead.look("forecast_finish", "2027-03-01", ["N1-0001"]))
    project.refresh_from_db()
    assert project.unknown == {}
    lead.client.post(changed["Location"])
    project.refresh_from_db()
    assert (project.forecast_finish, project.unknown) == (None, {"forecast_finish": "31 February does not exist."})


def test_rights_are_those_of_each_row(portfolio: Portfolio) -> None:
    own = Project.objects.get(node__ref="N1-0002")
    boss = Someone("project_manager", own.node)
    core.grant(boss.person, "viewer", core.top())
    before = stages()
    looked = boss.look("stage", "closing", REFS)
    plan = boss.client.get(looked["Location"] + "?show=refused").content.decode()
    assert counts(plan) == ["1", "2", "0"]
    assert plan.count("not change it") == 2
    boss.change(looked)
    assert stages() == before | {"Leakage": "closing"}


def test_a_right_that_is_taken_away_between_look_and_change_counts(portfolio: Portfolio) -> None:
    lead = Someone()
    looked = lead.look("stage", "closing", REFS)
    before = stages()
    Project.objects.get(node__ref="N1-0001")
    lead.person.holdings.update(to_on=date(2021, 1, 1))
    core.grant(lead.person, "viewer", core.top())
    changed = lead.change(looked)
    assert stages() == before
    assert counts(lead.client.get(changed["Location"]).content.decode()) == ["0", "3"]


def test_what_somebody_changed_between_look_and_change_is_left_and_named(portfolio: Portfolio) -> None:
    lead = Someone()
    looked = lead.look("stage", "closing", REFS)
    project = Project.objects.get(node__ref="N1-0002")
    services.change_project(core.admin(), project, {"stage": "stopped"}, now=make.MONDAY)
    other = Project.objects.get(node__ref="N1-0003")
    services.change_project(core.admin(), other, {"category": "Billing"}, now=make.MONDAY)

    changed = lead.change(looked)

    assert stages() == {"Tariff engine": "closing", "Leakage": "stopped", "Storm": "", "Elsewhere": ""}
    page = lead.client.get(changed["Location"] + "?show=refused").content.decode()
    assert counts(page) == ["1", "2"]
    assert page.count("Somebody changed it meanwhile") == 2


def test_what_was_changed_again_is_not_put_back(portfolio: Portfolio) -> None:
    lead = Someone()
    changed = lead.change(lead.look("stage", "closing", REFS))
    project = Project.objects.get(node__ref="N1-0002")
    services.change_project(core.admin(), project, {"stage": "stopped"}, now=make.MONDAY)
    back = lead.client.post(changed["Location"])
    assert stages() == {"Tariff engine": "executing", "Leakage": "stopped", "Storm": "", "Elsewhere": ""}
    assert counts(lead.client.get(back["Location"]).content.decode()) == ["2", "1"]


def test_all_that_match_are_asked_again_with_what_the_actor_sees(portfolio: Portfolio) -> None:
    secret = make.portfolio("Merger", ref="MERGER", confidential=True)
    make.project(secret, "Takeover", facts={"confidence": "R"})
    lead = Someone()
    looked = lead.look("stage", "closing", address="confidence=R", everything="1")
    make.project(portfolio, "Came later", facts={"confidence": "R"})
    plan = lead.client.get(looked["Location"]).content.decode()
    assert counts(plan) == ["1", "0", "0"]
    assert "Takeover" not in plan
    lead.change(looked)
    found = stages()
    assert (found["Storm"], found["Takeover"], found["Came later"]) == ("closing", "", "")


def test_foreign_and_unknown_rows_are_not_among_the_selected(portfolio: Portfolio) -> None:
    secret = make.portfolio("Merger", ref="MERGER", confidential=True)
    hidden = make.project(secret, "Takeover")
    lead = Someone()
    looked = lead.look("stage", "closing", ["N1-0001", hidden.ref, "ZZZ-1", "' OR 1=1"])
    plan = lead.client.get(looked["Location"]).content.decode()
    assert counts(plan) == ["1", "0", "0"]
    assert "Takeover" not in plan
    none = lead.look("stage", "closing", [hidden.ref])
    assert (none.status_code, none["Location"]) == (302, "/projects/?")


def test_a_value_that_is_none_is_refused_before_anything_is_tried(portfolio: Portfolio) -> None:
    lead = Someone()
    answer = lead.look("approved_budget", "twelve", REFS)
    assert answer.status_code == 422
    assert "An amount is written with digits" in answer.content.decode()
    foreign = make.portfolio("Merger", ref="MERGER", confidential=True).node
    assert lead.look("unit", foreign.pk, REFS).status_code == 422
    assert lead.look("nothing", "x", REFS).status_code == 404
    assert lead.look("node", "x", REFS).status_code == 404
    assert not Job.objects.exists()


def test_the_look_leaves_no_trace(portfolio: Portfolio) -> None:
    lead = Someone()
    kept = LedgerEntry.objects.count(), list(Project.objects.order_by("pk").values_list("version", flat=True))
    lead.look("stage", "closing", REFS)
    assert (
        LedgerEntry.objects.count(),
        list(Project.objects.order_by("pk").values_list("version", flat=True)),
    ) == kept
    assert not Notification.objects.exists()


def test_a_look_and_its_result_are_for_who_made_them(portfolio: Portfolio) -> None:
    lead, other = Someone(), Someone()
    looked = lead.look("stage", "closing", REFS)
    changed = lead.change(looked)
    for address in (looked["Location"], changed["Location"]):
        assert other.client.get(address).status_code == 404
        assert other.client.post(address).status_code == 404
    assert lead.client.get(looked["Location"].rstrip("/") + "/result/").status_code == 404


def test_a_job_that_runs_again_changes_nothing_twice(portfolio: Portfolio) -> None:
    lead = Someone()
    lead.change(lead.look("stage", "closing", REFS))
    job = Job.objects.get(kind=bulk_jobs.CHANGE)
    kept = list(Project.objects.order_by("pk").values_list("version", flat=True)), job.result
    Job.objects.filter(pk=job.pk).update(state="running")
    again = jobs.run(job.pk)
    assert (list(Project.objects.order_by("pk").values_list("version", flat=True)), again.result) == kept
    assert again.state == "done"


def test_what_fails_in_the_middle_takes_all_of_it_back(portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch) -> None:
    lead = Someone()
    looked = lead.look("stage", "closing", REFS)
    before = stages()
    written = 0

    def breaks(*args: Any, **kwargs: Any) -> Any:
        nonlocal written
        written += 1
        if written == 3:
            raise RuntimeError("the disk is full")
        return services.projects.change_project(*args, **kwargs)

    monkeypatch.setattr("quarterdeck.projects.edits.services.change_project", breaks)
    lead.change(looked)
    assert stages() == before
    assert Job.objects.get(kind=bulk_jobs.CHANGE).state == "failed"


def test_more_than_a_page_may_wait_for_is_a_job_with_progress(
    portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_jobs, "AT_ONCE", 2)
    lead = Someone()
    looked = lead.look("stage", "closing", REFS)
    job = Job.objects.get()
    assert looked["Location"] == f"/jobs/{job.uid}/"
    assert lead.client.get(f"/bulk/{job.uid}/")["Location"] == f"/jobs/{job.uid}/"
    jobs.run(job.pk)
    assert lead.client.get(f"/jobs/{job.uid}/")["Location"] == f"/bulk/{job.uid}/"
    changed = lead.client.post(f"/bulk/{job.uid}/")
    assert changed["Location"].startswith("/jobs/")
    assert stages()["Leakage"] == "planning"
    jobs.run(Job.objects.get(kind=bulk_jobs.CHANGE).pk)
    assert set(Project.objects.filter(node__ref__in=REFS).values_list("stage", flat=True)) == {"closing"}


def test_progress_is_told_by_the_hundred(portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 2)
    lead = Someone()
    told: list[tuple[int, int]] = []
    ids = list(Project.objects.filter(portfolio=portfolio).values_list("pk", flat=True))
    _label, edit = bulk_jobs.edit_of(PROJECTS, "stage")
    plan = bulk.look(
        PROJECTS, lead.actor, edit, {"stage": "closing"}, ids, now=make.MONDAY, tell=lambda *each: told.append(each)
    )
    assert (len(plan.steps), told) == (3, [(2, 3), (3, 3)])


def test_in_the_past_nothing_is_changed(portfolio: Portfolio) -> None:
    lead = Someone()
    sent = {"act": "stage", "value": "closing", "keys": REFS, "looked": "1"}
    assert lead.client.post("/lists/projects/bulk/?as_of=2026-11-24", sent).status_code == 422
    assert not Job.objects.exists()


def test_the_page_between_asks_for_a_fact_and_offers_what_the_reader_may_change(portfolio: Portfolio) -> None:
    own = Project.objects.get(node__ref="N1-0002")
    boss = Someone("project_manager", own.node)
    page = boss.client.post("/lists/projects/bulk/", {"keys": ["N1-0002"], "act": ""}).content.decode()
    assert "Set stage" in page
    assert "Change manager" not in page
    form = boss.client.post("/lists/projects/bulk/", {"keys": ["N1-0002"], "act": "stage"}).content.decode()
    assert "Show what would change" in form
    assert 'name="keys" value="N1-0002"' in form
