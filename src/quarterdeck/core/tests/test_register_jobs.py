"""Long work: one's own with everything, others' for administrators without what it is about."""

import csv
import io

import pytest
from django.test import Client

from quarterdeck.core import access
from quarterdeck.core.models import Account, Job, Person
from quarterdeck.core.tests import make

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend=BACKEND)
    return client


def job_of(person: Person, label: str) -> Job:
    return Job.objects.create(
        kind="exchange.import", label=label, person=person, message=f"{label} is done.", created_at=make.MONDAY
    )


def rows(client: Client, query: str = "") -> list[dict[str, str]]:
    content = client.get(f"/jobs/?format=csv&columns=what,kind,state,result,who,report{query}").content
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.fixture
def nora() -> Person:
    make.organisation()
    return make.person("Nora")


def test_everybody_sees_their_own(nora: Person) -> None:
    job_of(nora, "Import roads.csv")
    other = make.person("Otto")
    job_of(other, "Import rail.csv")
    found = rows(client_of(make.account(nora)))
    assert [(row["What"], row["Who"], row["Result"]) for row in found] == [
        ("Import roads.csv", "Nora", "Import roads.csv is done.")
    ]
    page = client_of(make.account(other)).get("/jobs/")
    assert b"Import rail.csv" in page.content
    assert b"roads" not in page.content
    assert b"Everybody" not in page.content


def test_an_administrator_sees_that_others_work_but_not_on_what(nora: Person) -> None:
    job_of(nora, "Import merger.csv")
    client = client_of(Account.objects.get(person_id=make.admin().person_id))
    assert rows(client) == []
    found = rows(client, "&whose=everybody")
    assert [(row["What"], row["Kind"], row["Who"], row["Result"]) for row in found] == [
        ("", "Import of a register", "Nora", "")
    ]
    assert b"merger" not in client.get("/jobs/?whose=everybody").content
    assert rows(client, "&whose=everybody&q=merger") == []
    assert [row["Who"] for row in rows(client, "&whose=everybody&q=nora")] == ["Nora"]


@pytest.mark.parametrize("role", ["", "viewer", "project_manager", "auditor"])
def test_who_does_not_run_the_installation_cannot_ask_for_everybodys(nora: Person, role: str) -> None:
    job_of(nora, "Import roads.csv")
    reader = make.person()
    if role:
        make.grant(reader, role, make.top())
    client = client_of(make.account(reader))
    assert client.get("/jobs/?whose=everybody").status_code == 400
    assert rows(client) == []


def test_an_administrator_of_a_part_does_not_see_the_work_of_everybody(nora: Person) -> None:
    job_of(nora, "Import roads.csv")
    reader = make.person()
    make.grant(reader, "administrator", make.unit("Works"))
    assert access.actor_of(reader, now=make.MONDAY).grants
    assert client_of(make.account(reader)).get("/jobs/?whose=everybody").status_code == 400
