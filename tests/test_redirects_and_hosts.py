"""No address of ours leads elsewhere, whatever it is told, and mail leads to the configured address (R13)."""

import re
from urllib.parse import quote, urljoin, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from quarterdeck.core.models import OutgoingMail, RateCounter
from quarterdeck.core.services import accounts, invitations, outbox
from quarterdeck.core.tests import make as core
from quarterdeck.core.tests.sign_in.people import PASSWORD, browser, member, sign_in
from tests.proof.figures import figure

pytestmark = pytest.mark.django_db
ELSEWHERE = [
    "https://evil.example/", "http://evil.example", "//evil.example", "///evil.example", "////evil.example/%2f..",
    "/\\evil.example", "\\\\evil.example", "\\/evil.example", "http:evil.example", "http:/evil.example",
    "https:///evil.example", "HTTPS://EVIL.EXAMPLE", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x", "vbscript:x", "file:///etc/passwd", "ftp://evil.example", "mailto:a@evil.example",
    " //evil.example", "\t//evil.example", "\r\n//evil.example", "/\t/evil.example", "/\n/evil.example",
    "/%09/evil.example", "/%5cevil.example", "%2f%2fevil.example", "//localhost:8000@evil.example",
    "http://testserver@evil.example/", "http://testserver.evil.example/", "http://evil.example#testserver",
    "http://evil.example?testserver", "//evil.example\\@testserver", "http://[::1]@evil.example", "http://testserver:80:x",
    "evil.example", "./../..//evil.example", "\u2028//evil.example", "http://127.0.0.1:9/", "http://localhost:9/",
    "／／evil.example", "/x\r\nSet-Cookie: a=b", "//evil。example",
]  # fmt: skip
HOSTS = [
    "evil.example", "localhost.evil.example", "evil.example:8000", "localhost@evil", "", "testserver.evil.example",
    "localhost:80@evil.example", "127.0.0.1.evil.example", "local host", "localhost/evil.example", "*", "[::1",
]  # fmt: skip


def leads_within(location: str) -> bool:
    """Where a browser goes, which reads a backslash as a slash and leaves blanks and line ends out."""
    seen = re.sub(r"[\t\r\n]", "", location.strip()).replace("\\", "/")
    return urlsplit(urljoin("http://testserver/accounts/sign-in/", seen))[:2] == ("http", "testserver")


def test_signing_in_leads_on_within_the_site_only() -> None:
    account = member("pmo_lead")
    for target in ELSEWHERE:
        RateCounter.objects.all().delete()
        sent = {"login": account.email, "password": PASSWORD, "next": target}
        answer = Client(raise_request_exception=False).post(f"/accounts/sign-in/?next={quote(target)}", sent)
        assert answer.status_code == 302, target
        assert leads_within(answer.headers["Location"]), target
    assert leads_within("https://evil.example") is False
    figure("R13", f"{len(ELSEWHERE)} values, 0 lead elsewhere", part="next after the sign-in")


def test_no_other_way_leads_elsewhere_either() -> None:
    account = member("pmo_lead")
    client = browser(account)
    tried = 0
    for target in ELSEWHERE:
        RateCounter.objects.all().delete()
        asked, plain = quote(target), target.encode("ascii", "replace").decode()
        part = {"HX-Request": "true", "HX-Current-URL": plain}
        answers = [
            client.post(f"/account/confirm/?next={asked}", {"qd_confirm": "1", "qd_confirm_password": PASSWORD}),
            client.get(f"/accounts/sign-in/?next={asked}"),
            Client(raise_request_exception=False).post(f"/accounts/sign-out/?next={asked}"),
            Client(raise_request_exception=False).get("/account/", {"next": target}),
            Client(raise_request_exception=False).post("/account/tokens/", headers={"Referer": plain}),
            Client(raise_request_exception=False).get("/my-work/", headers=part),
        ]  # fmt: skip
        for answer in answers:
            location = answer.headers.get("Location", "") or answer.headers.get("HX-Redirect", "")
            assert answer.status_code < 500, target
            assert leads_within(location), (target, location)
            on = re.search(r"next=([^&]*)", location)
            assert on is None or "evil" not in urlsplit(on[1]).netloc, (target, location)
            tried += 1
    figure("R13", f"{tried} tries, 0 lead elsewhere", part="sign-out, confirm, return after the end of a session")


