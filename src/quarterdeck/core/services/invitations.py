"""Invitations: an address is asked to sign in, with a role that counts once it is accepted."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from quarterdeck.core import access, ledger, rights, store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotFound, Refused
from quarterdeck.core.models import Account, Invitation, Node, Organisation, Person, Role
from quarterdeck.core.queries import sign_in as questions
from quarterdeck.core.services import accounts, letters, roles

LASTS = timedelta(days=7)


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(
    actor: Actor,
    *,
    email: str,
    name: str,
    now: datetime,
    role: Role | None = None,
    on: Node | None = None,
    person: Person | None = None,
) -> Invitation:
    """
    Ask an address to sign in. Asked for the same again, the link before opens nothing and another one goes out.

    Nothing is said or done otherwise for an address that is known: its owner accepts after signing in.
    """
    require_to_invite(actor, role, on, now=now)
    email = _address(email)
    if person is not None and person.left_on is not None:
        raise Refused("person_left", _("%(name)s left. Note first that they are here again.") % {"name": person.name})
    known = person or Person.objects.filter(email__iexact=email).first()
    name = known.name if known else name.strip()
    if not name:
        sentence = _("Write the name of whoever is invited.")
        raise Refused("no_name", sentence, {"name": sentence})
    token = secrets.token_urlsafe(32)
    expire_old(now=now)
    same = Invitation.objects.select_for_update(of=("self",)).filter(
        email__iexact=email, role=role, node=on, state="open"
    )
    invitation = same.first()
    if invitation is None:
        invitation = store.create(
            Invitation(
                email=email,
                name=name,
                person=person,
                role=role,
                node=on,
                digest=digest_of(token),
                invited_by_id=actor.person_id,
                created_at=now,
                expires_at=now + LASTS,
            ),
            store.Because(actor.person_id, now),
        )
    else:
        _renew(invitation, token, actor, now)
    ledger.record(actor, "core.invitation.sent", on=invitation, at=now, **_offer(invitation))
    _write(invitation, token, now)
    return invitation


@transaction.atomic
def send_again(actor: Actor, invitation: Invitation, *, now: datetime) -> Invitation:
    """Send another link; the one before opens nothing any more."""
    require_to_invite(actor, invitation.role, invitation.node, now=now)
    _require_open(invitation)
    token = secrets.token_urlsafe(32)
    _renew(invitation, token, actor, now)
    ledger.record(actor, "core.invitation.sent", on=invitation, at=now, **_offer(invitation))
    _write(invitation, token, now)
    return invitation


@transaction.atomic
def withdraw(actor: Actor, invitation: Invitation, *, now: datetime) -> Invitation:
    """Take an invitation back. Its link opens nothing from now on."""
    if invitation.invited_by_id != actor.person_id:
        if invitation.node is None:
            access.require(actor, rights.MANAGE_ORGANISATION, on=None)
        else:
            roles.require_to_give(actor, invitation.node)
    _move(invitation, "withdraw", now)
    ledger.record(actor, "core.invitation.withdrawn", on=invitation, at=now, **_offer(invitation))
    return invitation


@transaction.atomic
def link_of(invitation: Invitation, *, now: datetime) -> str:
    """Another link, as a path, for the operator's terminal; the one before opens nothing any more."""
    _require_open(invitation)
    token = secrets.token_urlsafe(32)
    Invitation.objects.filter(pk=invitation.pk).update(digest=digest_of(token), expires_at=now + LASTS)
    ledger.record(None, "core.invitation.sent", on=invitation, at=now, **_offer(invitation))
    return reverse("invitation", args=[token])


@transaction.atomic
def accept(
    token: str,
    *,
    now: datetime,
    name: str = "",
    password: str = "",
    signed_in: Account | None = None,
    keep: Callable[[Account], object] | None = None,
) -> Account:
    """
    Accept an invitation, once. The role counts from now on, if whoever invited may still give it.

    signed_in : the account of a known address, which accepts after signing in.
    keep : keeps another way to sign in than a password, such as a passkey.
    """
    invitation = questions.open_invitations(now).select_for_update(of=("self",)).filter(digest=digest_of(token)).first()
    if invitation is None:
        raise over()
    account = questions.account_with_address(invitation.email)
    if account is not None and questions.can_sign_in(account):
        if signed_in is None or signed_in.pk != account.pk:
            raise NotFound
    else:
        account = _account(invitation, account, name, now)
        if keep is not None:
            keep(account)
        else:
            accounts.check_new_password(password, account)
            account.set_password(password)
            account.save(update_fields=["password"])
    if not account.is_active or account.person.left_on is not None:
        raise over()
    _move(invitation, "accept", now)
    _give(invitation, account, now)
    _note_accepted(invitation, account, now)
    return account


@transaction.atomic
def accept_by_address(email: str, *, now: datetime) -> Account | None:
    """
    Accept every open invitation of an address that an identity provider vouches for; None when there is none.

    The account that comes of it has no password. What whoever invited may no longer give stays open.
    """
    account = None
    for invitation in questions.open_invitations(now).select_for_update(of=("self",)).filter(email__iexact=email):
        known = questions.account_with_address(email)
        try:
            with transaction.atomic():
                account = _account(invitation, known, "", now)
                _move(invitation, "accept", now)
                _give(invitation, account, now)
                _note_accepted(invitation, account, now)
        except Refused:
            account = known
    return account


