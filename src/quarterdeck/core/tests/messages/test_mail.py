"""What goes out by mail: for each reader alone, with their rights at that moment, and a way to the very thing."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from quarterdeck.core import mail
from quarterdeck.core.errors import NotAllowed, NotFound, WrongMove
from quarterdeck.core.models import LedgerEntry, Notification, OutgoingMail, Person
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.services import comments, notifications, outbox, roles, telling, watching
from quarterdeck.core.tests import make
from quarterdeck.core.tests.make import MONDAY
from quarterdeck.core.tests.messages.people import Place, able, acting
from quarterdeck.core.tests.messages.test_notifications import rename

pytestmark = pytest.mark.django_db
TOMORROW = MONDAY + timedelta(days=1)


@pytest.fixture
def talk(place: Place) -> Place:
    """Ann named Keir in a comment with markdown."""
    comments.add_comment(acting(place.ann), "unit", place.key, text="@Keir Abelard, **look**.", now=MONDAY)
    return place


def mails() -> list[OutgoingMail]:
    return list(OutgoingMail.objects.order_by("pk"))


def test_a_mention_comes_at_once_and_says_what_and_where(talk: Place) -> None:
    assert mail.write_due(now=MONDAY) == 1
    (found,) = mails()
    assert (found.address, found.person) == (talk.keir.email, talk.keir)
    assert found.subject == "Works: Ann Bell named you in a comment"
    assert found.nodes == [talk.unit.pk]
    uid = Notification.objects.get(person=talk.keir).uid
    assert f"@Keir Abelard, **look**.\n\nhttp://localhost:8000/notifications/{uid}/\n" in found.text
    assert '<span class="qd-mention">@Keir Abelard</span>, <strong>look</strong>.' in found.html
    assert "http://localhost:8000/notifications/choices/" in found.text
    assert mail.write_due(now=MONDAY) == 0


def test_every_link_leads_to_the_address_of_the_installation(talk: Place) -> None:
    mail.write_due(now=MONDAY)
    (found,) = mails()
    for body in (found.text, found.html):
        links = re.findall(r"https?://[^\s\"<]+", body)
        assert links
        assert all(link.startswith("http://localhost:8000/") for link in links)


def test_the_link_lands_on_the_very_comment_after_the_sign_in(talk: Place) -> None:
    mail.write_due(now=MONDAY)
    link = re.findall(r"http://localhost:8000(/notifications/[0-9a-f-]{36}/)", mails()[0].text)[0]
    client = Client()
    away = client.get(link)
    assert away.status_code == 302
    assert away.headers["Location"] == f"/accounts/sign-in/?next={link}"
    client.force_login(talk.keir.accounts.get(), backend="allauth.account.auth_backends.AuthenticationBackend")
    there = client.get(link)
    told = Notification.objects.get(person=talk.keir)
    assert told.comment is not None
    said = told.comment.uid
    assert there.headers["Location"] == f"/comments/{said}/?told={told.uid}"
    page = client.get(there.headers["Location"])
    assert page.headers["Location"] == f"/about/unit/{talk.key}/talk/?told={told.uid}#comment-{said}"
    assert f'id="comment-{said}"' in client.get(page.headers["Location"]).content.decode()


def test_a_digest_brings_everything_of_the_day_together(place: Place) -> None:
    watching.watch(acting(place.vera), "unit", place.key, now=MONDAY)
    for word in ("One", "Two"):
        comments.add_comment(acting(place.ann), "unit", place.key, text=word, now=MONDAY)
    assert mail.write_due(now=MONDAY) == 0
    assert mail.write_due(now=TOMORROW) == 1
    (found,) = mails()
    assert found.subject == "2 things happened"
    assert found.text.index("Two") < found.text.index("One")


def test_what_was_read_meanwhile_does_not_come(place: Place) -> None:
    watching.watch(acting(place.vera), "unit", place.key, now=MONDAY)
    comments.add_comment(acting(place.ann), "unit", place.key, text="One", now=MONDAY)
    notifications.mark_all_seen(acting(place.vera), now=MONDAY)
    assert mail.write_due(now=TOMORROW) == 0


def test_rights_are_those_of_the_moment_of_writing(place: Place) -> None:
    watching.watch(acting(place.vera), "unit", place.key, now=MONDAY)
    comments.add_comment(acting(place.ann), "unit", place.key, text="Private words", now=MONDAY)
    roles.end_holding(make.admin(), place.vera.holdings.get(), now=MONDAY + timedelta(hours=1))
    assert mail.write_due(now=TOMORROW) == 0
    assert not Notification.objects.filter(mail_at__isnull=False, person=place.vera).exists()


def test_who_cannot_sign_in_or_has_no_address_gets_no_mail(talk: Place) -> None:
    talk.keir.accounts.update(is_active=False)
    assert mail.write_due(now=MONDAY) == 0
    comments.add_comment(acting(talk.keir), "unit", talk.key, text="@Ann Bell?", now=MONDAY)
    Person.objects.filter(pk=talk.ann.pk).update(email="")
    assert mail.write_due(now=MONDAY) == 0


def test_mail_about_something_confidential_says_only_that_something_waits(db: None) -> None:
    secret = make.secret_unit("Merger")
    for name in ("Ines Inside", "Ivo Inside"):
        able(name, "programme_manager", secret)
    ines, ivo = Person.objects.get(name="Ines Inside"), Person.objects.get(name="Ivo Inside")
    comments.add_comment(acting(ines), "unit", secret.ref, text="@Ivo Inside, the price is 7", now=MONDAY)
    assert mail.write_due(now=MONDAY) == 1
    (found,) = mails()
    assert found.person == ivo
    assert found.subject == "Something waits for you"
    for body in (found.subject, found.text, found.html):
        assert not any(word in body for word in ("Merger", secret.ref, "price", "Ines"))
    # Who sees the mail of the installation but not the unit does not see that there was one.
    assert not questions.mails(make.admin()).exists()
    assert questions.mails(acting(able("Ida Both", "administrator"))).count() == 0
    make.grant(ines, "administrator", make.top())
    assert questions.mails(acting(ines)).count() == 1


def test_a_round_for_all_writes_the_same_as_a_round_for_each(place: Place) -> None:
    """R03c: what one reader gets does not depend on who else is served."""
    secret = make.secret_unit("Merger")
    people = [place.keir, place.vera, place.ann]
    make.grant(place.vera, "viewer", secret)
    ines = able("Ines Inside", "programme_manager", secret)
    for person in people:
        watching.watch(acting(person), "unit", place.key, now=MONDAY)
    watching.watch(acting(place.vera), "unit", secret.ref, now=MONDAY)
    comments.add_comment(acting(ines), "unit", secret.ref, text="Between us", now=MONDAY)
    comments.add_comment(acting(place.ann), "unit", place.key, text="@Keir Abelard, look", now=MONDAY)
    comments.add_comment(acting(place.keir), "unit", place.key, text="I did", now=MONDAY)
    rename(place)
    telling.tell_new(now=MONDAY)

    def written() -> dict[str, tuple[str, str, str]]:
        return {each.address: (each.subject, each.text, each.html) for each in mails()}

    def undone(work: Any) -> dict[str, tuple[str, str, str]]:
        with transaction.atomic():
            work()
            found = written()
            transaction.set_rollback(True)
        return found

    together = undone(lambda: mail.write_due(now=TOMORROW + timedelta(days=6)))
    alone: dict[str, tuple[str, str, str]] = {}
    for person in Person.objects.order_by("-pk"):
        alone |= undone(lambda who=person: mail.write_to(who.pk, now=TOMORROW + timedelta(days=6)))
    assert {person.email for person in [*people, ines]} == set(together)
    assert together == alone
    print(
        f"R03c: {len(together)} readers served together and alone: {sum(together[a] != alone[a] for a in alone)} differ"
    )


def failed(**more: Any) -> OutgoingMail:
    made = outbox.post(to="keir@norhaven.example", subject="Hello", text="Words.", now=MONDAY, **more)
    OutgoingMail.objects.filter(pk=made.pk).update(state="failed", attempts=8, problem="No.")
    return OutgoingMail.objects.get(pk=made.pk)


def test_who_manages_mail_sends_what_failed_again(place: Place) -> None:
    again = outbox.try_again(make.admin(), failed().uid, now=TOMORROW)
    assert (again.state, again.attempts, again.due_at, again.problem) == ("waiting", 0, TOMORROW, "")
    assert LedgerEntry.objects.latest("pk").event == "core.mail.tried_again"


def test_and_withdraws_what_waits_whose_text_is_gone_then(place: Place) -> None:
    made = outbox.post(to="keir@norhaven.example", subject="Hello", text="Words.", now=MONDAY)
    gone = outbox.withdraw(make.admin(), made.uid, now=MONDAY)
    assert (gone.state, gone.text) == ("withdrawn", "")
    with pytest.raises(WrongMove, match="was withdrawn"):
        outbox.try_again(make.admin(), made.uid, now=MONDAY)


@pytest.mark.parametrize("role", ["pmo_lead", "auditor", "viewer"])
def test_nobody_else_does(place: Place, role: str) -> None:
    made = failed()
    with pytest.raises((NotFound, NotAllowed)):
        outbox.try_again(make.actor(role), made.uid, now=MONDAY)
    made.refresh_from_db()
    assert made.state == "failed"


def test_mail_about_a_place_that_they_do_not_reach_is_not_found(place: Place) -> None:
    secret = make.secret_unit("Merger")
    made = failed(nodes=[secret.pk])
    with pytest.raises(NotFound):
        outbox.try_again(make.admin(), made.uid, now=MONDAY)
