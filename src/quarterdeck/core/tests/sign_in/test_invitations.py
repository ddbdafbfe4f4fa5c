"""Invitations: once, within a week, for one address, and no more than whoever invites may give."""

import hashlib
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from quarterdeck.core import access, store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import ConfirmFirst, NotAllowed, NotFound, Refused
from quarterdeck.core.models import (
    Account,
    Holding,
    Invitation,
    LedgerEntry,
    Node,
    OutgoingMail,
    Person,
    Role,
)
from quarterdeck.core.services import accounts, invitations, outbox, roles
from quarterdeck.core.tests import make
from quarterdeck.core.tests.sign_in.people import OTHER_PASSWORD, PASSWORD, browser, is_in, member
from tests.proof.figures import figure

pytestmark = pytest.mark.django_db
NOW = make.MONDAY
WEEK = timedelta(days=7)


def admin() -> Actor:
    return make.admin(now=NOW)


def role(code: str = "viewer") -> Role:
    make.organisation()
    return Role.objects.get(code=code)


def invite(email: str = "nina@norhaven.example", by: Actor | None = None, **more: object) -> tuple[Invitation, str]:
    """An invitation, and the token in the mail that goes out."""
    invitation = invitations.invite(by or admin(), email=email, name="Nina New", now=NOW, **more)  # type: ignore[arg-type]
    return invitation, token_in_mail(email)


def token_in_mail(email: str) -> str:
    mail = OutgoingMail.objects.filter(address__iexact=email).latest("pk")
    found = re.search(r"/invitation/([A-Za-z0-9_-]+)/", outbox.message(mail).body)
    assert found
    return found.group(1)


def accept(token: str, now=NOW, **more: object) -> Account:  # type: ignore[no-untyped-def]
    return invitations.accept(token, now=now, password=PASSWORD, **more)  # type: ignore[arg-type]


def test_an_invitation_brings_an_account_and_a_role_with_its_acceptance_and_nothing_before() -> None:
    invitation, token = invite(role=role(), on=make.top())
    assert not Account.objects.filter(email="nina@norhaven.example").exists()
    assert not Person.objects.filter(email="nina@norhaven.example").exists()
    assert not Holding.objects.filter(role__code="viewer").exists()

    account = accept(token, name="Nina Neumann")

    assert account.check_password(PASSWORD)
    assert account.person.name == "Nina Neumann"
    assert access.actor_of_account(account, now=NOW).roles == ("Viewer",)
    invitation.refresh_from_db()
    assert (invitation.state, invitation.answered_at) == ("accepted", NOW)
    figure("R15", "0", part="rights of somebody who was invited and did not accept")


def test_a_token_works_once() -> None:
    _invitation, token = invite()
    accept(token)
    for _each in range(10):
        with pytest.raises(Refused, match="works no longer"):
            accept(token)
    assert Account.objects.filter(email="nina@norhaven.example").count() == 1
    figure("R15", "10/10", part="a second use refused")


def test_a_token_works_for_seven_days() -> None:
    invitation, token = invite()
    assert invitation.expires_at - invitation.created_at == WEEK
    with pytest.raises(Refused, match="works no longer"):
        accept(token, now=NOW + WEEK)
    assert accept(token, now=NOW + WEEK - timedelta(seconds=1))
    figure("R15", "7 days, refused after", part="lasts")


def test_only_the_digest_is_kept_also_while_the_mail_waits() -> None:
    invitation, token = invite()
    assert invitation.digest == hashlib.sha256(token.encode()).hexdigest()
    rows = [str(list(model.objects.values())) for model in (Invitation, OutgoingMail, LedgerEntry)]
    assert [token in text for text in rows] == [False, False, False]
    mail = OutgoingMail.objects.get()
    assert token not in mail.html
    assert token in outbox.message(mail).alternatives[0][0]
    figure("R15", "0", part="tokens readable in the database")


def test_a_link_in_the_mail_leads_to_the_configured_address() -> None:
    invite()
    body = outbox.message(OutgoingMail.objects.get()).body
    assert set(re.findall(r"https?://[^/\s]+", body)) == {"http://localhost:8000"}


def test_a_withdrawn_invitation_and_a_link_before_another_open_nothing() -> None:
    invitation, first = invite()
    invitations.send_again(admin(), invitation, now=NOW)
    second = token_in_mail("nina@norhaven.example")
    with pytest.raises(Refused, match="works no longer"):
        accept(first)
    invitations.withdraw(admin(), invitation, now=NOW)
    with pytest.raises(Refused, match="works no longer"):
        accept(second)
    with pytest.raises(Refused, match="no longer open"):
        invitations.withdraw(admin(), invitation, now=NOW)


