"""The second factor at sign-in: an authenticator app, recovery codes, and what ends them."""

import base64
import hashlib
import hmac
import secrets
import struct
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from quarterdeck.core import access, ledger, rights, sealing, security
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotFound, Refused
from quarterdeck.core.models import Account
from quarterdeck.core.queries import sign_in as questions
from quarterdeck.core.services import ending, letters, limits

Kind = Authenticator.Type
PERIOD, DIGITS = 30, 6  # seconds a code counts, and its length (RFC 6238)
STEPS = (0, -1, 1)  # a clock may be half a minute off
CODES = 10
LETTERS = "abcdefghjkmnpqrstvwxyz23456789"
TRIES, PAUSE = 5, timedelta(minutes=15)


def new_key() -> str:
    """The secret that the app and we share."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def address_for_app(account: Account, key: str, *, issuer: str) -> str:
    """What the picture holds that the app reads."""
    label = quote(f"{issuer}:{account.email}")
    return f"otpauth://totp/{label}?{urlencode({'secret': key, 'issuer': issuer}, quote_via=quote)}"


def code_of(key: str, step: int) -> str:
    """The code of one half minute, RFC 6238 with SHA-1."""
    digest = hmac.new(base64.b32decode(key), struct.pack(">Q", step), hashlib.sha1).digest()
    begin = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[begin : begin + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(now: datetime) -> int:
    """The number of the half minute."""
    return int(now.timestamp()) // PERIOD


@transaction.atomic
def enrol_app(actor: Actor, account: Account, *, key: str, code: str, now: datetime) -> list[str]:
    """
    Ask for codes of an app at sign-in from now on. The first code shows that the app has the key.

    Returns recovery codes when these are the account's first ones, to be shown once.
    """
    _require_own(actor, account, now)
    if Authenticator.objects.filter(user=account, type=Kind.TOTP).exists():
        raise Refused(
            "has_one_already", _("This account has an authenticator app. Remove it before you set up another.")
        )
    if not _matches(account, key, code, now):
        raise _wrong_code()
    app = Authenticator.objects.create(user=account, type=Kind.TOTP, data={"secret": sealing.seal(key)}, created_at=now)
    return noted_as_added(actor, account, app, now)


def noted_as_added(actor: Actor, account: Account, added: Authenticator, now: datetime) -> list[str]:
    """Ledger and mail for another factor, and codes with the first one; for services that checked the right."""
    ledger.record(actor, "core.second_factor.added", on=account, at=now, kind=str(added.type), factor=added.pk)
    letters.tell(
        account,
        subject=_("A second factor was added to your account"),
        happened=_("Your account now asks for %(what)s at sign-in.") % {"what": words_of(str(added.type))},
        now=now,
    )
    if Authenticator.objects.filter(user=account, type=Kind.RECOVERY_CODES).exists():
        return []
    return _new_codes(account, now)


@transaction.atomic
def remove_app(actor: Actor, account: Account, *, now: datetime) -> None:
    """No longer ask for codes of the app."""
    _require_own(actor, account, now)
    app = Authenticator.objects.filter(user=account, type=Kind.TOTP).first()
    if app is None:
        raise NotFound
    noted_as_removed(actor, account, app, now)


def noted_as_removed(actor: Actor, account: Account, factor: Authenticator, now: datetime) -> None:
    """Delete a factor, with ledger and mail; refused for the last one while a role asks for one."""
    others = Authenticator.objects.filter(user=account, type__in=questions.SECOND_FACTORS).exclude(pk=factor.pk)
    is_last = not others.exists()
    if is_last and actor.needs_second_factor:
        raise Refused(
            "role_needs_it", _("A role of yours asks for a second factor. Set up another one before you remove this.")
        )
    ledger.record(actor, "core.second_factor.removed", on=account, at=now, kind=str(factor.type), factor=factor.pk)
    what = words_of(str(factor.type))
    factor.delete()
    if is_last:
        Authenticator.objects.filter(user=account, type=Kind.RECOVERY_CODES).delete()
    letters.tell(
        account,
        subject=_("A second factor was removed from your account"),
        happened=_("Your account no longer asks for %(what)s at sign-in.") % {"what": what},
        now=now,
    )


@transaction.atomic
def renew_recovery_codes(actor: Actor, account: Account, *, now: datetime) -> list[str]:
    """Ten other codes; those before open nothing any more. They are shown once."""
    _require_own(actor, account, now)
    if not questions.has_second_factor(account.pk):
        raise Refused("no_second_factor", _("Recovery codes stand in for a second factor. Set one up first."))
    codes = _new_codes(account, now)
    ledger.record(actor, "core.recovery_codes.renewed", on=account, at=now)
    letters.tell(
        account,
        subject=_("Your recovery codes were renewed"),
        happened=_("Ten other recovery codes were made for your account. Those before open nothing any more."),
        now=now,
    )
    return codes


def check_code(account: Account, code: str, *, now: datetime) -> Authenticator:
    """
    The factor that a typed code belongs to: the app's, or a recovery code.

    Each counts once, whichever process it reaches. After five wrong ones nothing is looked at for fifteen minutes.
    Not called inside of a transaction: tries count whatever follows.
    """
    tries = f"code:{account.pk}"
    limits.spend(tries, TRIES, PAUSE, now, run=True)
    found = _used(account, code.replace(" ", "").replace("-", "").lower(), now)
    if found is None:
        security.note(
            "core.second_factor.wrong", at=now, outcome="failed", account_id=account.pk, person_id=account.person_id
        )
        raise _wrong_code()
    limits.forget(tries)
    return found


@transaction.atomic
def reset(actor: Actor, account: Account, *, now: datetime) -> None:
    """Take every second factor from somebody who lost theirs, and end their sessions and tokens."""
    access.require(actor, rights.MANAGE_ORGANISATION, on=None)
    access.require_confirmed(actor, now=now)
    if account.pk == actor.account_id:
        raise Refused("own_account", _("You change your own second factor under your account."))
    take_away(actor, account, now=now)


def take_away(actor: Actor | None, account: Account, *, now: datetime) -> None:
    """The same, for the operator's command too."""
    kinds = sorted(str(kind) for kind in Authenticator.objects.filter(user=account).values_list("type", flat=True))
    if not kinds:
        raise Refused("no_second_factor", _("This account has no second factor."))
    Authenticator.objects.filter(user=account).delete()
    ending.end_all(account, now=now)
    ledger.record(actor, "core.second_factor.reset", on=account, at=now, person=account.person_id, kinds=kinds)
    letters.tell(
        account,
        subject=_("The second factor of your account was reset"),
        happened=_(
            "Your account asks for no second factor until you set one up again, and you were signed out everywhere."
        ),
        now=now,
    )


