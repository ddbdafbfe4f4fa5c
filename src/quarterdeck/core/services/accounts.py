"""People, their accounts, and the link that signs in once."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from quarterdeck.core import access, ledger, rights, store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Account, Holding, Node, Organisation, Person, Role, SignInLink
from quarterdeck.core.services import ending, letters, roles

LINK_LIFETIME = timedelta(minutes=30)


@transaction.atomic
def found_organisation(
    *, name: str, admin_name: str, admin_email: str, now: datetime, currency: str = "EUR"
) -> tuple[Organisation, Account]:
    """
    Make the organisation, its top unit and its first administrator. Done again it changes nothing.

    Returns the organisation and the administrator's account.
    """
    known = Organisation.objects.select_for_update().first()
    if known is not None:
        return known, first_administrator()
    organisation = store.create(
        Organisation(name=name, currency=currency, created_at=now), store.Because(None, now, "Founding")
    )
    roles.ensure_standard_roles(now=now)
    top = store.create(Node(kind="unit", ref="ORG", name=name), store.Because(None, now, "Founding", roles.ALWAYS))
    person = new_person(name=admin_name, email=admin_email, why=store.Because(None, now))
    account = new_account(person, email=admin_email, why=store.Because(None, now))
    roles.hold(
        person,
        Role.objects.get(code="administrator"),
        on=top,
        from_on=now.date(),
        why=store.Because(person.pk, now, "Founding"),
        actor=None,
    )
    ledger.record(None, "core.organisation.founded", on=organisation, at=now, administrator=person.pk)
    return organisation, account


def first_administrator() -> Account:
    """The account commands act as unless they are told otherwise."""
    account = (
        Account.objects.filter(
            is_active=True, person__holdings__role__code="administrator", person__holdings__to_on__isnull=True
        )
        .order_by("pk")
        .first()
    )
    if account is None:
        raise Refused("no_administrator", "Nobody is administrator. Run `quarterdeck init` first.")
    return account


def new_person(*, name: str, why: store.Because, email: str = "") -> Person:
    """Insert a person; for services that have checked the right of who asks."""
    return store.create(Person(name=name.strip(), email=email.strip().lower(), created_at=why.now), why)


def new_account(person: Person, *, email: str, why: store.Because) -> Account:
    """Insert an account without a password; for services that have checked the right of who asks."""
    account = Account(person=person, email=email, created_at=why.now)
    account.set_unusable_password()
    return store.create(account, why)


@transaction.atomic
def add_person(actor: Actor, *, name: str, email: str = "", now: datetime) -> Person:
    """Make a person who can be named and hold roles."""
    access.require(actor, rights.MANAGE_ORGANISATION, on=None)
    person = new_person(name=name, email=email, why=store.Because(actor.person_id, now))
    ledger.record(actor, "core.person.added", on=person, at=now)
    return person


@transaction.atomic
def open_account(actor: Actor, person: Person, *, email: str, now: datetime) -> Account:
    """
    Let a person sign in. They choose a password after signing in with a link, or accepting an invitation.

    Who has an account already is told of another one: its address opens whatever they hold.
    """
    access.require(actor, rights.MANAGE_ORGANISATION, on=None)
    others = list(Account.objects.filter(person=person, is_active=True))
    account = new_account(person, email=email, why=store.Because(actor.person_id, now))
    ledger.record(actor, "core.account.opened", on=account, at=now, person=person.pk)
    for other in others:
        letters.tell(
            other,
            subject=_("Another account was opened for you"),
            happened=_("%(address)s may sign in as you from now on.") % {"address": account.email},
            now=now,
        )
    return account


@transaction.atomic
def disable_account(actor: Actor, account: Account, *, now: datetime) -> Account:
    """Let an account sign in no longer. Its sessions and tokens end with the next request; roles stay."""
    access.require(actor, rights.MANAGE_ORGANISATION, on=None)
    access.require_confirmed(actor, now=now)
    if account.pk == actor.account_id:
        raise Refused("own_account", _("You cannot switch off the account that you are signed in with."))
    # One at a time, so that two administrators do not switch each other off.
    roles.hold_administrators_still()
    holding = Holding.objects.filter(  # type: ignore[misc]
        access.in_force(now.date()), role__code=roles.ADMINISTRATOR, node_id=access.top_id()
    ).values("person_id")
    administrators = Account.objects.filter(is_active=True, person_id__in=holding)
    if account.person_id in {each["person_id"] for each in holding} and not administrators.exclude(pk=account.pk):
        raise Refused("last_administrator", _("Nobody else could sign in as administrator then."))
    if not Account.objects.filter(pk=account.pk, is_active=True).update(is_active=False):
        raise Refused("switched_off_already", _("This account is switched off already."))
    account.is_active = False
    ending.end_all(account, now=now)
    ledger.record(actor, "core.account.disabled", on=account, at=now, person=account.person_id)
    return account


@transaction.atomic
def enable_account(actor: Actor, account: Account, *, now: datetime) -> Account:
    """Let an account sign in again."""
    access.require(actor, rights.MANAGE_ORGANISATION, on=None)
    access.require_confirmed(actor, now=now)
    if not Account.objects.filter(pk=account.pk, is_active=False).update(is_active=True):
        raise Refused("switched_on_already", _("This account may sign in already."))
    account.is_active = True
    ledger.record(actor, "core.account.enabled", on=account, at=now, person=account.person_id)
    return account


@transaction.atomic
def name_organisation(actor: Actor, *, name: str, currency: str, now: datetime) -> Organisation:
    """Say what the organisation is called and in which currency it reports."""
    access.require(actor, rights.MANAGE_ORGANISATION, on=None)
    organisation = Organisation.objects.select_for_update().get()
    organisation.name = name.strip()
    organisation.currency = currency
    store.check(organisation)
    if not organisation.name:
        raise Refused("no_name", "Give the organisation a name.", {"name": "Give the organisation a name."})
    organisation.save(update_fields=["name", "currency"])
    top = Node.objects.get(kind="unit", unit__isnull=True)
    if top.name != organisation.name:
        top.name = organisation.name
        store.save(top, store.Because(actor.person_id, now), fields=["name"])
    ledger.record(actor, "core.organisation.named", on=organisation, at=now, currency=currency)
    return organisation


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def sign_in_link(account: Account, *, now: datetime) -> str:
    """A path that signs the account in once, within half an hour. For the operator's terminal only."""
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(
        account=account, token_digest=_digest(token), expires_at=now + LINK_LIFETIME, created_at=now
    )
    ledger.record(None, "core.sign_in_link.made", on=account, at=now)
    return reverse("sign_in_link", args=[token])


