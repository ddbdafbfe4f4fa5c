"""
Mail waits in the outbox: written in the transaction of what it tells of, sent by a worker.

A transaction that is rolled back takes its mails back, and a mail server that is away hinders nobody's work. Each mail
is claimed, sent and marked in one transaction: a sender that is killed leaves at most one mail that is sent twice, and
both carry the same Message-ID.
"""

import logging
import smtplib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import Error, transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from quarterdeck.core import access, ledger, rights, sealing, store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotFound, Refused, WrongMove
from quarterdeck.core.models import OutgoingMail, Person
from quarterdeck.core.queries import messages as questions

log = logging.getLogger(__name__)

# How long after each try the next one follows; after the last the mail has failed.
WAITS = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(hours=24),
)
SEND, WRITE = "core.send_mail", "core.write_mail"
PERMANENT = range(500, 600)


@dataclass(frozen=True, slots=True)
class Round:
    """What a sender did: mails sent, put off, given up; away: the server did not answer, so it stopped."""

    sent: int = 0
    put_off: int = 0
    failed: int = 0
    away: bool = False


def post(
    *,
    to: Person | str,
    subject: str,
    text: str,
    html: str = "",
    now: datetime,
    person: Person | None = None,
    nodes: Sequence[int] = (),
) -> OutgoingMail:
    """
    Put a mail into the outbox, in the caller's transaction.

    to : a person, or an address. person : whom an address belongs to, so that the mail goes when they go.
    nodes : the places whose things it tells of; who does not reach them does not learn that it was written.
    """
    whose = to if isinstance(to, Person) else person
    address = to.email if isinstance(to, Person) else to.strip()
    if not address:
        raise Refused("no_address", _("There is no address to write to."))
    mail = OutgoingMail(
        person=whose,
        nodes=list(nodes),
        address=address,
        subject=one_line(subject)[:300],
        text=text,
        html=html,
        created_at=now,
        due_at=now,
    )
    store.create(mail, store.Because(None, now))
    transaction.on_commit(wake, robust=True)
    return mail