@pytest.mark.parametrize("host", HOSTS)
def test_a_foreign_host_is_refused(host: str) -> None:
    client = Client(raise_request_exception=False)
    assert client.get("/accounts/sign-in/", headers={"Host": host}).status_code == 400
    assert client.post("/accounts/password/reset/", {"email": "a@b.example"}, headers={"Host": host}).status_code == 400
    assert not OutgoingMail.objects.exists()
    figure("R13", "{n} Host values refused", n=1, part="Host")


def test_every_link_in_a_mail_leads_to_the_configured_address_whatever_host_was_asked() -> None:
    account, now = member("administrator"), timezone.now()
    client = browser(account)
    Client().post("/accounts/password/reset/", {"email": account.email}, headers={"Host": "127.0.0.1:9999"})
    client.post(
        "/invitations/new/", {"email": "nina@norhaven.example", "name": "Nina"}, headers={"Host": "127.0.0.1:9999"}
    )
    accounts.open_account(core.admin(now=now), account.person, email="second@norhaven.example", now=now)
    mails = [outbox.message(mail) for mail in OutgoingMail.objects.all()]
    assert len(mails) == 3
    found = [
        urlsplit(each).netloc
        for mail in mails
        for text in (mail.body, *(str(content) for content, _kind in mail.alternatives))
        for each in re.findall(r"https?://[^\s\"<>]+", text)
    ]
    assert set(found) == {"localhost:8000"}
    assert any("/invitation/" in mail.body for mail in mails)
    figure("R13", f"{len(found)} links, all to the configured address", part="links in mails")


def test_a_reset_and_a_sign_in_answer_the_same_for_known_and_unknown_addresses() -> None:
    known, without = member(), core.account()
    off = member()
    type(off).objects.filter(pk=off.pk).update(is_active=False)
    emails = (known.email, without.email, off.email, "nobody@norhaven.example")
    resets, tries = [], []
    for email in emails:
        answer = Client().post("/accounts/password/reset/", {"email": email})
        resets.append((answer.status_code, answer.headers["Location"], dict(answer.cookies)))
        page = sign_in(Client(), email, "wrong")
        body = re.sub(r'nonce="[^"]*"|value="[^"]*"|"X-CSRFToken": "[^"]*"', "", page.content.decode())
        tries.append((page.status_code, body.replace(email, "")))
    assert len({(status, location) for status, location, _cookies in resets}) == 1
    assert resets[0][:2] == (302, "/accounts/password/reset/done/")
    assert len(set(tries)) == 1
    figure("R06", f"{len(emails)} kinds of address, 1 answer each", part="reset and sign-in")


def test_an_invitation_that_is_not_there_any_more_answers_like_one_that_never_was() -> None:
    now = timezone.now()
    invitation = invitations.invite(core.admin(now=now), email="nina@norhaven.example", name="Nina", now=now)
    token = re.search(r"/invitation/([^/]+)/", outbox.message(OutgoingMail.objects.get()).body)[1]
    invitations.withdraw(core.admin(now=now), invitation, now=now)
    client, bodies = Client(raise_request_exception=False), set()
    for each in (token, "x" * 43, "y"):
        answer = client.get(f"/invitation/{each}/")
        bodies.add(
            (
                answer.status_code,
                re.sub(
                    r'nonce="[^"]*"|value="[^"]*"|"X-CSRFToken": "[^"]*"|/invitation/[^/"]*/',
                    "",
                    answer.content.decode(),
                ),
            )
        )
    assert len(bodies) == 1
    figure("R06", "withdrawn, unknown and no token: 1 answer", part="invitation")
