"""Acts of consequence ask first who it is, and go on with what was typed."""

import html
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from quarterdeck.core.models import Account, ApiToken, RateCounter, SecurityEvent
from quarterdeck.core.tests.sign_in.device import Device
from quarterdeck.core.tests.sign_in.people import PASSWORD, asked_of, browser, code_now, member, with_app
from quarterdeck.core.tests.sign_in.test_passkeys import add
from tests.proof.figures import figure

pytestmark = pytest.mark.django_db
Clock = Callable[[timedelta], datetime]
TYPED = {"name": 'Nightly "report" <1>', "scopes": "read write", "days": "30"}


def an_hour_later(account: Account) -> Client:
    """A browser whose owner signed in an hour ago."""
    client = browser(account, enforce_csrf_checks=False)
    session = client.session
    session["confirmed"] = 1.0
    session.save()
    return client


def held(page: str) -> dict[str, Any]:
    """What the first form that asks for a proof sends again."""
    form = next(each for each in re.findall(r"<form.*?</form>", page, re.DOTALL) if 'name="qd_confirm"' in each)
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in fields if name != "csrfmiddlewaretoken"}


def test_what_was_typed_goes_on_once_the_password_is_given() -> None:
    client = an_hour_later(member())
    asked = client.post("/account/tokens/", TYPED)
    assert asked.status_code == 403
    assert not ApiToken.objects.exists()
    sent = held(asked.content.decode())
    assert {name: sent[name] for name in TYPED} == TYPED

    done = client.post("/account/tokens/", sent | {"qd_confirm_password": PASSWORD})

    assert done.status_code == 200
    token = ApiToken.objects.get()
    assert (token.name, token.scopes) == (TYPED["name"], ["read", "write"])
    assert "Copy it now" in done.content.decode()
    # For five minutes nothing is asked again.
    assert client.post("/account/tokens/", TYPED).status_code == 200


def test_a_wrong_proof_asks_again_and_loses_nothing() -> None:
    client = an_hour_later(member())
    sent = held(client.post("/account/tokens/", TYPED).content.decode())
    again = client.post("/account/tokens/", sent | {"qd_confirm_password": "not this one"})
    assert again.status_code == 422
    assert "not your present password" in again.content.decode()
    assert {name: held(again.content.decode())[name] for name in TYPED} == TYPED
    assert not ApiToken.objects.exists()
    events = SecurityEvent.objects.filter(event="core.account.confirmed").values_list("outcome", flat=True)
    assert list(events) == ["failed"]


def test_guesses_are_counted_with_the_sign_ins() -> None:
    client = an_hour_later(member())
    sent = held(client.post("/account/tokens/", TYPED).content.decode())
    # The sign-in itself was the first.
    guesses = [client.post("/account/tokens/", sent | {"qd_confirm_password": "no"}).status_code for _each in range(5)]
    assert guesses == [422] * 4 + [429]


def test_a_code_or_a_passkey_proves_it_too(clock: Clock) -> None:
    account, device = member(), Device()
    client = an_hour_later(account)
    key = with_app(account)
    add(account, device)
    page = client.post("/account/tokens/", TYPED).content.decode()
    assert client.post("/account/tokens/", held(page) | {"qd_confirm_code": code_now(key)}).status_code == 200
    clock(timedelta(minutes=6))
    page = client.post("/account/tokens/", TYPED).content.decode()
    answer = json.dumps(device.sign(asked_of(page)))
    assert client.post("/account/tokens/", held(page) | {"qd_confirm_passkey": answer}).status_code == 200
    clock(timedelta(minutes=6))
    page = client.post("/account/tokens/", TYPED).content.decode()
    # The same answer again is no answer.
    assert client.post("/account/tokens/", held(page) | {"qd_confirm_passkey": answer}).status_code == 422
    assert ApiToken.objects.count() == 2


def test_the_passkey_of_somebody_else_proves_nothing() -> None:
    account, theirs = member(), Device()
    client = an_hour_later(account)
    add(account, Device())
    add(member(), theirs)
    page = client.post("/account/tokens/", TYPED).content.decode()
    answer = json.dumps(theirs.sign(asked_of(page)))
    assert client.post("/account/tokens/", held(page) | {"qd_confirm_passkey": answer}).status_code == 422
    assert not ApiToken.objects.exists()


def test_a_proof_without_our_token_of_the_form_is_not_looked_at() -> None:
    account = member()
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert (
        client.post("/account/tokens/", TYPED | {"qd_confirm": "1", "qd_confirm_password": PASSWORD}).status_code == 403
    )
    assert not SecurityEvent.objects.filter(event="core.account.confirmed").exists()


def test_a_part_of_a_page_gives_way_to_the_question() -> None:
    client = an_hour_later(member())
    answer = client.post("/account/tokens/", TYPED, headers={"HX-Request": "true"})
    assert answer.headers["HX-Retarget"] == "#content"
    assert "<html" not in answer.content.decode()


def test_the_page_that_needs_it_opens_after_it() -> None:
    client = an_hour_later(member())
    led = client.get("/account/second-factor/app/").headers["Location"]
    assert led == "/account/confirm/?next=%2Faccount%2Fsecond-factor%2Fapp%2F"
    assert client.get(led).status_code == 200
    done = client.post(led, {"qd_confirm": "1", "qd_confirm_password": PASSWORD})
    assert done.headers["Location"] == "/account/second-factor/app/"
    RateCounter.objects.all().delete()
    for elsewhere in ("//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"):
        answer = client.post(
            f"/account/confirm/?next={elsewhere}", {"qd_confirm": "1", "qd_confirm_password": PASSWORD}
        )
        assert answer.headers["Location"] == "/"


ACTS: list[tuple[str, str, dict[str, str]]] = [
    ("token made", "/account/tokens/", TYPED),
    ("recovery codes renewed", "/account/second-factor/codes/", {}),
    ("app removed", "/account/second-factor/app/remove/", {}),
    ("account switched off", "/people/{person}/sign-in/{account}/disable/", {}),
    ("account switched on", "/people/{person}/sign-in/{account}/enable/", {}),
    ("second factor reset", "/people/{person}/sign-in/{account}/reset/", {}),
    (
        "invited to manage",
        "/invitations/new/",
        {"email": "nina@norhaven.example", "name": "Nina", "role": "pmo_lead", "place": "ORG"},
    ),
]


@pytest.mark.parametrize(("act", "path", "sent"), ACTS, ids=[each[0] for each in ACTS])
def test_every_act_of_consequence_asks(act: str, path: str, sent: dict[str, str]) -> None:
    administrator, other = member("administrator"), member()
    with_app(other)
    client = an_hour_later(administrator)
    with_app(administrator)
    answer = client.post(path.format(person=other.person.uid, account=other.pk), sent)
    assert answer.status_code == 403
    assert "say once more who you are" in answer.content.decode()
    figure("R36", "asked for a proof of the last 5 minutes", part=act)
