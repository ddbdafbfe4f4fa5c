"""The security log: what was refused and what mattered, each once, and nothing else in it than that."""

import csv
import io
import re
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from quarterdeck.core import security
from quarterdeck.core.models import LedgerEntry, SecurityEvent
from quarterdeck.core.services import roles
from quarterdeck.core.tests import make
from quarterdeck.core.tests.sign_in.people import browser, member, sign_in, token_of
from tests.proof.figures import figure

pytestmark = pytest.mark.django_db
NOW = make.MONDAY
INJECTED = [
    "\r\nSet-Cookie: a=b",
    "\n2026-11-23 core.account.signed_in done",
    "\x1b[2J",
    "\u2028x",
    "\u0085x",
    "\x7f",
    "\r",
]


def events(**more: Any) -> list[SecurityEvent]:
    return list(SecurityEvent.objects.filter(**more).order_by("pk"))


def now_on() -> int:
    """Where the log is now; what is in it cannot be removed."""
    latest = SecurityEvent.objects.order_by("pk").last()
    return latest.pk if latest else 0


def test_every_refused_call_of_somebody_signed_in_is_there_once() -> None:
    account = member("viewer")
    client = browser(account)
    begin = now_on()
    refused = [
        ("get", "/security/"), ("get", "/ledger/"), ("get", "/invitations/"), ("get", "/nowhere/"),
        ("get", "/projects/ZZZ-0001/"), ("post", "/account/passkeys/7/remove/"), ("get", "/projects/%00/"),
        ("post", f"/people/{account.person.uid}/sign-in/{account.pk}/disable/"), ("get", "/imports/"),
    ]  # fmt: skip
    for method, path in refused:
        assert getattr(client, method)(path).status_code in {403, 404}, path
    found = events(pk__gt=begin)
    assert [each.outcome for each in found] == ["refused"] * len(refused)
    assert {each.event for each in found} == {"core.call.refused"}
    assert {(each.account_id, each.person_id) for each in found} == {(account.pk, account.person_id)}
    assert [each.method for each in found] == [method.upper() for method, _path in refused]
    assert found[0].path == "/security/"
    assert found[0].address == "127.0.0.1"
    assert abs((timezone.now() - found[0].at).total_seconds()) < 60
    figure("R40", f"{len(found)}/{len(refused)}, each once", part="refused calls in the log")


def test_what_is_shown_is_not_there() -> None:
    client = browser(member("viewer"))
    begin = now_on()
    for path in ("/", "/my-work/", "/account/", "/projects/", "/accounts/sign-in/"):
        client.get(path)
    assert events(pk__gt=begin) == []


def test_a_form_without_our_token_is_there_once_also_when_nobody_is_signed_in() -> None:
    account = member()
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    assert client.post("/accounts/sign-in/").status_code == 403
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post("/account/tokens/").status_code == 403
    found = events(event="core.form.refused")
    assert [each.account_id for each in found] == [None, account.pk]
    assert not events(event="core.call.refused")


def test_sign_ins_done_and_failed_and_sign_outs_are_there_once() -> None:
    account = member()
    client = Client()
    sign_in(client, account.email, "wrong")
    sign_in(client, "nobody@norhaven.example", "wrong")
    sign_in(client, account.email)
    client.post("/accounts/sign-out/")
    kept = [(each.event, each.outcome, each.account_id) for each in events(account_id__isnull=False)]
    assert kept == [
        ("core.account.signed_in", "failed", account.pk),
        ("core.account.signed_in", "done", account.pk),
        ("core.account.signed_out", "done", account.pk),
    ]
    assert len(events(event="core.account.signed_in", account_id=None)) == 1
    assert account.email not in str(list(SecurityEvent.objects.values()))
    assert "nobody@" not in str(list(SecurityEvent.objects.values()))


