"""Somebody who signs in as people do."""

import json
import re
from typing import Any

from django.test import Client
from django.utils import timezone

from quarterdeck.core.models import Account
from quarterdeck.core.services import second_factor, tokens
from quarterdeck.core.tests import make

PASSWORD = "A sentence nobody guesses 7"
OTHER_PASSWORD = "Another sentence of mine 8"


def member(role: str = "", name: str = "") -> Account:
    """An account with a password, and a role at the top if one is named."""
    person = make.person(name)
    make.organisation()
    if role:
        make.grant(person, role, make.top())
    account = make.account(person)
    account.set_password(PASSWORD)
    account.save(update_fields=["password"])
    return account


def browser(account: Account | None = None, *, password: str = PASSWORD, **more: Any) -> Client:
    """A browser, signed in by the form of the sign-in page when an account is given."""
    client = Client(raise_request_exception=False, **more)
    if account is not None:
        answer = sign_in(client, account.email, password)
        assert answer.status_code == 302, answer.status_code
    return client


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/accounts/sign-in/", {"login": email, "password": password}, **more)


def is_in(client: Client) -> bool:
    """Whether a page of one's own opens."""
    return client.get("/my-work/").status_code == 200


def with_app(account: Account) -> str:
    """An authenticator app for the account; gives its key."""
    key = second_factor.new_key()
    now = timezone.now()
    code = second_factor.code_of(key, second_factor.step_of(now) - 1)
    second_factor.enrol_app(make.signed_in(account, now=now), account, key=key, code=code, now=now)
    return key


def code_now(key: str, steps: int = 0) -> str:
    return second_factor.code_of(key, second_factor.step_of(timezone.now()) + steps)


def token_of(account: Account) -> str:
    now = timezone.now()
    return tokens.make_token(make.signed_in(account, now=now), name="Report", scopes=["read"], now=now)[1]


def opens(token: str) -> bool:
    return tokens.account_of_token(token, now=timezone.now()) is not None


def asked_of(page: str) -> dict[str, Any]:
    """What a page asks a passkey."""
    found = re.search(r'<script id="qd-passkey-options" type="application/json">(.*?)</script>', page)
    assert found
    asked: dict[str, Any] = json.loads(found.group(1))
    return asked
