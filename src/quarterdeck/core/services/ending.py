"""What ends sessions and tokens: one, all others, or every one with the next request."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quarterdeck.core import access, ledger, rights, security
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotFound, Refused
from quarterdeck.core.models import Account, SignedInSession
from quarterdeck.core.queries import sign_in as questions
from quarterdeck.core.services import tokens


def end_all(account: Account, *, now: datetime, but: str = "") -> None:
    """
    End every session and token of an account; for services that have checked the right of who asks.

    The epoch is part of what each session is checked against, so that even one that is being written now opens
    nothing. but : the key of a session that goes on, which its own request takes along.
    """
    Account.objects.filter(pk=account.pk).update(session_epoch=F("session_epoch") + 1)
    account.refresh_from_db(fields=["session_epoch"])
    SignedInSession.objects.filter(account=account).exclude(pk=but).delete()
    tokens.revoke_all(account, now=now)


@transaction.atomic
def sign_out_everywhere(actor: Actor, account: Account, *, now: datetime) -> None:
    """End all sessions and tokens of one's own account, this one too."""
    if account.pk != actor.account_id:
        raise NotFound
    end_all(account, now=now)
    ledger.record(actor, "core.account.signed_out_everywhere", on=account, at=now)


@transaction.atomic
def end_session(actor: Actor, session: SignedInSession, *, now: datetime) -> None:
    """End one session of one's own account."""
    if session.account_id is None or session.account_id != actor.account_id:
        raise NotFound
    if not SignedInSession.objects.filter(pk=session.pk).delete()[0]:
        raise Refused("ended_already", _("This session is over."))
    security.record("core.session.ended", at=now, facts={"sessions": 1})


@transaction.atomic
def end_other_sessions(actor: Actor, *, but: str, now: datetime) -> int:
    """End all sessions of one's own account except the one with the key `but`. Returns how many."""
    others = questions.own_sessions(actor, now=now).exclude(pk=but)
    count, _each = others.delete()
    if count:
        security.record("core.session.ended", at=now, facts={"sessions": count})
    return count


@transaction.atomic
def end_sessions_of(actor: Actor, account: Account, *, now: datetime) -> None:
    """End every session and token of somebody else's account."""
    access.require(actor, rights.MANAGE_ORGANISATION, on=None)
    end_all(account, now=now)
    ledger.record(actor, "core.account.signed_out_everywhere", on=account, at=now, person=account.person_id)


def clear_old(now: datetime) -> int:
    """Remove the rows of sessions that are over."""
    deleted, _each = SignedInSession.objects.filter(expire_date__lt=now).delete()
    return deleted