def test_what_changes_who_may_what_is_in_both_books_once() -> None:
    admin = make.admin(now=timezone.now())
    person, unit = make.person(), make.unit("Works")
    role = roles.Role.objects.get(code="viewer")
    begin = now_on()
    before = LedgerEntry.objects.count()
    holding = roles.give_role(admin, person, role, on=unit, now=timezone.now())
    roles.end_holding(admin, holding, now=timezone.now())
    found = events(pk__gt=begin)
    assert [each.event for each in found] == ["core.role.given", "core.role.ended"]
    assert [each.person_id for each in found] == [admin.person_id] * 2
    assert found[0].facts["person"] == person.pk
    assert LedgerEntry.objects.count() == before + 2


def test_what_is_taken_back_leaves_no_line_and_a_refusal_stays() -> None:
    account = member()
    begin = now_on()
    asked = security.Asking("POST", "/somewhere/", "203.0.113.9")
    with security.asking(asked):
        security.identify(account.pk, account.person_id)
        try:
            with transaction.atomic():
                security.record("core.token.made", at=NOW)
                security.note("core.call.refused", at=NOW, outcome="refused")
                raise DatabaseError
        except DatabaseError:
            pass
        assert events(pk__gt=begin) == []
    (event,) = events(pk__gt=begin)
    assert (event.event, event.address) == ("core.call.refused", "203.0.113.9")


def test_the_first_use_of_a_token_and_its_revocation_are_there() -> None:
    account = member()
    text = token_of(account)
    from quarterdeck.core.models import ApiToken
    from quarterdeck.core.services import tokens

    for _each in range(3):
        tokens.account_of_token(text, now=timezone.now())
    tokens.revoke_token(make.signed_in(account), ApiToken.objects.get(), now=timezone.now())
    names = [each.event for each in events(event__startswith="core.token.")]
    assert names == ["core.token.made", "core.token.first_used", "core.token.revoked"]


def test_an_export_is_there_and_says_whether_something_confidential_may_be_in_it() -> None:
    from quarterdeck.core.models import Node

    account = member("pmo_lead")
    client = browser(account)
    client.get("/projects/?format=csv")
    unit = make.unit("Circle")
    Node.objects.filter(pk=unit.pk).update(confidential=True)
    make.grant(account.person, "viewer", unit)
    client.get("/projects/?format=xlsx")
    client.get("/projects/?format=csv&as_of=2026-01-01")
    assert [each.facts["confidential"] for each in events(event="core.list.exported")] == [False, True, True]
    figure("R40", "3/3, of the past too", part="exports in the log")


@pytest.mark.parametrize("text", INJECTED)
def test_what_comes_from_outside_cannot_begin_a_line(text: str, caplog: pytest.LogCaptureFixture) -> None:
    client = browser(member("viewer"))
    from urllib.parse import quote

    assert client.get(f"/nowhere/{quote(text)}/").status_code == 404
    event = events(event="core.call.refused")[-1]
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", event.path)
    security.note("core.test.said", at=NOW, outcome="failed", facts={"reason": text})
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", events()[-1].facts["reason"])
    figure("R40", "0", part="line ends that reached the log")


def test_what_opens_something_is_not_in_it() -> None:
    client = browser(member("viewer"))
    secret = "Zx" * 20
    client.get(f"/sign-in/{secret}/nowhere/")
    client.get(f"/nowhere/{secret}/")
    assert secret not in str(list(SecurityEvent.objects.values()))


def test_the_page_is_for_those_with_the_right_and_its_export_holds_the_same() -> None:
    for code, status in (("administrator", 200), ("auditor", 200), ("pmo_lead", 404), ("viewer", 404)):
        assert browser(member(code)).get("/security/").status_code == status
    client = browser(member("auditor", name="Otto Auditor"))
    page = client.get("/security/?outcome=refused").content.decode()
    assert "Refused" in page
    rows = list(csv.reader(io.StringIO(client.get("/security/?format=csv").content.decode("utf-8-sig"))))
    assert len(rows) - 1 == SecurityEvent.objects.filter(pk__lt=SecurityEvent.objects.latest("pk").pk).count()
