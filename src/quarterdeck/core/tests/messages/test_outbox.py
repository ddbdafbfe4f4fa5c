"""Mail is written with what it tells of, and sent later, again if need be."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail as django_mail
from django.db import transaction

from quarterdeck.core import sealing
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import OutgoingMail
from quarterdeck.core.services import outbox
from quarterdeck.core.tests import make
from quarterdeck.core.tests.make import MONDAY
from quarterdeck.core.tests.messages.post_office import PostOffice, post_office
from tests.proof.figures import figure


@pytest.fixture
def server(settings: Any) -> None:
    """There is a mail server."""
    settings.MAIL_IS_SENT = True


def at(settings: Any, office: PostOffice) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", office.port, False
    settings.MAIL_IS_SENT = True


def post(now: datetime = MONDAY, **more: Any) -> OutgoingMail:
    facts: dict[str, Any] = {"to": "keir@norhaven.example", "subject": "Hello", "text": "Good day.\n"}
    return outbox.post(**(facts | more), now=now)


def send(now: datetime = MONDAY) -> outbox.Round:
    return outbox.send_due(now=lambda: now)


@pytest.mark.django_db
def test_a_mail_waits_until_it_is_sent_and_its_text_is_gone_then(server: None) -> None:
    mail = post(html="<p>Good day.</p>")
    assert mail.state == "waiting"
    assert django_mail.outbox == []

    assert send() == outbox.Round(sent=1)

    sent = django_mail.outbox[0]
    assert (sent.to, sent.subject, sent.body) == (["keir@norhaven.example"], "Hello", "Good day.\n")
    assert sent.alternatives[0].content == "<p>Good day.</p>"  # type: ignore[attr-defined]
    mail.refresh_from_db()
    assert (mail.state, mail.sent_at, mail.text, mail.html) == ("sent", MONDAY, "", "")
    assert send() == outbox.Round()


@pytest.mark.django_db
def test_what_opens_something_is_readable_in_the_mail_only(server: None) -> None:
    link = sealing.hide("http://localhost:8000/sign-in/secret")
    mail = post(text=f"Open {link}\n", html=f'<a href="{link}">Open</a>')
    assert "secret" not in mail.text + mail.html
    send()
    sent = django_mail.outbox[0]
    assert sent.body == "Open http://localhost:8000/sign-in/secret\n"
    assert "/sign-in/secret" in sent.alternatives[0].content  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_without_a_mail_server_mail_waits() -> None:
    mail = post()
    assert send() == outbox.Round()
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == ("waiting", 0)


@pytest.mark.django_db
def test_a_mail_server_that_is_away_hinders_no_save_and_is_tried_less_and_less_often(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.MAIL_IS_SENT = "127.0.0.1", 9, True
    mail, other = post(), post(MONDAY + timedelta(seconds=1))
    moment, waits = MONDAY, []
    for _try in outbox.WAITS:
        assert send(moment).away
        mail.refresh_from_db()
        assert mail.state == "waiting"
        waits.append(mail.due_at - moment)
        moment = mail.due_at
        # The other one is no reason to knock again in the same round.
        other.refresh_from_db()
        assert other.attempts == 0
        OutgoingMail.objects.filter(pk=other.pk).update(due_at=moment + timedelta(seconds=1))
    assert waits == list(outbox.WAITS)
    assert (waits[0], waits[-1]) == (timedelta(seconds=10), timedelta(hours=24))

    assert send(moment).away
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == ("failed", 8)
    assert "did not take it" in mail.problem
    figure("R24", "7 more tries after 10 s … 24 h, then failed and listed", part="a mail server that is away")


@pytest.mark.django_db
def test_an_address_that_does_not_exist_is_not_tried_again(settings: Any, tmp_path: Path) -> None:
    with post_office(tmp_path / "post", refuse="550 5.1.1 no such user") as office:
        at(settings, office)
        mail = post()
        assert send() == outbox.Round(failed=1)
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == ("failed", 1)
    assert "no such user" in mail.problem


@pytest.mark.django_db
def test_a_full_mailbox_is_tried_again(settings: Any, tmp_path: Path) -> None:
    with post_office(tmp_path / "post", refuse="452 4.2.2 mailbox full") as office:
        at(settings, office)
        mail = post()
        assert send() == outbox.Round(put_off=1)
    mail.refresh_from_db()
    assert (mail.state, mail.due_at) == ("waiting", MONDAY + timedelta(seconds=10))


@pytest.mark.django_db
def test_what_goes_over_the_wire_has_two_forms_and_an_id_of_its_own(settings: Any, tmp_path: Path) -> None:
    with post_office(tmp_path / "post") as office:
        at(settings, office)
        mail = post(subject="Grüße\r\nBcc: all@norhaven.example", html="<p>Good day.</p>")
        send()
        received = office.mails()[0]
    assert received["Message-ID"] == f"<{mail.uid}@localhost>"
    assert received["Subject"] == "Grüße Bcc: all@norhaven.example"
    assert received["Bcc"] is None
    assert received["From"] == "Quarterdeck <quarterdeck@localhost>"
    assert received["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in received.iter_parts()] == ["text/plain", "text/html"]  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_a_person_without_an_address_is_refused_in_a_sentence() -> None:
    someone = make.person()
    someone.email = ""
    with pytest.raises(Refused, match="no address"):
        post(to=someone)


@pytest.mark.django_db
def test_what_is_rolled_back_was_never_in_the_outbox() -> None:
    def refused_act() -> None:
        with transaction.atomic():
            post()
            raise Refused("no", "No.")

    with pytest.raises(Refused):
        refused_act()
    assert not OutgoingMail.objects.exists()


@pytest.mark.django_db
def test_what_was_sent_long_ago_is_forgotten_and_what_failed_is_kept(server: None) -> None:
    old = post(MONDAY - timedelta(days=31))
    failed = post(MONDAY - timedelta(days=31))
    send()
    OutgoingMail.objects.filter(pk=failed.pk).update(state="failed")
    assert outbox.forget_old(now=MONDAY) == 1
    assert not OutgoingMail.objects.filter(pk=old.pk).exists()
    assert OutgoingMail.objects.filter(pk=failed.pk).exists()


@pytest.fixture
def jobs(committed: str) -> Iterator[Any]:
    from procrastinate.contrib.django.models import ProcrastinateJob

    return ProcrastinateJob.objects.filter(task_name=outbox.SEND)  # type: ignore[return-value]


def test_the_worker_is_asked_once_for_many_mails(jobs: Any) -> None:
    with transaction.atomic():
        for _number in range(5):
            post()
        assert jobs.count() == 0
    assert jobs.count() == 1
