"""The organisation on pages: what each shows, refuses and writes."""

from typing import Any

import pytest
from django.test import Client

from quarterdeck.core.models import Account, Holding, Node, Person, Role
from quarterdeck.core.tests import make

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def browser(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend=BACKEND)
    return client


@pytest.fixture
def admin() -> Client:
    return browser(Account.objects.get(person_id=make.admin().person_id))


def text(answer: Any) -> str:
    return answer.content.decode()


def test_every_page_of_the_organisation_opens(admin: Client) -> None:
    unit, rosa = make.unit("Water"), make.person("Rosa Marr")
    held = make.grant(rosa, "viewer", unit)
    for path in (
        "/units/", "/units/new/", f"/units/{unit.ref}/", f"/units/{unit.ref}/change/", "/people/", "/people/new/",
        f"/people/{rosa.uid}/", f"/people/{rosa.uid}/change/", f"/people/{rosa.uid}/access/",
        f"/people/{rosa.uid}/give/", "/roles/", "/roles/new/", "/roles/viewer/", "/roles/viewer/change/",
        "/organisation/", f"/holdings/{held.uid}/", f"/people-at/unit/{unit.ref}/", f"/people-at/unit/{unit.ref}/give/",
        f"/access/unit/{unit.ref}/", f"/history/unit/{unit.ref}/", f"/history/person/{rosa.uid}/",
        "/history/role/viewer/", f"/history/holding/{held.uid}/", "/units/ORG/change/",
    ):  # fmt: skip
        answer = admin.get(path)
        assert answer.status_code == 200, path
        past = admin.get(f"{path}{'&' if '?' in path else '?'}as_of=2026-01-01")
        assert past.status_code in {200, 404}, path
