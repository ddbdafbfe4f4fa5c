"""Somebody's programme: a token, and requests with it."""

import json
from datetime import timedelta
from itertools import count
from typing import Any

from django.test import Client
from django.utils import timezone

from quarterdeck.core import access
from quarterdeck.core.models import Account, Person
from quarterdeck.core.services import accounts, tokens
from quarterdeck.core.tests import make as core

ROOT = "/api/v1"
_keys = count(1)


def token(account: Account, *scopes: str) -> str:
    """The text of a token that lasts a day."""
    now = timezone.now()
    actor = access.actor_of_account(account, now=now, confirmed_at=now)
    _token, text = tokens.make_token(
        actor, name="Programme", scopes=list(scopes or ("read", "write")), days=1, now=now - timedelta(seconds=1)
    )
    return text


class Programme:
    """Asks with a token. A POST gets a new key unless it is given one."""

    def __init__(self, text: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {text}"} if text else {}

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(ROOT + path, headers=self.headers | _named(headers))

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        content = body if isinstance(body, str | bytes) else json.dumps(body if body is not None else {})
        sent = self.headers | _named(headers)
        return self.client.generic(
            method, ROOT + path, content, content_type=sent.pop("Content-Type", "application/json"), headers=sent
        )

    def post(self, path: str, body: Any = None, key: str = "", **headers: str) -> Any:
        return self.send("POST", path, body, idempotency_key=key or f"key-{next(_keys):08d}", **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.send("PATCH", path, body, **headers)

    def change(self, path: str, body: Any) -> Any:
        """Read, then change what was read."""
        return self.patch(path, body, if_match=self.get(path).headers["ETag"])


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-").title(): text for name, text in headers.items()}


def programme_of(person: Person | None = None, *scopes: str) -> Programme:
    """A programme of somebody; without a person, of the administrator."""
    core.organisation()
    account = core.account(person) if person is not None else accounts.first_administrator()
    return Programme(token(account, *scopes))