def words_of(kind: str) -> str:
    """A factor in a sentence."""
    return {
        str(Kind.TOTP): _("a code of an authenticator app"),
        str(Kind.WEBAUTHN): _("a passkey"),
        str(Kind.RECOVERY_CODES): _("a recovery code"),
    }[kind]


def _require_own(actor: Actor, account: Account, now: datetime) -> None:
    if account.pk != actor.account_id:
        raise NotFound
    access.require_confirmed(actor, now=now)
    # One change at a time: what is judged below stays so until it is written.
    Account.objects.select_for_update().get(pk=account.pk)


def _wrong_code() -> Refused:
    sentence = _("That code is not right, or it was used before. Wait for the next one.")
    return Refused("wrong_code", sentence, {"code": sentence})


def _used(account: Account, code: str, now: datetime) -> Authenticator | None:
    factors = {str(each.type): each for each in Authenticator.objects.filter(user=account)}
    app = factors.get(str(Kind.TOTP))
    found = None
    if app is not None:
        key = sealing.unseal(app.data["secret"])
        found = app if key is not None and _matches(account, key, code, now) else None
    if found is None and str(Kind.RECOVERY_CODES) in factors:
        found = _spent(factors[str(Kind.RECOVERY_CODES)].pk, code)
    if found is not None:
        Authenticator.objects.filter(pk=found.pk).update(last_used_at=now)
    return found


def _matches(account: Account, key: str, code: str, now: datetime) -> bool:
    """Whether it is the code of this half minute or a neighbour's, and was not used before."""
    code = code.replace(" ", "")
    if len(code) != DIGITS or not code.isascii():
        return False
    for step in (step_of(now) + each for each in STEPS):
        if hmac.compare_digest(code_of(key, step), code):
            return limits.take_once(f"app-code:{account.pk}:{step}", now)
    return False


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _new_codes(account: Account, now: datetime) -> list[str]:
    codes = ["".join(secrets.choice(LETTERS) for _each in range(16)) for _number in range(CODES)]
    Authenticator.objects.update_or_create(
        user=account,
        type=Kind.RECOVERY_CODES,
        defaults={"data": {"digests": [_digest(code) for code in codes]}, "created_at": now, "last_used_at": None},
    )
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes]


@transaction.atomic
def _spent(pk: int, code: str) -> Authenticator | None:
    """The recovery codes without this one; None when it is none of them. The row is locked, so each is spent once."""
    codes = Authenticator.objects.select_for_update().filter(pk=pk).first()
    digest = _digest(code)
    if codes is None or digest not in codes.data["digests"]:
        return None
    codes.data["digests"].remove(digest)
    codes.save(update_fields=["data"])
    return codes