def test_asking_again_for_the_same_is_one_invitation() -> None:
    _one, first = invite(role=role(), on=make.top())
    _two, second = invite("NINA@norhaven.example", role=role(), on=make.top())
    assert Invitation.objects.count() == 1
    assert first != second
    with pytest.raises(Refused):
        accept(first)
    assert accept(second)


def test_nobody_offers_more_than_they_may_give() -> None:
    unit = make.unit("Works")
    keeper = make.actor("pmo_lead", on=unit)
    invite(by=keeper, role=role("viewer"), on=unit)
    with pytest.raises(NotFound):
        invite(by=keeper, role=role("viewer"), on=make.unit("Elsewhere"))
    with pytest.raises(Refused, match="carries the right"):
        invite(by=keeper, role=role("administrator"), on=unit)
    with pytest.raises(NotAllowed):
        invite(by=keeper)
    with pytest.raises(NotFound):
        invite(by=make.actor(), role=role("viewer"), on=unit)
    figure("R15", "4/4", part="roles above the inviter's refused")


def test_an_offer_of_what_lets_somebody_manage_needs_a_fresh_proof() -> None:
    early = make.signed_in(accounts.first_administrator() if make.organisation() else None, NOW - timedelta(hours=1))  # type: ignore[arg-type]
    with pytest.raises(ConfirmFirst):
        invite(by=early, role=role("pmo_lead"), on=make.top())
    assert invite(by=early, role=role("viewer"), on=make.top())


def test_what_whoever_invited_may_no_longer_give_does_not_come_with_the_acceptance() -> None:
    unit = make.unit("Works")
    keeper = make.actor("pmo_lead", on=unit)
    _invitation, token = invite(by=keeper, role=role("viewer"), on=unit)
    holding = Holding.objects.get(person_id=keeper.person_id)
    roles.end_holding_on(holding, last_day=NOW.date() - timedelta(days=1), why=store.Because(None, NOW), actor=None)

    # Their account is gone too, which is the other way to lose it.
    with pytest.raises(Refused, match="may no longer"):
        accept(token)

    assert not Account.objects.filter(email="nina@norhaven.example").exists()
    assert Invitation.objects.get().state == "open"
    figure("R15", "1/1", part="role refused when the inviter lost theirs")


def test_an_inviter_who_was_switched_off_gives_nothing() -> None:
    inviter = member("pmo_lead")
    _invitation, token = invite(by=make.signed_in(inviter), role=role(), on=make.top())
    Account.objects.filter(pk=inviter.pk).update(is_active=False)
    with pytest.raises(Refused, match="may no longer"):
        accept(token)


def test_a_known_address_is_answered_alike_and_accepts_after_signing_in() -> None:
    inviter, known = member("administrator"), member(name="Kai Known")
    client = browser(inviter)
    answers = []
    for email in ("stranger@norhaven.example", known.email):
        answer = client.post("/invitations/new/", {"email": email, "name": "Somebody"})
        answers.append((answer.status_code, answer.headers["Location"]))
    assert answers == [(302, "/invitations/")] * 2
    assert OutgoingMail.objects.count() == 2

    token = token_in_mail(known.email)
    with pytest.raises(NotFound):
        invitations.accept(token, now=timezone.now(), password=OTHER_PASSWORD)
    page = Client().get(f"/invitation/{token}/").content.decode()
    assert f"Sign in with {known.email}" in page
    theirs = browser(known)
    assert theirs.post(f"/invitation/{token}/").status_code == 302
    known.refresh_from_db()
    assert known.check_password(PASSWORD)
    assert Invitation.objects.get(email=known.email).state == "accepted"
    figure("R06", "the same answer", part="inviting a known and an unknown address")


def test_somebody_else_who_is_signed_in_does_not_accept_for_them() -> None:
    known = member()
    invitations.invite(make.admin(now=timezone.now()), email=known.email, name="", now=timezone.now())
    token = token_in_mail(known.email)
    other = browser(member())
    assert "another account" in other.get(f"/invitation/{token}/").content.decode()
    assert other.post(f"/invitation/{token}/").status_code == 200
    assert Invitation.objects.get().state == "open"
    figure("R15", "opens for its address alone", part="somebody else with the link")


