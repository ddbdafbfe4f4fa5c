"""
Who somebody from an identity provider is here.

An identity is its issuer and subject, never an address: addresses are given to somebody else. An address counts once,
when the identity is first seen, if the provider vouches for it and it belongs to an account or an open invitation.
Nobody gets an account by coming along.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from quarterdeck.core import ledger
from quarterdeck.core.doors import Provider
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Account, OutsideIdentity
from quarterdeck.core.queries import sign_in as questions
from quarterdeck.core.services import invitations, letters
from quarterdeck.core.services.oidc import Claims


def provider() -> Provider | None:
    """The identity provider of this installation; None: people sign in here only."""
    found: Provider | None = settings.SINGLE_SIGN_ON
    return found


@transaction.atomic
def account_of(claims: Claims, *, now: datetime) -> Account:
    """The account of an identity; one that is new here is linked by its vouched address, or refused."""
    known = identity_of(claims)
    if known is not None:
        OutsideIdentity.objects.filter(pk=known.pk).update(last_used_at=now)
        return known.account
    account = questions.account_with_address(claims.email) if claims.email else None
    invited = invitations.accept_by_address(claims.email, now=now) if claims.email and account is None else None
    account = account or invited
    if account is None or not account.is_active:
        raise not_known()
    # Locked, so that of two identities at once one is linked.
    Account.objects.select_for_update().get(pk=account.pk)
    if OutsideIdentity.objects.filter(account=account, issuer=claims.issuer).exists():
        # The same address with another subject is another person there.
        raise not_known()
    OutsideIdentity.objects.create(
        account=account, issuer=claims.issuer, subject=claims.subject, linked_at=now, last_used_at=now
    )
    ledger.record(None, "core.outside_identity.linked", on=account, at=now, person=account.person_id)
    letters.tell(
        account,
        subject=_("Your account is linked to your identity provider"),
        happened=_("You may sign in by %(issuer)s from now on.") % {"issuer": claims.issuer},
        now=now,
    )
    return account


def identity_of(claims: Claims) -> OutsideIdentity | None:
    """The link of an identity that was here before."""
    found = OutsideIdentity.objects.filter(issuer=claims.issuer, subject=claims.subject)
    return found.select_related("account__person").first()


def not_known() -> Refused:
    """One answer for an address that is unknown, not vouched for, or somebody else's."""
    return Refused("not_known", _("No account here belongs to you. Ask your PMO for an invitation."))
