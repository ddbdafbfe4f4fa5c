"""Accounts, what they sign in with, and who may look at that."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from quarterdeck.core import access, rights
from quarterdeck.core.access import Actor
from quarterdeck.core.models import (
    Account,
    ApiToken,
    Holding,
    Invitation,
    NodePath,
    OutsideIdentity,
    SecurityEvent,
    SignedInSession,
)
from quarterdeck.core.queries import organisation

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_factor(account_id: int) -> bool:
    """Whether the account has one that is asked for at sign-in; recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user_id=account_id, type__in=SECOND_FACTORS).exists())


def in_force(now: datetime) -> QuerySet[ApiToken]:
    """
    Tokens that open something at this moment.

    Not those of an account that was switched off, and not while a role of the person asks for a second factor that
    the account does not have.
    """
    today = now.date()
    asking = Holding.objects.filter(
        Q(to_on__isnull=True) | Q(to_on__gte=today),
        person_id=OuterRef("account__person_id"),
        from_on__lte=today,
        role__needs_second_factor=True,
    )
    having = Authenticator.objects.filter(user_id=OuterRef("account_id"), type__in=SECOND_FACTORS)
    return ApiToken.objects.filter(
        ~Exists(asking) | Exists(having), revoked_at__isnull=True, expires_at__gt=now, account__is_active=True
    )


def own_tokens(actor: Actor) -> QuerySet[ApiToken]:
    """Tokens of the account the actor signed in with, newest first."""
    return ApiToken.objects.filter(account_id=actor.account_id or 0).order_by("-created_at", "-pk")


def accounts_of(person_id: int) -> QuerySet[Account]:
    """Every way a person has to sign in."""
    return Account.objects.filter(person_id=person_id).order_by("email")


def own_sessions(actor: Actor, *, now: datetime) -> QuerySet[SignedInSession]:
    """Sessions of the account the actor signed in with that are not over, the latest seen first."""
    return SignedInSession.objects.filter(account_id=actor.account_id or 0, expire_date__gt=now).order_by(
        "-last_seen_at"
    )


@dataclass(frozen=True, slots=True)
class Ways:
    """By what an account may prove who it is."""

    password: bool
    code: bool
    passkey: bool
    outside: bool


def ways_to_confirm(account: Account) -> Ways:
    """What the account has to prove its owner by."""
    kinds = set(Authenticator.objects.filter(user_id=account.pk).values_list("type", flat=True))
    return Ways(
        account.has_usable_password(),
        Authenticator.Type.TOTP in kinds or Authenticator.Type.RECOVERY_CODES in kinds,
        Authenticator.Type.WEBAUTHN in kinds,
        OutsideIdentity.objects.filter(account_id=account.pk).exists(),
    )


def sees_confidential(actor: Actor) -> bool:
    """Whether a right of the actor reaches into a confidential circle, so that what they take out may be from there."""
    held = frozenset().union(*actor.grants.values())
    return NodePath.objects.filter(ancestor_id__in=held, open=True, descendant__confidential=True).exists()


def security_events(actor: Actor) -> QuerySet[SecurityEvent]:
    """The whole security log, for those who hold the right at the top of the organisation."""
    if actor.top is None or not access.may(actor, rights.SEE_SECURITY_LOG, on=actor.top):
        return SecurityEvent.objects.none()
    return SecurityEvent.objects.order_by("-at", "-pk")


def open_invitations(now: datetime) -> QuerySet[Invitation]:
    """Invitations that may be accepted at this moment."""
    return Invitation.objects.filter(state="open", expires_at__gt=now).select_related("role", "node", "person")


def invitations(actor: Actor) -> QuerySet[Invitation]:
    """Invitations that an actor sent, or might have sent."""
    seen = Q(invited_by_id=actor.person_id) | organisation.may_give(actor, "node_id")
    if actor.top is not None and access.may(actor, rights.MANAGE_ORGANISATION, on=actor.top):
        seen |= Q(node__isnull=True)
    return Invitation.objects.filter(seen).select_related("role", "node", "invited_by").order_by("-created_at", "-pk")


def may_invite(actor: Actor) -> bool:
    """Whether the actor may invite somebody somewhere."""
    return organisation.places_to_give(actor).exists()


def account_with_address(email: str) -> Account | None:
    """The account that signs in with an address, also one that is switched off."""
    return Account.objects.select_related("person").filter(email__iexact=email).first()


def can_sign_in(account: Account) -> bool:
    """Whether the account has something to sign in with; one that was only opened has not."""
    ways = ways_to_confirm(account)
    return ways.password or ways.passkey or ways.outside


@dataclass(frozen=True, slots=True)
class Way:
    """An account as whoever manages sign-in looks at it."""

    account: Account
    sessions: int
    tokens: int
    factors: tuple[str, ...]
    can_sign_in: bool
    last_seen_at: datetime | None


def ways_of(person_id: int, *, now: datetime) -> list[Way]:
    """The accounts of a person, with what is open by them at this moment."""
    found = []
    for account in accounts_of(person_id):
        sessions = SignedInSession.objects.filter(account=account, expire_date__gt=now)
        factors = Authenticator.objects.filter(user=account, type__in=SECOND_FACTORS).values_list("type", flat=True)
        found.append(
            Way(
                account,
                sessions.count(),
                in_force(now).filter(account=account).count(),
                tuple(sorted(set(factors))),
                can_sign_in(account),
                sessions.aggregate(seen=Max("last_seen_at"))["seen"],
            )
        )
    return found
