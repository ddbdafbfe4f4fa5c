"""Passkeys: bound to the configured address, each question answered once, a copied device found out."""

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from quarterdeck.core.errors import ConfirmFirst, NotFound, Refused
from quarterdeck.core.models import Account, LedgerEntry, SecurityEvent
from quarterdeck.core.services import passkeys
from quarterdeck.core.tests import make
from quarterdeck.core.tests.sign_in.device import Device
from quarterdeck.core.tests.sign_in.people import asked_of, browser, is_in, member, sign_in
from tests.proof.figures import figure

pytestmark = pytest.mark.django_db
NOW = make.MONDAY
ASKS = "/accounts/sign-in/passkey/"
STEP = "/accounts/sign-in/second-factor/"


def add(account: Account, device: Device, name: str = "Phone") -> list[str]:
    asked, state = passkeys.begin_adding("account", shown_as=account.email, name="Somebody", account=account)
    return passkeys.add_passkey(
        make.signed_in(account), account, name=name, answer=device.make(asked), state=state, now=NOW
    )


def by_passkey(client: Client, device: Device) -> Any:
    """Sign in on the page of the sign-in with a passkey alone."""
    asked = client.get(ASKS).json()
    return client.post(ASKS, {"passkey": json.dumps(device.sign(asked))})


def test_a_passkey_alone_signs_in_and_counts_as_both_steps() -> None:
    account, device = member(), Device()
    assert len(add(account, device)) == 10
    client = Client()
    assert by_passkey(client, device).headers["Location"] == "/"
    assert is_in(client)
    event = SecurityEvent.objects.get(event="core.account.signed_in")
    assert (event.account_id, event.facts) == (account.pk, {"by": ["webauthn"]})


def test_a_passkey_is_the_second_step_after_the_password() -> None:
    account, device = member(), Device(verifies=False)
    add(account, device)
    client = Client()
    assert sign_in(client, account.email).headers["Location"] == STEP
    page = client.get(STEP).content.decode()
    answer = client.post(STEP, {"passkey": json.dumps(device.sign(asked_of(page)))})
    assert answer.status_code == 302
    assert is_in(client)


def test_a_device_that_does_not_check_who_holds_it_is_no_sign_in_alone() -> None:
    account, device = member(), Device(verifies=False)
    add(account, device)
    client = Client()
    assert by_passkey(client, device).status_code == 422
    assert not is_in(client)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://localhost:9000"},
        {"origin": "https://localhost:8000"},
        {"party": "evil.example"},
        {"key": Device().key},
        {"identity": b"somebody-else"},
    ],
)
def test_what_another_address_or_key_signed_opens_nothing(wrong: dict[str, Any]) -> None:
    account, device = member(), Device()
    add(account, device)
    for name, value in wrong.items():
        setattr(device, name, value)
    client = Client()
    assert by_passkey(client, device).status_code == 422
    assert not is_in(client)
    assert SecurityEvent.objects.filter(event="core.passkey.wrong", outcome="failed").count() == 1


def test_an_answer_counts_once_and_only_where_it_was_asked_for() -> None:
    account, device = member(), Device(counts=False)
    add(account, device)
    client = Client()
    asked = client.get(ASKS).json()
    answer = {"passkey": json.dumps(device.sign(asked))}
    stranger = Client()
    assert stranger.post(ASKS, answer).status_code == 422
    assert client.post(ASKS, answer).status_code == 302
    client.post("/accounts/sign-out/")
    assert client.post(ASKS, answer).status_code == 422
    session = client.session
    session["passkey_asked"] = {"challenge": asked["publicKey"]["challenge"], "user_verification": "required"}
    session.save()
    assert client.post(ASKS, answer).status_code == 422
    figure("R36", "3/3 refused", part="passkey answers used twice or elsewhere")


def test_a_copy_of_a_device_falls_behind() -> None:
    account, device = member(), Device()
    add(account, device)
    copy = Device(key=device.key, identity=device.identity, uses=device.uses)
    for _each in range(3):
        assert by_passkey(Client(), device).status_code == 302
    assert by_passkey(Client(), copy).status_code == 422