@transaction.atomic
def use_sign_in_link(token: str, *, now: datetime) -> Account:
    """The account of a link that was not used before. One conditional update, so of two at once one wins."""
    links = SignInLink.objects.filter(
        token_digest=_digest(token), used_at__isnull=True, expires_at__gt=now, account__is_active=True
    )
    link = links.select_related("account").first()
    if link is None or not links.filter(pk=link.pk).update(used_at=now):
        raise Refused(
            "link_used",
            "This link was used already or is older than half an hour. "
            "Run `quarterdeck sign-in-link` for another one, or sign in with your password.",
        )
    ledger.record(None, "core.account.signed_in_by_link", on=link.account, at=now, person=link.account.person_id)
    return link.account


def note_password(account: Account, *, now: datetime) -> None:
    """
    An account has another password: every session and token ends, and its owner is told.

    For what sets it on the pages of the sign-in library.
    """
    ending.end_all(account, now=now)
    ledger.record(None, "core.password.set", on=account, at=now, person=account.person_id)
    _tell_password(account, now)


def _tell_password(account: Account, now: datetime) -> None:
    letters.tell(
        account,
        subject=_("Your password was changed"),
        happened=_("Your account has another password, and you were signed out everywhere else."),
        now=now,
    )


def check_new_password(password: str, account: Account) -> None:
    """Refuse a password that is easy to guess."""
    try:
        validate_password(password, account)
    except ValidationError as problem:
        sentence = " ".join(problem.messages)
        raise Refused("weak_password", sentence, {"password": sentence}) from problem


@transaction.atomic
def set_password(actor: Actor, account: Account, password: str, *, current: str | None, now: datetime) -> Account:
    """
    Choose a password for one's own account. Every session and token ends; the page keeps its own session.

    current : the password until now; None only where the account has none or its owner came by a link of the operator.
    """
    if account.person_id != actor.person_id:
        raise Refused("not_own_account", "You can set the password of your own account only.")
    if current is not None and not account.check_password(current):
        sentence = "That is not your present password."
        raise Refused("wrong_password", sentence, {"current": sentence})
    check_new_password(password, account)
    account.set_password(password)
    account.save(update_fields=["password"])
    ending.end_all(account, now=now)
    ledger.record(actor, "core.password.set", on=account, at=now)
    _tell_password(account, now)
    return account
