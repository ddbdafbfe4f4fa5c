"""Who a programme acts as: the token of the request, asked anew each time."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from quarterdeck.core import access
from quarterdeck.core.models import Account, ApiToken
from quarterdeck.core.services import limits, tokens
from quarterdeck.core.time import Moment

MINUTE = timedelta(minutes=1)


class Call(HttpRequest):
    """A request with a token; `Token` puts account, actor and the clock on it."""

    account: Account
    token: ApiToken
    actor: access.Actor
    now: datetime
    moment: Moment | None
    fields: tuple[str, ...]


class Token(HttpBearer):
    """The header `Authorization: Bearer …`. A session of a browser does not count here, so nothing rides on it."""

    openapi_bearerFormat = "qd_…"  # noqa: N815 - the name of the standard

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        call: Call = request  # type: ignore[assignment]
        call.now = timezone.now()
        found = tokens.account_of_token(token, now=call.now)
        if found is None:
            return None
        call.account, call.token = found
        limits.spend(f"api:{call.token.pk}", settings.API_CALLS_PER_MINUTE, MINUTE, call.now)
        # A token proves no presence: what needs a fresh proof is done in the browser.
        call.actor = access.actor_of_account(call.account, now=call.now)
        return call.token
