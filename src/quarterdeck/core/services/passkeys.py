"""Passkeys: kept by a device or a password manager, unlocked there, and bound to the configured address."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from quarterdeck.core import access, ledger, security
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotFound, Refused
from quarterdeck.core.models import Account
from quarterdeck.core.on_use import on_use
from quarterdeck.core.services import limits, second_factor

if TYPE_CHECKING:
    from fido2 import server, webauthn
else:
    server, webauthn = on_use("fido2.server"), on_use("fido2.webauthn")

MOST = 20  # passkeys of one account
State = dict[str, str]
Kind = Authenticator.Type


def begin_adding(handle: str, *, shown_as: str, name: str, account: Account | None = None) -> tuple[Any, State]:
    """
    What the browser is asked to make, and what must be kept until it answers.

    handle : whose passkey it is, for the device: one that it has for the same is replaced.
    """
    number = hashlib.sha256(handle.encode()).digest()
    user = webauthn.PublicKeyCredentialUserEntity(id=number, name=shown_as, display_name=name)
    options, state = _server().register_begin(
        user,
        credentials=[_credential(each) for each in _of(account)] if account else [],
        resident_key_requirement=webauthn.ResidentKeyRequirement.PREFERRED,
        user_verification=webauthn.UserVerificationRequirement.PREFERRED,
    )
    return dict(options), _kept(state)


@transaction.atomic
def add_passkey(
    actor: Actor, account: Account, *, name: str, answer: Mapping[str, Any], state: State | None, now: datetime
) -> list[str]:
    """Keep a passkey that the browser made. Returns recovery codes when these are the account's first ones."""
    if account.pk != actor.account_id:
        raise NotFound
    access.require_confirmed(actor, now=now)
    Account.objects.select_for_update().get(pk=account.pk)
    if _of(account).count() >= MOST:
        raise Refused("too_many_passkeys", _("An account has at most twenty passkeys. Remove one that you do not use."))
    passkey = keep(account, name=name, answer=answer, state=state, now=now)
    return second_factor.noted_as_added(actor, account, passkey, now)


def keep(
    account: Account, *, name: str, answer: Mapping[str, Any], state: State | None, now: datetime
) -> Authenticator:
    """Check and insert a passkey; for services that have checked the right of who asks."""
    try:
        registration = webauthn.RegistrationResponse.from_dict(answer)
        made = _server().register_complete(_used_once(state, now), registration)
        if made.credential_data is None:
            raise _not_accepted()
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise _not_accepted() from problem
    identity = str(answer["id"])
    if Authenticator.objects.filter(type=Kind.WEBAUTHN, data__credential__id=identity).exists():
        raise Refused("known_passkey", _("This passkey is known already."))
    return Authenticator.objects.create(
        user=account,
        type=Kind.WEBAUTHN,
        data={"name": _named(name), "credential": _plain(answer), "uses": made.counter},
        created_at=now,
    )


@transaction.atomic
def rename_passkey(actor: Actor, passkey: Authenticator, *, name: str, now: datetime) -> None:
    """Call it so that its owner recognises it."""
    _require_own(actor, passkey)
    passkey.data["name"] = _named(name)
    passkey.save(update_fields=["data"])
    ledger.record(actor, "core.passkey.renamed", on=passkey.user, at=now, factor=passkey.pk)


@transaction.atomic
def remove_passkey(actor: Actor, passkey: Authenticator, *, now: datetime) -> None:
    """Let it open nothing any more."""
    _require_own(actor, passkey)
    access.require_confirmed(actor, now=now)
    account = Account.objects.select_for_update().get(pk=passkey.user_id)
    second_factor.noted_as_removed(actor, account, passkey, now)


def begin_asking(account: Account | None) -> tuple[Any, State]:
    """
    What the browser is asked to sign. Without an account any passkey for this address, unlocked by its owner.
    """
    needed = webauthn.UserVerificationRequirement("preferred" if account else "required")
    credentials = [_credential(each) for each in _of(account)] if account else []
    options, state = _server().authenticate_begin(credentials=credentials, user_verification=needed)
    return dict(options), _kept(state)


