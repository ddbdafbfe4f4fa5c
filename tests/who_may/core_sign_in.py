"""Accounts, second factors, sessions, tokens."""

from quarterdeck.core.models import SignedInSession
from quarterdeck.core.rights import MANAGE_ORGANISATION
from quarterdeck.core.services import accounts, ending, passkeys, second_factor, tokens
from tests.who_may.row import ANYBODY, Row
from tests.who_may.world import NOW, World, acting

MANAGE = {MANAGE_ORGANISATION}
PASSWORD = "A sentence nobody guesses 7"


def session(w: World) -> SignedInSession:
    return SignedInSession.objects.create(
        session_key="trial", session_data="x", expire_date=NOW.replace(year=2999), account=w.owner_account
    )


def app(w: World) -> None:
    key = second_factor.new_key()
    code = second_factor.code_of(key, second_factor.step_of(NOW))
    second_factor.enrol_app(w.owner, w.owner_account, key=key, code=code, now=NOW)


def app_of_another(w: World) -> None:
    key = second_factor.new_key()
    code = second_factor.code_of(key, second_factor.step_of(NOW))
    second_factor.enrol_app(acting(w.account), w.account, key=key, code=code, now=NOW)


def passkey(w: World) -> object:
    return passkeys.Authenticator.objects.create(
        user=w.owner_account, type=passkeys.Kind.WEBAUTHN, data={"name": "Key"}, created_at=NOW
    )


def disabled(w: World) -> None:
    accounts.disable_account(w.admin, w.account, now=NOW)


def enrol(w: World, key: str) -> object:
    code = second_factor.code_of(key, second_factor.step_of(NOW))
    return second_factor.enrol_app(w.actor, w.owner_account, key=key, code=code, now=NOW)


ROWS = [
    Row(
        accounts.disable_account, MANAGE, lambda w, _: accounts.disable_account(w.actor, w.account, now=NOW),
        confirm=True,
    ),
    Row(
        accounts.enable_account, MANAGE, lambda w, _: accounts.enable_account(w.actor, w.account, now=NOW),
        given=disabled, confirm=True,
    ),
    Row(
        accounts.set_password, ANYBODY,
        lambda w, _: accounts.set_password(w.actor, w.owner_account, PASSWORD, current=None, now=NOW),
        own=True, refusals={"not_own_account"},
    ),
    Row(
        ending.sign_out_everywhere, ANYBODY, lambda w, _: ending.sign_out_everywhere(w.actor, w.owner_account, now=NOW),
        own=True, given=session,
    ),
    Row(
        ending.end_session, ANYBODY, lambda w, found: ending.end_session(w.actor, found, now=NOW),
        own=True, given=session,
    ),
    Row(ending.end_other_sessions, ANYBODY, lambda w, _: ending.end_other_sessions(w.actor, but="", now=NOW)),
    Row(ending.end_sessions_of, MANAGE, lambda w, _: ending.end_sessions_of(w.actor, w.account, now=NOW)),
    Row(
        passkeys.add_passkey, ANYBODY,
        lambda w, _: passkeys.add_passkey(w.actor, w.owner_account, name="Key", answer={}, state=None, now=NOW),
        own=True, confirm=True, ends="wrong_passkey",
    ),
    Row(
        passkeys.rename_passkey, ANYBODY, lambda w, key: passkeys.rename_passkey(w.actor, key, name="Phone", now=NOW),
        own=True, given=passkey,
    ),
    Row(
        passkeys.remove_passkey, ANYBODY, lambda w, key: passkeys.remove_passkey(w.actor, key, now=NOW),
        own=True, confirm=True, given=passkey,
    ),
    Row(second_factor.enrol_app, ANYBODY, enrol, own=True, confirm=True, given=lambda w: second_factor.new_key()),
    Row(
        second_factor.remove_app, ANYBODY,
        lambda w, _: second_factor.remove_app(w.actor, w.owner_account, now=NOW), own=True, confirm=True, given=app,
    ),
    Row(
        second_factor.renew_recovery_codes, ANYBODY,
        lambda w, _: second_factor.renew_recovery_codes(w.actor, w.owner_account, now=NOW),
        own=True, confirm=True, given=app,
    ),
    Row(
        second_factor.reset, MANAGE, lambda w, _: second_factor.reset(w.actor, w.account, now=NOW),
        confirm=True, given=app_of_another,
    ),
    Row(
        tokens.make_token, ANYBODY,
        lambda w, _: tokens.make_token(w.actor, name="Programme", scopes=["read"], now=NOW), confirm=True,
    ),
    Row(
        tokens.revoke_token, ANYBODY, lambda w, token: tokens.revoke_token(w.actor, token, now=NOW), own=True,
        given=lambda w: tokens.make_token(w.owner, name="Programme", scopes=["read"], now=NOW)[0],
    ),
]  # fmt: skip
INSIDE = {
    second_factor.noted_as_added: "called by the services that add a factor, after they checked whose it is",
    second_factor.noted_as_removed: "called by the services that remove a factor, after they checked whose it is",
}
