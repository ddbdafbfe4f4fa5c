"""Requests nobody sends by accident: odd texts, odd hosts, stolen sessions, links that lead elsewhere."""

import re
from datetime import timedelta
from urllib.parse import quote, urljoin, urlsplit

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from quarterdeck.core.models import Account, LedgerEntry, OutgoingMail, RateCounter
from quarterdeck.core.services import accounts, outbox
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


def test_every_page_carries_its_own_nonce_and_all_headers() -> None:
    client = signed_in(lead())
    nonces = set()
    for number in range(20):
        answer = client.get("/projects/" if number % 2 else "/projects/unknown/")
        policy = answer.headers["Content-Security-Policy"]
        found = re.search(r"script-src 'nonce-([^']+)' 'strict-dynamic'", policy)
        assert found
        nonces.add(found.group(1))
        assert "default-src 'none'" in policy
        assert {"base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"} <= set(policy.split("; "))
        headers = [answer.headers[n] for n in ("X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options")]
        assert headers == ["nosniff", "same-origin", "DENY"]
        assert "no-store" in answer.headers["Cache-Control"]
    assert len(nonces) == 20
    assert "no-store" in Client().get("/accounts/sign-in/").headers["Cache-Control"]
    assert "no-store" in Client().get("/sign-in/abc/").headers["Cache-Control"]


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:8000", "localhost@evil", ""])
def test_a_foreign_host_is_refused(host: str) -> None:
    assert Client(raise_request_exception=False).get("/accounts/sign-in/", headers={"Host": host}).status_code == 400


def test_a_link_in_a_mail_leads_to_the_configured_address_only() -> None:
    account = lead()
    Client().post("/accounts/password/reset/", {"email": account.email}, headers={"Host": "127.0.0.1:9999"})
    addresses = re.findall(r"https?://\S+", outbox.message(OutgoingMail.objects.get()).body)
    assert any("/password/reset/key/" in each for each in addresses)
    assert {urlsplit(each).netloc for each in addresses} == {"localhost:8000"}


def test_a_reset_answers_the_same_for_known_and_unknown_addresses() -> None:
    answers = [
        Client().post("/accounts/password/reset/", {"email": email})
        for email in (lead().email, "nobody@norhaven.example")
    ]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {
        (302, "/accounts/password/reset/done/")
    }


ELSEWHERE = [
    "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "http:evil.example", "https:///evil.example", "javascript:alert(1)", "data:text/html,x", " //evil.example",
    "/%09/evil.example", "\t//evil.example", "//localhost:8000@evil.example", "ftp://evil.example", "evil.example",
]  # fmt: skip


def test_signing_in_leads_on_within_the_site_only() -> None:
    account = lead()
    for target in ELSEWHERE:
        RateCounter.objects.all().delete()
        sent = {"login": account.email, "password": PASSWORD, "next": target}
        answer = Client().post(f"/accounts/sign-in/?next={quote(target)}", sent)
        assert answer.status_code == 302, target
        # A browser reads a backslash as a slash.
        there = urljoin("http://testserver/accounts/sign-in/", answer.headers["Location"].replace("\\", "/"))
        assert urlsplit(there)[:2] == ("http", "testserver"), target


def test_a_session_gets_another_key_when_somebody_signs_in() -> None:
    client, account = Client(), lead()
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    client.post("/accounts/sign-in/", {"login": account.email, "password": PASSWORD})
    assert client.session.session_key != before
    assert client.get("/my-work/").status_code == 200


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
