"""Requests nobody sends by accident: odd texts, odd hosts, stolen sessions, links that lead elsewhere."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from quarterdeck.core.models import Account, LedgerEntry
from quarterdeck.core.services import accounts
from quarterdeck.core.tests import make as core
from quarterdeck.core.web.middleware import Answers
from quarterdeck.projects.tests import make

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PASSWORD = "A sentence nobody guesses 7"
LONG = "9" * 5000


def lead() -> Account:
    person = core.person("Lena Lead")
    core.grant(person, "pmo_lead", core.top())
    account = core.account(person)
    account.set_password(PASSWORD)
    account.save()
    return account


def signed_in(account: Account, **more: object) -> Client:
    client = Client(raise_request_exception=False, **more)  # type: ignore[arg-type]
    client.force_login(account, backend=BACKEND)
    return client


ODD = [
    "/projects/?q=%00", "/projects/%00/", "/portfolios/%00/", "/ledger/?q=%00", "/imports/?q=a%00", "/sign-in/%00/",
    "/organisation/?q=%00", f"/projects/?page={LONG}", f"/imports/?page={LONG}",
    f"/portfolios/IT/rows/projects/?page={LONG}", "/portfolios/IT/?compare=0001-01-01",
    "/projects/?page=%D9%A3", "/projects/?q=%ED%A0%80", "/projects/?portfolio=99999999999999999999999",
    "/projects/?as_of=0001-01-01", "/portfolios/IT/?as_of=0001-01-01&compare=none",
    "/portfolios/IT/?as_of=2026-01-01&known_at=0001-01-01T00:00:00%2B23:59",
    "/projects/N1-0001/?as_of=2026-11-01&known_at=9999-12-31T23:59:59-23:59", "/projects/?as_of=2026-02-30",
    "/projects/?as_of=%3Cscript%3E", "/portfolios/IT/?unit=%27%3B--", f"/projects/{LONG}/",
]  # fmt: skip


def test_an_odd_address_gets_an_answer_and_never_a_failure() -> None:
    make.project(make.portfolio("IT", ref="IT"))
    client = signed_in(lead())
    assert [(path[:60], status) for path in ODD if (status := client.get(path).status_code) >= 500] == []


def test_what_an_address_holds_is_never_markup_in_the_refusal() -> None:
    client = signed_in(lead())
    attack = "<img src=x onerror=alert(1)>"
    for path in (f"/projects/?{quote(attack)}=1", f"/projects/?stage={quote(attack)}", f"/projects/?q={quote(attack)}"):
        page = client.get(path).content.decode()
        assert attack not in page
        assert "&lt;img" in page


def test_a_new_password_needs_the_present_one_and_ends_every_other_session() -> None:
    account = lead()
    own, other = signed_in(account), signed_in(account)
    for present in ("", "Something else entirely 9"):
        refused = own.post("/account/", {"current": present, "password": "Another sentence of mine 8"})
        assert refused.status_code == 422
    assert other.get("/my-work/").status_code == 200

    assert own.post("/account/", {"current": PASSWORD, "password": "Another sentence of mine 8"}).status_code == 200

    assert own.get("/my-work/").status_code == 200
    assert other.get("/my-work/").status_code == 302
    assert LedgerEntry.objects.filter(event="core.password.set").count() == 1


def test_an_account_that_is_switched_off_is_out_with_the_next_request() -> None:
    account = lead()
    client = signed_in(account)
    Account.objects.filter(pk=account.pk).update(is_active=False)
    assert client.get("/my-work/").status_code == 302


def test_a_sign_in_link_works_once_by_its_button_and_only_for_half_an_hour() -> None:
    account, now = lead(), timezone.now()
    path = accounts.sign_in_link(account, now=now)
    client = Client(enforce_csrf_checks=True)
    page = client.get(path).content.decode()
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    sent = {"csrfmiddlewaretoken": token.group(1)}
    assert client.post(path, sent).headers["Location"] == "/"
    assert Client().post(path).status_code == 422

    late = accounts.sign_in_link(account, now=now - timedelta(minutes=31))
    assert Client().post(late).status_code == 422
    # Who came by a link has lost the password, so the present one is not asked for.
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get("/account/").content.decode())
    assert token
    new = {"csrfmiddlewaretoken": token.group(1), "password": "Another sentence of mine 8"}
    assert client.post("/account/", new).status_code == 200


def test_more_than_a_register_is_turned_away_before_it_is_read() -> None:
    answer = Client().generic("POST", "/imports/new/", b"x" * 100, CONTENT_LENGTH=str(22 * 1024 * 1024))
    assert answer.status_code == 413


def test_what_somebody_else_holds_too_long_is_a_refusal() -> None:
    request = RequestFactory().get("/")
    request.user = lead()
    busy = OperationalError("canceling statement due to lock timeout")
    busy.__cause__ = LockNotAvailable()
    answer = Answers(lambda _request: HttpResponse()).process_exception(request, busy)
    assert answer is not None
    assert answer.status_code == 409
    assert Answers(lambda _request: HttpResponse()).process_exception(request, OperationalError("away")) is None