def test_a_device_that_does_not_count_is_no_copy() -> None:
    account, device = member(), Device(counts=False)
    add(account, device)
    assert [by_passkey(Client(), device).status_code for _each in range(3)] == [302] * 3


@pytest.mark.parametrize(
    "sent", ["", "[]", "null", "{}", '{"id": "x"}', "{not json", json.dumps({"id": 5, "response": 7})]
)
def test_what_is_no_answer_is_refused(sent: str) -> None:
    client = Client(raise_request_exception=False)
    client.get(ASKS)
    assert client.post(ASKS, {"passkey": sent}).status_code == 422


def test_an_account_that_is_switched_off_stays_out() -> None:
    account, device = member(), Device()
    add(account, device)
    Account.objects.filter(pk=account.pk).update(is_active=False)
    client = Client()
    assert by_passkey(client, device).headers["Location"] == "/accounts/inactive/"
    assert not is_in(client)


def test_the_pages_add_name_and_remove_one() -> None:
    account, device = member(), Device()
    client = browser(account)
    page = client.get("/account/passkeys/add/").content.decode()
    sent = {"name": "Key at home", "passkey": json.dumps(device.make(asked_of(page)))}
    assert "shown now and never again" in client.post("/account/passkeys/add/", sent).content.decode()
    number = Authenticator.objects.get(type="webauthn").pk
    assert "Key at home" in client.get("/account/second-factor/").content.decode()
    assert client.post(f"/account/passkeys/{number}/name/", {"name": "Phone"}).status_code == 302
    assert "Phone" in client.get("/account/second-factor/").content.decode()
    stranger = browser(member())
    for act in ("name", "remove"):
        assert stranger.post(f"/account/passkeys/{number}/{act}/", {"name": "Mine"}).status_code == 404
    assert client.post(f"/account/passkeys/{number}/remove/").status_code == 302
    assert not Authenticator.objects.exists()
    events = list(LedgerEntry.objects.filter(event__contains="second_factor").values_list("event", flat=True))
    assert events == ["core.second_factor.added", "core.second_factor.removed"]


def test_the_same_passkey_is_not_kept_twice() -> None:
    device = Device()
    add(member(), device)
    with pytest.raises(Refused, match="known already"):
        add(member(), device)


def test_whose_passkey_it_is_and_when_they_said_who_they_are_is_checked() -> None:
    account, device = member(), Device()
    asked, state = passkeys.begin_adding("account", shown_as="a", name="b")
    with pytest.raises(NotFound):
        passkeys.add_passkey(
            make.signed_in(member()), account, name="", answer=device.make(asked), state=state, now=NOW
        )
    late = make.signed_in(account, now=NOW.replace(hour=1))
    with pytest.raises(ConfirmFirst):
        passkeys.add_passkey(late, account, name="", answer=device.make(asked), state=state, now=NOW)
    assert not Authenticator.objects.exists()


def test_an_invitation_is_accepted_with_a_passkey() -> None:
    from django.utils import timezone

    from quarterdeck.core.services import invitations
    from quarterdeck.core.tests.sign_in.test_invitations import token_in_mail

    now = timezone.now()
    invitations.invite(make.admin(now=now), email="nina@norhaven.example", name="Nina", now=now)
    path = f"/invitation/{token_in_mail('nina@norhaven.example')}/"
    client, device = Client(), Device()
    asked = asked_of(client.get(path).content.decode())
    wrong = client.post(path, {"name": "Nina", "passkey": json.dumps(Device(party="evil.example").make(asked))})
    assert wrong.status_code == 422
    assert not Account.objects.filter(email="nina@norhaven.example").exists()
    asked = asked_of(wrong.content.decode())
    answer = client.post(path, {"name": "Nina", "passkey": json.dumps(device.make(asked))})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert is_in(client)
    assert not Account.objects.get(email="nina@norhaven.example").has_usable_password()


@pytest.mark.parametrize(
    ("address", "works"),
    [
        ("https://pmo.example.org", True),
        ("http://localhost:8000", True),
        ("http://192.168.1.5", False),
        ("https://[::1]:8000", False),
    ],
)
def test_passkeys_are_offered_where_browsers_take_them(address: str, works: bool, settings: Any) -> None:
    settings.BASE_URL = address
    assert passkeys.works_here() is works