def one_line(text: str) -> str:
    """A text without what would begin another header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def is_sent() -> bool:
    """Whether this installation has a mail server; without one mail waits."""
    return bool(settings.MAIL_IS_SENT)


def wake(after: timedelta | None = None, *, task: str = SEND) -> None:
    """Ask the worker to look now. It looks every minute anyway, so what goes wrong here is no loss."""
    seconds = int(after.total_seconds()) + 1 if after else 0
    if seconds:
        asked = app.configure_task(task, queueing_lock=f"{task}.again", schedule_in={"seconds": seconds})
    else:
        asked = app.configure_task(task, queueing_lock=task)
    try:
        with transaction.atomic():
            asked.defer()
    except AlreadyEnqueued:
        pass
    except Error:
        log.warning("The worker could not be told of new mail; it looks within a minute.")


def wake_to_write() -> None:
    """Ask the worker to write the mails of which somebody is told at once."""
    wake(task=WRITE)


def is_due(now: datetime) -> bool:
    """Whether there is anything to send, and a server to send it with."""
    return is_sent() and OutgoingMail.objects.filter(state="waiting", due_at__lte=now).exists()


def send_due(*, now: Callable[[], datetime], most: int = 500) -> Round:
    """
    Send what is due, the oldest first, at most so many; several senders may do it at once.

    now : the clock, since a round lasts.
    """
    sent = put_off = failed = 0
    if not is_sent():
        return Round()
    backend: BaseEmailBackend = get_connection()
    try:
        for _number in range(most):
            state = _send_next(backend, now)
            if state is None:
                break
            sent += state == "sent"
            failed += state == "failed"
            put_off += state in {"waiting", "away"}
            if state == "away":
                return Round(sent, put_off, failed, away=True)
    finally:
        _close(backend)
    return Round(sent, put_off, failed)


@transaction.atomic
def _send_next(backend: BaseEmailBackend, now: Callable[[], datetime]) -> str | None:
    """Claim one mail that no other sender has, send it and mark it. None: there is none."""
    mail = (
        OutgoingMail.objects.select_for_update(skip_locked=True)
        .filter(state="waiting", due_at__lte=now())
        .order_by("due_at", "pk")
        .first()
    )
    if mail is None:
        return None
    try:
        backend.open()
        backend.send_messages([message(mail, backend)])
    except smtplib.SMTPRecipientsRefused as refused:
        _close(backend)
        said = list(refused.recipients.values())
        return _note_failure(mail, now(), _answer(*said[0]), final=all(code in PERMANENT for code, _text in said))
    except smtplib.SMTPDataError as refused:
        _close(backend)
        code = refused.smtp_code
        return _note_failure(mail, now(), _answer(code, refused.smtp_error), final=code in PERMANENT)
    except (OSError, smtplib.SMTPException) as problem:
        _close(backend)
        text = _("The mail server did not take it: %(problem)s") % {"problem": problem}
        _note_failure(mail, now(), text, final=False)
        return "away"
    _mark(mail, "send", attempts=mail.attempts + 1, sent_at=now(), problem="", text="", html="")
    return mail.state


def message(mail: OutgoingMail, backend: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    """The mail as it goes over the wire, with what was hidden in it; the same in every try."""
    made = EmailMultiAlternatives(
        mail.subject,
        sealing.reveal(mail.text),
        to=[mail.address],
        connection=backend,
        headers={
            "Message-ID": message_id(mail),
            "Date": format_datetime(mail.created_at),
            "Auto-Submitted": "auto-generated",
        },
    )
    if mail.html:
        made.attach_alternative(sealing.reveal(mail.html), "text/html")
    return made


def message_id(mail: OutgoingMail) -> str:
    """By this a mailbox knows a mail that comes a second time."""
    return f"<{mail.uid}@{urlsplit(settings.BASE_URL).hostname}>"


def _note_failure(mail: OutgoingMail, moment: datetime, problem: str, *, final: bool) -> str:
    attempts = mail.attempts + 1
    problem = one_line(problem)[:300]
    if final or attempts > len(WAITS):
        _mark(mail, "give_up", attempts=attempts, problem=problem)
        return mail.state
    wait = WAITS[attempts - 1]
    OutgoingMail.objects.filter(pk=mail.pk).update(attempts=attempts, due_at=moment + wait, problem=problem)
    if wait <= timedelta(minutes=1):
        transaction.on_commit(lambda: wake(wait), robust=True)
    return "waiting"


def _mark(mail: OutgoingMail, by: str, **values: object) -> None:
    mail.state = OutgoingMail.MOVES[mail.state, by]
    OutgoingMail.objects.filter(pk=mail.pk).update(state=mail.state, **values)


def _answer(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return _("The mail server refused it: %(code)s %(text)s") % {"code": code, "text": said}


def _close(backend: BaseEmailBackend) -> None:
    """Let the connection go; the next mail opens one anew."""
    try:
        backend.close()
    except (OSError, smtplib.SMTPException):
        log.debug("The connection to the mail server was gone already.")


def forget_old(*, now: datetime, days: int = 30) -> int:
    """Remove what was sent or withdrawn long ago; returns how many."""
    over = OutgoingMail.objects.filter(state__in=["sent", "withdrawn"], created_at__lt=now - timedelta(days=days))
    return over.delete()[0]


@transaction.atomic
def try_again(actor: Actor, uid: UUID, *, now: datetime) -> OutgoingMail:
    """Send a mail that failed once more, with all its tries before it."""
    mail = _of_manager(actor, uid)
    _move(mail, "try_again", attempts=0, due_at=now, problem="")
    ledger.record(actor, "core.mail.tried_again", on=mail, at=now)
    transaction.on_commit(wake, robust=True)
    return mail


@transaction.atomic
def withdraw(actor: Actor, uid: UUID, *, now: datetime) -> OutgoingMail:
    """Let a mail that waits never go; its text is gone."""
    mail = _of_manager(actor, uid)
    _move(mail, "withdraw", text="", html="")
    ledger.record(actor, "core.mail.withdrawn", on=mail, at=now)
    return mail


def _of_manager(actor: Actor, uid: UUID) -> OutgoingMail:
    mail = questions.mails(actor).filter(uid=uid).first()
    if mail is None:
        raise NotFound
    access.require(actor, rights.MANAGE_MAIL, on=None)
    return mail


def _move(mail: OutgoingMail, by: str, **values: object) -> None:
    """One step, of two at once one; a mail that a sender has at this moment is waited for."""
    target = OutgoingMail.MOVES.get((mail.state, by))
    moved = target and OutgoingMail.objects.filter(pk=mail.pk, state=mail.state).update(state=target, **values)
    if not moved:
        words = {"sent": _("It was sent."), "withdrawn": _("It was withdrawn."), "waiting": _("It waits to be sent.")}
        current = OutgoingMail.objects.values_list("state", flat=True).get(pk=mail.pk)
        raise WrongMove("wrong_move", words.get(current, _("It failed. Try it again, or leave it.")))
    mail.refresh_from_db()