def check(
    answer: Mapping[str, Any], *, state: State | None, now: datetime, account: Account | None = None
) -> Authenticator:
    """
    The passkey that signed what was asked: of the account, or of anybody when none is given. Each question counts once.
    """
    passkey = None
    try:
        response = webauthn.AuthenticationResponse.from_dict(answer)
        known = Authenticator.objects.filter(type=Kind.WEBAUTHN, data__credential__id=str(answer["id"]))
        passkey = (known.filter(user=account) if account else known).select_related("user").first()
        if passkey is None:
            raise _not_accepted()
        _server().authenticate_complete(_used_once(state, now), [_credential(passkey)], response)
        _count(passkey, response.response.authenticator_data.counter, now)
    except (ValueError, TypeError, KeyError, AttributeError, Refused) as problem:
        owner = passkey.user if passkey else account
        security.note(
            "core.passkey.wrong",
            at=now,
            outcome="failed",
            account_id=owner.pk if owner else None,
            person_id=owner.person_id if owner else None,
        )
        raise _not_accepted() from problem
    return passkey


def works_here() -> bool:
    """Whether browsers offer passkeys at the configured address: by https or on this machine, and not for a number."""
    address = urlsplit(settings.BASE_URL)
    host = address.hostname or ""
    named = bool(host) and not host.replace(".", "").isdigit() and ":" not in host
    return named and (address.scheme == "https" or host == "localhost" or host.endswith(".localhost"))


def _server() -> "server.Fido2Server":
    address = urlsplit(settings.BASE_URL)
    party = webauthn.PublicKeyCredentialRpEntity(id=address.hostname or "", name="Quarterdeck")
    return server.Fido2Server(party, verify_origin=lambda origin: origin == f"{address.scheme}://{address.netloc}")


def _of(account: Account) -> Any:
    return Authenticator.objects.filter(user=account, type=Kind.WEBAUTHN)


def _credential(passkey: Authenticator) -> "webauthn.AttestedCredentialData":
    made = webauthn.RegistrationResponse.from_dict(passkey.data["credential"]).response.attestation_object.auth_data
    assert made.credential_data is not None  # it was there when the passkey was kept
    return made.credential_data  # type: ignore[no-any-return]


def _kept(state: Mapping[str, Any]) -> State:
    return {"challenge": str(state["challenge"]), "user_verification": str(state["user_verification"].value)}


def _used_once(state: State | None, now: datetime) -> dict[str, Any]:
    """What was asked, if it was asked and not answered before."""
    if not state or not limits.take_once(f"asked:{state['challenge']}"[:120], now):
        raise _not_accepted()
    return state | {"user_verification": webauthn.UserVerificationRequirement(state["user_verification"])}


def _count(passkey: Authenticator, uses: int, now: datetime) -> None:
    """A device that counts its uses counts up; a copy of it falls behind."""
    before = int(passkey.data.get("uses", 0))
    if (uses or before) and uses <= before:
        raise _not_accepted()
    passkey.data["uses"] = uses
    passkey.last_used_at = now
    passkey.save(update_fields=["data", "last_used_at"])


def _require_own(actor: Actor, passkey: Authenticator) -> None:
    if passkey.type != Kind.WEBAUTHN or passkey.user_id != actor.account_id:
        raise NotFound


def _named(name: str) -> str:
    return name.strip()[:60] or _("Passkey")


def _plain(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of the browser's answer: what it signs with, and nothing about the device beyond that."""
    return {
        "id": str(answer["id"]),
        "rawId": str(answer["rawId"]),
        "type": "public-key",
        "response": {
            "clientDataJSON": str(answer["response"]["clientDataJSON"]),
            "attestationObject": str(answer["response"]["attestationObject"]),
        },
        "clientExtensionResults": {},
    }


def _not_accepted() -> Refused:
    return Refused("wrong_passkey", _("The passkey was not accepted. Use it once more, or sign in another way."))
