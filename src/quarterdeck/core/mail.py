"""Mail that the worker writes and sends by itself: what people are told, at once and in digests."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_spaces_between_tags
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from procrastinate.contrib.django import app

from quarterdeck.core import access
from quarterdeck.core.models import Notification, OutgoingMail, Person
from quarterdeck.core.queries import organisation
from quarterdeck.core.services import notifications, outbox, telling
from quarterdeck.core.web import news

# One sender gives the next a turn after so many, so that other work is not held up by a long queue.
MOST = 100
# A mail quotes so much of a comment.
QUOTED = 1_000
# What came together in one mail beyond this number is counted, not listed.
LISTED = 40


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of a mail."""

    title: str
    sentence: str
    where: str
    url: str
    text: str
    html: str


@app.periodic(cron="* * * * *")
@app.task(name="core.look_at_mail", queueing_lock="core.look_at_mail")
def look_at_mail(timestamp: int) -> None:
    """Every minute: tell people what is new, write what is to go by mail now, and see that it is sent."""
    connection.close_if_unusable_or_obsolete()
    telling.tell_new(now=timezone.now())
    write_due(now=timezone.now())
    if outbox.is_due(timezone.now()):
        outbox.wake()


@app.task(name=outbox.WRITE)
def write_mail() -> None:
    """Write what somebody is told at once."""
    connection.close_if_unusable_or_obsolete()
    write_due(now=timezone.now())


@app.task(name=outbox.SEND)
def send_mail() -> None:
    """Send what is due, and go on soon when more waits."""
    # A connection that broke meanwhile is not used again.
    connection.close_if_unusable_or_obsolete()
    done = outbox.send_due(now=timezone.now, most=MOST)
    if done.sent + done.put_off + done.failed >= MOST:
        outbox.wake()


@app.periodic(cron="17 3 * * *")
@app.task(name="core.forget_old_mail", queueing_lock="core.forget_old_mail")
def forget_old_mail(timestamp: int) -> None:
    """Every night: what was sent or looked at long ago is forgotten."""
    outbox.forget_old(now=timezone.now())
    notifications.forget_old(now=timezone.now())


def write_due(*, now: datetime) -> int:
    """Write a mail to everybody for whom one is due; returns how many. Each is written for one person alone."""
    due = Notification.objects.filter(mail_at__lte=now).order_by("person_id")
    people = list(due.values_list("person_id", flat=True).distinct())
    return sum(write_to(person_id, now=now) is not None for person_id in people)


@transaction.atomic
def write_to(person_id: int, *, now: datetime) -> OutgoingMail | None:
    """
    Put what is due for a person into one mail, with what they may see at this moment, and into the outbox.

    What they looked at meanwhile is left out; None when nothing is left, or when they cannot sign in.
    """
    due = Notification.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        person_id=person_id, mail_at__lte=now
    )
    rows = list(due.select_related("by", "comment").order_by("-at", "-pk"))
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mail_at=None)
    person = Person.objects.filter(pk=person_id, left_on__isnull=True, accounts__is_active=True).first()
    if person is None or not person.email:
        return None
    actor = access.actor_of(person, now=now)
    told = news.compose(actor, [row for row in rows if row.seen_at is None])
    if not told:
        return None
    context = content(told)
    return outbox.post(
        to=person,
        subject=subject(told),
        text=render_to_string("core/mail/news.txt", context),
        html=strip_spaces_between_tags(render_to_string("core/mail/news.html", context)),
        nodes=sorted({each.node_id for each in told if each.node_id is not None}),
        now=now,
    )


def subject(told: list[news.Told]) -> str:
    """What it is about and what happened; nothing of it where those above may not see it."""
    if len(told) > 1:
        return ngettext("%(count)d thing happened", "%(count)d things happened", len(told)) % {"count": len(told)}
    only = told[0]
    return _("Something waits for you") if only.confidential else f"{only.title}: {only.sentence}"


def content(told: list[news.Told]) -> dict[str, object]:
    """The context of a mail. Of what is confidential it says that there is something, and where to read it."""
    found = organisation.organisation()
    return {
        "organisation": found.name if found else "Quarterdeck",
        "lines": [_line(each) for each in told[:LISTED]],
        "more": max(0, len(told) - LISTED),
        "page_url": settings.BASE_URL + reverse("notifications"),
        "choices_url": settings.BASE_URL + reverse("message_choices"),
    }


def _line(told: news.Told) -> Line:
    url = settings.BASE_URL + reverse("notification", args=[told.uid])
    if told.confidential:
        sentence = _("It is about something confidential, so this mail does not name it.")
        return Line(_("Something waits for you"), sentence, "", url, "", "")
    text, html = told.text, told.html
    if len(text) > QUOTED:
        text, html = text[:QUOTED].rstrip() + " …", ""
    return Line(told.title, told.sentence, told.where, url, text, html)