def expire_old(*, now: datetime) -> int:
    """Note which invitations are over; their links open nothing anyway."""
    return Invitation.objects.filter(state="open", expires_at__lte=now).update(
        state=Invitation.MOVES["open", "expire"], answered_at=now
    )


def over() -> Refused:
    """One answer for a link that never was, that was used, withdrawn or is too old."""
    return Refused(
        "invitation_over",
        _("This invitation works no longer: it was used, withdrawn, or is older than a week. Ask for another one."),
    )


def require_to_invite(actor: Actor, role: Role | None, on: Node | None, *, now: datetime) -> None:
    """Refuse who may not give the role there themselves; without a role, who does not manage the whole."""
    if role is None or on is None:
        access.require(actor, rights.MANAGE_ORGANISATION, on=None)
        return
    roles.require_to_give(actor, on)
    roles.require_rights_of(actor, role, on=on)
    if rights.MANAGE_ORGANISATION.code in role.rights:
        access.require_confirmed(actor, now=now)


def _address(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as problem:
        sentence = _("This is no address.")
        raise Refused("no_address", sentence, {"email": sentence}) from problem
    return email


def _renew(invitation: Invitation, token: str, actor: Actor, now: datetime) -> None:
    invitation.digest, invitation.expires_at = digest_of(token), now + LASTS
    invitation.invited_by_id = actor.person_id
    invitation.save(update_fields=["digest", "expires_at", "invited_by"])


def _require_open(invitation: Invitation) -> None:
    if invitation.state != "open":
        raise Refused("answered_already", _("This invitation is no longer open. Invite them anew."))


def _move(invitation: Invitation, by: str, now: datetime) -> None:
    """One conditional update, so that of two at once one wins."""
    _require_open(invitation)
    state = Invitation.MOVES["open", by]
    if not Invitation.objects.filter(pk=invitation.pk, state="open").update(state=state, answered_at=now):
        raise over()
    invitation.state, invitation.answered_at = state, now


def _offer(invitation: Invitation) -> dict[str, Any]:
    """What the ledger keeps of it: ids and codes, no name and no address."""
    return {"role": invitation.role.code if invitation.role else "", "node": invitation.node_id}


def _note_accepted(invitation: Invitation, account: Account, now: datetime) -> None:
    ledger.record(None, "core.invitation.accepted", on=invitation, at=now, person=account.person_id, account=account.pk)


def _account(invitation: Invitation, account: Account | None, name: str, now: datetime) -> Account:
    """The account that accepts: the one that waits without a password, or a new one of the invited person."""
    if account is not None:
        return account
    why = store.Because(None, now, "Invitation")
    person = invitation.person or Person.objects.filter(email__iexact=invitation.email).first()
    if person is None:
        person = accounts.new_person(name=name.strip() or invitation.name, email=invitation.email, why=why)
        ledger.record(None, "core.person.added", on=person, at=now)
    account = accounts.new_account(person, email=invitation.email, why=why)
    ledger.record(None, "core.account.opened", on=account, at=now, person=person.pk)
    return account


def _give(invitation: Invitation, account: Account, now: datetime) -> None:
    """The role, by whoever invited, if they may give it now as they might then."""
    if invitation.role is None or invitation.node is None:
        return
    inviter = access.actor_of(invitation.invited_by_id, now=now, confirmed_at=now)
    active = Account.objects.filter(Q(person_id=invitation.invited_by_id), is_active=True).exists()
    try:
        if not active:
            raise NotFound
        roles.give_role(inviter, account.person, invitation.role, on=invitation.node, now=now, reason=_("Invitation"))
    except Refused as problem:
        raise Refused(
            "may_not_give",
            _("Whoever invited you may no longer give you this role. Ask for another invitation."),
        ) from problem


def _write(invitation: Invitation, token: str, now: datetime) -> None:
    organisation = Organisation.objects.first()
    called = organisation.name if organisation else "Quarterdeck"
    inviter = Person.objects.get(pk=invitation.invited_by_id).name
    first = _("%(inviter)s invites you to Quarterdeck, in which %(organisation)s runs its projects.")
    lines = [first % {"inviter": inviter, "organisation": called}]
    if invitation.role is not None and invitation.node is not None:
        offered = _("You are asked to take the role %(role)s: %(place)s.")
        lines.append(offered % {"role": invitation.role.name, "place": invitation.node.name})
    lasts = _("The link works once, for you alone, until %(day)s.")
    lines.append(lasts % {"day": date_format(invitation.expires_at, "j M Y")})
    letters.send(
        invitation.email,
        subject=_("%(organisation)s: you are invited") % {"organisation": called},
        lines=lines,
        path=reverse("invitation", args=[token]),
        button=_("Accept the invitation"),
        now=now,
        person=invitation.person,
    )
