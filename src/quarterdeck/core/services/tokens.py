"""Keys by which programmes act as an account: made, revoked, and recognised."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from quarterdeck.core import access, ledger, security, store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotFound, Refused
from quarterdeck.core.models import Account, ApiToken
from quarterdeck.core.queries import sign_in as questions

SCOPES = ("read", "write")
MOST_DAYS = 365
USUAL_DAYS = 90
MARK = "qd_"
SHOWN = 9  # characters by which people recognise a token
NOTED_EVERY = timedelta(minutes=1)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_token(
    actor: Actor, *, name: str, scopes: list[str], days: int = USUAL_DAYS, now: datetime
) -> tuple[ApiToken, str]:
    """Make a token for the account the actor signed in with. Returns it with its text, which is kept nowhere."""
    access.require_confirmed(actor, now=now)
    account = Account.objects.filter(pk=actor.account_id or 0, is_active=True).first()
    if account is None:
        raise NotFound
    if not name.strip():
        sentence = _("Give the token a name, such as the programme that uses it.")
        raise Refused("no_name", sentence, {"name": sentence})
    if not scopes or not set(scopes) <= set(SCOPES):
        sentence = _("A token may read, or read and write.")
        raise Refused("no_such_scope", sentence, {"scopes": sentence})
    if not 1 <= days <= MOST_DAYS:
        sentence = _("A token lasts from one day to one year.")
        raise Refused("lasts_too_long", sentence, {"days": sentence})
    text = MARK + secrets.token_urlsafe(32)
    token = store.create(
        ApiToken(
            account=account,
            name=name.strip(),
            prefix=text[:SHOWN],
            digest=_digest(text),
            scopes=[scope for scope in SCOPES if scope in scopes],
            created_at=now,
            expires_at=now + timedelta(days=days),
        ),
        store.Because(actor.person_id, now),
    )
    ledger.record(
        actor, "core.token.made", on=token, at=now, account=account.pk, scopes=token.scopes, expires_at=token.expires_at
    )
    return token, text


@transaction.atomic
def revoke_token(actor: Actor, token: ApiToken, *, now: datetime) -> ApiToken:
    """End a token of one's own. The next call with it is refused."""
    if token.account_id != actor.account_id:
        raise NotFound
    if not ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now):
        raise Refused("revoked_already", _("This token was revoked before."))
    token.revoked_at = now
    ledger.record(actor, "core.token.revoked", on=token, at=now, account=token.account_id)
    return token


def revoke_all(account: Account, *, now: datetime) -> int:
    """End every token of an account; for services that have checked the right of who asks."""
    return ApiToken.objects.filter(account=account, revoked_at__isnull=True).update(revoked_at=now)


def account_of_token(token: str, *, now: datetime) -> tuple[Account, ApiToken] | None:
    """
    The account a token acts as, and the token; None for one that opens nothing.

    Each call asks the database, so that a token ends with the next request. Its use is noted once a minute.
    """
    if not token.startswith(MARK):
        return None
    found = questions.in_force(now).filter(digest=_digest(token)).select_related("account").first()
    if found is None:
        return None
    security.identify(found.account_id, found.account.person_id)
    if found.last_used_at is None or now - found.last_used_at >= NOTED_EVERY:
        _note_use(found, now)
    return found.account, found


def _note_use(token: ApiToken, now: datetime) -> None:
    """Of two first uses at once one is the first."""
    with transaction.atomic():
        first = ApiToken.objects.filter(pk=token.pk, last_used_at__isnull=True).update(last_used_at=now)
        if first:
            security.record(
                "core.token.first_used",
                at=now,
                account_id=token.account_id,
                person_id=token.account.person_id,
                facts={"token": token.pk},
            )
        else:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    token.last_used_at = now