def test_an_opened_account_without_anything_to_sign_in_with_chooses_it_by_the_invitation() -> None:
    account = make.account(make.person("Olga Opened"))
    now = timezone.now()
    invitations.invite(make.admin(now=now), email=account.email, name="", now=now)
    token = token_in_mail(account.email)
    client = Client()
    page = client.get(f"/invitation/{token}/").content.decode()
    assert 'name="password"' in page
    assert "Your name" not in page
    answer = client.post(f"/invitation/{token}/", {"password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert is_in(client)


def test_opening_the_page_uses_nothing_up_and_a_wrong_link_is_answered_like_an_old_one() -> None:
    now = timezone.now()
    invitations.invite(make.admin(now=now), email="nina@norhaven.example", name="Nina", now=now)
    token = token_in_mail("nina@norhaven.example")
    client = Client(raise_request_exception=False)
    for _each in range(3):
        assert client.get(f"/invitation/{token}/").status_code == 200
    refused = client.post(f"/invitation/{token}/", {"name": "Nina", "password": "short"})
    assert refused.status_code == 422
    assert "too short" in refused.content.decode()
    assert client.post(f"/invitation/{token}/", {"name": "Nina", "password": PASSWORD}).status_code == 302
    used = Client(raise_request_exception=False).get(f"/invitation/{token}/")
    never = Client(raise_request_exception=False).get(f"/invitation/{'x' * 43}/")
    assert used.status_code == never.status_code == 422
    # Who is not inside sees no navigation either.
    assert "<nav" not in never.content.decode()
    assert re.sub(
        r'nonce="[^"]*"|"X-CSRFToken": "[^"]*"|value="[^"]*"|/invitation/[^"]*', "", used.content.decode()
    ) == re.sub(r'nonce="[^"]*"|"X-CSRFToken": "[^"]*"|value="[^"]*"|/invitation/[^"]*', "", never.content.decode())


def test_who_manages_sees_and_withdraws_and_others_find_nothing() -> None:
    now = timezone.now()
    invitation = invitations.invite(make.admin(now=now), email="nina@norhaven.example", name="Nina", now=now)
    path = f"/invitations/{invitation.uid}/"
    stranger = browser(member("viewer"))
    assert [stranger.get(each).status_code for each in ("/invitations/", "/invitations/new/", path)] == [404, 404, 404]
    assert stranger.post(f"{path}withdraw/").status_code == 404
    lead = browser(member("pmo_lead"))
    assert "nina@norhaven.example" in lead.get("/invitations/?state=open").content.decode()
    assert lead.get(path).status_code == 200
    assert lead.post(f"{path}again/").status_code == 302
    assert lead.post(f"{path}withdraw/").status_code == 302
    invitation.refresh_from_db()
    assert invitation.state == "withdrawn"


def test_an_administrator_lets_a_person_sign_in_and_switches_them_off() -> None:
    person = make.person("Petra Project")
    client = browser(member("administrator"))
    page = f"/people/{person.uid}/sign-in/"
    assert "Cannot sign in" in client.get(page).content.decode()
    assert client.post(page, {"email": person.email, "by_mail": "on"}).status_code == 302
    token = token_in_mail(person.email)
    theirs = Client()
    assert theirs.post(f"/invitation/{token}/", {"password": PASSWORD}).status_code == 302
    assert is_in(theirs)
    account = Account.objects.get(person=person)
    assert "last seen" in client.get(page).content.decode()
    assert client.post(f"{page}{account.pk}/disable/").status_code == 302
    assert not is_in(theirs)
    assert client.post(f"{page}{account.pk}/enable/").status_code == 302
    assert client.post(f"{page}{account.pk}/everything/").status_code == 404
    other = make.account(make.person())
    assert client.post(f"{page}{other.pk}/disable/").status_code == 404
    assert Account.objects.get(pk=other.pk).is_active


def test_whoever_does_not_manage_everybody_has_no_page_for_the_sign_in_of_others() -> None:
    person = make.person()
    account = make.account(person)
    for code in ("viewer", "auditor"):
        client = browser(member(code))
        assert client.get(f"/people/{person.uid}/sign-in/").status_code == 404
        assert client.post(f"/people/{person.uid}/sign-in/{account.pk}/disable/").status_code == 404
    assert Account.objects.get(pk=account.pk).is_active


def test_a_second_account_of_a_person_is_told_to_the_first() -> None:
    account = member()
    accounts.open_account(admin(), account.person, email="other@norhaven.example", now=NOW)
    mail = OutgoingMail.objects.get()
    assert mail.address == account.email
    assert "other@norhaven.example" in mail.text


def test_a_place_that_is_over_brings_no_role() -> None:
    _invitation, token = invite(role=role(), on=make.unit("Works"))
    Node.objects.filter(name="Works").update(ended_on=NOW.date())
    with pytest.raises(Refused, match="may no longer"):
        accept(token)
