"""Signing in with an identity provider: what it says is checked, and nobody gets in by coming along."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from quarterdeck.core.doors import Provider as Configured
from quarterdeck.core.models import Account, LedgerEntry, OutgoingMail, OutsideIdentity, SecurityEvent
from quarterdeck.core.services import invitations, oidc
from quarterdeck.core.tests import make
from quarterdeck.core.tests.sign_in.people import code_now, is_in, member, with_app
from quarterdeck.core.tests.sign_in.provider import CLIENT, SECRET, STRANGERS_KEY, Provider, running
from tests.proof.figures import figure

pytestmark = pytest.mark.django_db
START, BACK = "/accounts/continue/", "/accounts/continue/back/"


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    """The provider, and an installation that is set up with it."""
    with running() as found:
        oidc.forget()
        settings.SINGLE_SIGN_ON = Configured(found.issuer, CLIENT, SECRET, "Norhaven")
        yield found
        oidc.forget()


@pytest.fixture
def nina() -> Account:
    """Somebody who is known here by the address the provider vouches for."""
    account = member(name="Nina Neumann")
    Account.objects.filter(pk=account.pk).update(email="nina@norhaven.example")
    account.refresh_from_db()
    return account


def come(provider: Provider, client: Client | None = None, *, on: str = "", **changed: str) -> tuple[Client, object]:
    """Go to the provider, sign in there, and come back, perhaps with something else than it said."""
    client = client or Client(raise_request_exception=False)
    sent = client.get(f"{START}?next={on}" if on else START)
    assert sent.status_code == 302, sent.status_code
    brought = provider.sign_in(sent.headers["Location"]) | changed
    return client, client.get(f"{BACK}?{urlencode(brought)}")


def test_who_is_known_by_a_vouched_address_signs_in_and_is_known_by_the_subject_from_then_on(
    provider: Provider, nina: Account
) -> None:
    client, answer = come(provider, on="/account/sessions/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/sessions/")
    assert is_in(client)
    identity = OutsideIdentity.objects.get()
    assert (identity.account, identity.issuer, identity.subject) == (nina, provider.issuer, "subject-1")
    assert LedgerEntry.objects.filter(event="core.outside_identity.linked").count() == 1
    assert OutgoingMail.objects.get().address == nina.email
    asked = provider.asked[0]
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["redirect_uri"] == "http://localhost:8000/accounts/continue/back/"
    assert len(asked["state"]) >= 43
    assert len(asked["nonce"]) >= 43

    # Another address there later, even that of somebody else here, is the same person still.
    provider.email = member(name="Otto Other").email
    again, _answer = come(provider)
    assert int(again.session["_auth_user_id"]) == nina.pk


def test_a_second_factor_is_asked_for_after_the_provider_too(provider: Provider, nina: Account) -> None:
    key = with_app(nina)
    client, answer = come(provider)
    assert answer.headers["Location"] == "/accounts/sign-in/second-factor/"
    assert not is_in(client)
    client.post("/accounts/sign-in/second-factor/", {"code": code_now(key)})
    assert is_in(client)


def test_an_invited_address_gets_its_account_and_role_by_the_provider(provider: Provider) -> None:
    now = timezone.now()
    make.organisation()
    from quarterdeck.core.models import Role

    invitations.invite(
        make.admin(now=now), email="nina@norhaven.example", name="Nina", role=Role.objects.get(code="viewer"),
        on=make.top(), now=now,
    )  # fmt: skip
    client, answer = come(provider)
    assert answer.status_code == 302
    assert is_in(client)
    account = Account.objects.get(email="nina@norhaven.example")
    assert not account.has_usable_password()
    assert account.person.holdings.count() == 1


def test_strangers_get_no_account(provider: Provider, nina: Account) -> None:
    provider.email, before = "stranger@elsewhere.example", Account.objects.count()
    client, answer = come(provider)
    assert answer.status_code == 422
    assert "No account here belongs to you" in answer.content.decode()
    assert not is_in(client)
    assert Account.objects.count() == before


def of(name: str, value: object) -> Callable[[Provider], None]:
    return lambda provider: setattr(provider, name, value)


def claim(**claims: object) -> Callable[[Provider], None]:
    return lambda provider: provider.claims.update(claims)


def described(**said: object) -> Callable[[Provider], None]:
    return lambda provider: provider.description.update(said)


def strangers_key(provider: Provider) -> None:
    provider.key = STRANGERS_KEY


NOW = int(time.time())
# What it does wrong, and why it is refused, as the security log has it.
MISBEHAVES: dict[str, tuple[Callable[[Provider], None], str]] = {
    "another issuer in the token": (claim(iss="https://evil.example"), "InvalidIssuerError"),
    "another issuer in the description": (described(issuer="https://evil.example"), "issuer of the description"),
    "made for somebody else": (claim(aud="another-client"), "InvalidAudienceError"),
    "made for several without saying for whom": (claim(aud=[CLIENT, "another-client"]), "authorised party"),
    "made for several and used by another": (
        claim(aud=[CLIENT, "another-client"], azp="another-client"), "authorised party",
    ),
    "no audience": (of("without", ("aud",)), "MissingRequiredClaimError"),
    "another nonce": (claim(nonce="x" * 43), "nonce"),
    "no nonce": (of("without", ("nonce",)), "MissingRequiredClaimError"),
    "no signature": (of("algorithm", "none"), "algorithm"),
    "signed with the public key as a shared secret": (of("signs_with_public_key", True), "algorithm"),
    "signed by a stranger": (strangers_key, "InvalidSignatureError"),
    "changed after it was signed": (of("tampers", True), "InvalidSignatureError"),
    "over": (claim(exp=NOW - 3600, iat=NOW - 3700), "expired"),
    "no end": (of("without", ("exp",)), "MissingRequiredClaimError"),
    "from the future": (claim(iat=NOW + 3600), "time of issue"),
    "issued long ago": (claim(iat=NOW - 3600), "time of issue"),
    "not yet valid": (claim(nbf=NOW + 3600), "not yet valid"),
    "for another access token": (claim(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), "access token"),
    "no subject": (of("without", ("sub",)), "MissingRequiredClaimError"),
    "an empty subject": (claim(sub=""), "subject"),
    "an address that nobody vouches for": (of("email_verified", False), "not_known"),
    "an address that is vouched for by a word": (of("email_verified", "yes"), "not_known"),
    "no word on the address": (of("without", ("email_verified",)), "not_known"),
    "without PKCE": (described(code_challenge_methods_supported=["plain"]), "PKCE"),
    "an endpoint without encryption elsewhere": (
        described(token_endpoint="http://evil.example/token"), "address of an endpoint",
    ),
    "a redirect instead of keys": (of("redirects", True), "no answer: HTTPError"),
    "an answer that has to name itself and does not": (
        described(authorization_response_iss_parameter_supported=True), "issuer of the answer",
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", list(MISBEHAVES))
def test_what_does_not_fit_is_refused(how: str, provider: Provider, nina: Account) -> None:
    misbehave, reason = MISBEHAVES[how]
    misbehave(provider)
    client = Client(raise_request_exception=False)
    sent = client.get(START)
    if sent.status_code == 302:
        sent = client.get(f"{BACK}?{urlencode(provider.sign_in(sent.headers['Location']))}")
    assert sent.status_code == 422, how
    assert not is_in(client)
    assert not OutsideIdentity.objects.exists()
    event = SecurityEvent.objects.get(event="core.account.signed_in", outcome="failed")
    assert event.facts["reason"] == reason


def test_an_answer_to_another_question_is_refused(provider: Provider, nina: Account) -> None:
    refused = []
    client, answer = come(provider, state="x" * 43)
    refused.append(("another state", answer.status_code, is_in(client)))
    client, answer = come(provider, iss="https://evil.example")
    refused.append(("another issuer beside the code", answer.status_code, is_in(client)))
    client, answer = come(provider, code="code-of-somebody")
    refused.append(("a code that was not given", answer.status_code, is_in(client)))
    client, answer = come(provider, error="access_denied")
    refused.append(("refused there", answer.status_code, is_in(client)))
    # The answer to somebody else's question: what an attacker has a victim open.
    attacker, victim = Client(), Client(raise_request_exception=False)
    brought = provider.sign_in(attacker.get(START).headers["Location"])
    answer = victim.get(f"{BACK}?{urlencode(brought)}")
    refused.append(("somebody else's answer", answer.status_code, is_in(victim)))
    victim.get(START)
    answer = victim.get(f"{BACK}?{urlencode(brought)}")
    refused.append(("somebody else's answer in a session that asked", answer.status_code, is_in(victim)))
    assert [(status, signed_in) for _what, status, signed_in in refused] == [(422, False)] * len(refused)
    total = len(MISBEHAVES) + len(refused) + 3
    figure("R36", f"{total} ways to misbehave, {total} refused", part="OpenID Connect")


def test_an_answer_counts_once(provider: Provider, nina: Account) -> None:
    client = Client(raise_request_exception=False)
    brought = provider.sign_in(client.get(START).headers["Location"])
    address = f"{BACK}?{urlencode(brought)}"
    assert client.get(address).status_code == 302
    client.post("/accounts/sign-out/")
    assert client.get(address).status_code == 422
    assert not is_in(client)


def test_the_exchange_proves_that_it_asked(provider: Provider, nina: Account) -> None:
    """The provider refuses a code without the verifier of its challenge, so a stolen code opens nothing."""
    client = Client(raise_request_exception=False)
    brought = provider.sign_in(client.get(START).headers["Location"])
    thief = Client(raise_request_exception=False)
    thief.get(START)
    session = thief.session
    session["asked_outside"] = session["asked_outside"] | {"state": brought["state"]}
    session.save()
    assert thief.get(f"{BACK}?{urlencode(brought)}").status_code == 422
    assert not is_in(thief)
    assert len(provider.exchanged[0]["code_verifier"]) >= 43


def test_another_subject_with_the_same_address_is_somebody_else(provider: Provider, nina: Account) -> None:
    come(provider)
    provider.subject = "subject-2"
    client, answer = come(provider)
    assert answer.status_code == 422
    assert not is_in(client)
    assert OutsideIdentity.objects.get().subject == "subject-1"


def test_an_account_that_is_switched_off_stays_out(provider: Provider, nina: Account) -> None:
    come(provider)
    Account.objects.filter(pk=nina.pk).update(is_active=False)
    client, answer = come(provider)
    assert answer.headers["Location"] == "/accounts/inactive/"
    assert not is_in(client)


def test_a_fresh_sign_in_there_confirms_who_one_is(provider: Provider, nina: Account) -> None:
    client, _answer = come(provider)
    session = client.session
    session["confirmed"] = time.time() - 600
    session.save()
    assert client.get("/account/second-factor/app/").headers["Location"].startswith("/account/confirm/")
    assert "Confirm with Norhaven" in client.get("/account/confirm/").content.decode()
    _client, answer = come(provider, client, on="/account/second-factor/app/")
    assert answer.headers["Location"] == "/account/second-factor/app/"
    assert provider.asked[-1]["prompt"] == "login"
    assert client.get("/account/second-factor/app/").status_code == 200


@pytest.mark.parametrize("said", [{"auth_time": int(time.time()) - 3600}, {"auth_time": None}, {"sub": "subject-2"}])
def test_an_old_sign_in_or_somebody_else_confirms_nothing(
    said: dict[str, object], provider: Provider, nina: Account
) -> None:
    client, _answer = come(provider)
    session = client.session
    session["confirmed"] = time.time() - 600
    session.save()
    provider.claims.update(said)
    _client, answer = come(provider, client)
    assert answer.status_code == 422
    assert client.get("/account/second-factor/app/").status_code == 302


def test_without_a_provider_there_is_no_such_way() -> None:
    client = Client(raise_request_exception=False)
    assert [client.get(path).status_code for path in (START, BACK)] == [404, 404]
    assert "Continue with" not in client.get("/accounts/sign-in/").content.decode()


def test_the_button_stands_on_the_sign_in(provider: Provider) -> None:
    assert "Continue with Norhaven" in Client().get("/accounts/sign-in/?next=/projects/").content.decode()
