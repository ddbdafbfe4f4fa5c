"""
Telling people what happened.

A notification holds what happened to which thing and no words; those are put together when it is read, with what its
reader may see then. By mail it comes as each person chose: at once, in a daily or weekly digest, or not at all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotFound, Refused
from quarterdeck.core.models import Comment, Job, MessageChoice, Notification
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.queries.messages import Subject
from quarterdeck.core.services import outbox
from quarterdeck.core.texts import Text

AT_ONCE, DAILY, WEEKLY, NEVER = "at_once", "daily", "weekly", "never"
WAYS: dict[str, Text] = {
    AT_ONCE: _("At once"),
    DAILY: _("In a daily digest"),
    WEEKLY: _("In a weekly digest"),
    NEVER: _("On the page only"),
}
# The same change, told again within this time while nobody looked, is one line.
TOGETHER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of thing that people are told, and how it comes by mail unless they choose otherwise."""

    code: str
    label: Text
    help: Text
    mail: str


SORTS: dict[str, Sort] = {
    sort.code: sort
    for sort in (
        Sort("mention", _("You are named in a comment"), _("Somebody wrote @ and your name."), AT_ONCE),
        Sort("comment", _("Comments"), _("On what you watch, lead or commented on."), DAILY),
        Sort("change", _("Changes"), _("Of what you watch or lead: facts, people, files, moves."), DAILY),
        Sort("role", _("Your roles"), _("A role was given to you, or one of yours ended."), AT_ONCE),
        Sort("invitation", _("Invitations"), _("Somebody you invited signed in."), DAILY),
        Sort("job", _("Your long work"), _("An import or another job of yours is over."), NEVER),
    )
}


def next_mail(way: str, now: datetime) -> datetime | None:
    """When mail in this way goes out next; digests at the hour of the organisation, weekly ones on Monday."""
    if way == AT_ONCE:
        return now
    if way not in {DAILY, WEEKLY}:
        return None
    here = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    then = here.replace(hour=settings.DIGEST_HOUR, minute=0, second=0, microsecond=0)
    while then <= here or (way == WEEKLY and then.weekday() != 0):
        then = (then + timedelta(days=1)).replace(hour=settings.DIGEST_HOUR)
    return then


def digest_hour() -> str:
    """When digests go out, in words."""
    return f"{settings.DIGEST_HOUR}:00 ({settings.TIME_ZONE})"


def tell(
    about: Subject,
    people: Mapping[int, str],
    *,
    event: str,
    by_id: int | None,
    now: datetime,
    comment: Comment | None = None,
) -> int:
    """
    Tell people of something, each by the sort that concerns them most; never who did it.

    people : sort by person id. The caller made sure that they may see the thing now.
    """
    return _tell({"node_id": about.node_id, "subject_kind": about.code, "subject_id": about.pk}, people,
                 event=event, by_id=by_id, now=now, comment=comment)  # fmt: skip


def tell_of_oneself(
    person_id: int,
    sort: str,
    *,
    kind: str,
    pk: int,
    event: str,
    by_id: int | None,
    now: datetime,
    node_id: int | None = None,
) -> int:
    """Tell somebody of what concerns themselves: their role, their job, whom they invited."""
    about = {"node_id": node_id, "subject_kind": kind, "subject_id": pk}
    return _tell(about, {person_id: sort}, event=event, by_id=by_id, now=now, comment=None)


def _tell(
    about: Mapping[str, int | str | None],
    people: Mapping[int, str],
    *,
    event: str,
    by_id: int | None,
    now: datetime,
    comment: Comment | None,
) -> int:
    others = {person: sort for person, sort in people.items() if person != by_id}
    if not others:
        return 0
    if comment is None:
        same = Notification.objects.filter(
            **about, event=event, by_id=by_id, seen_at__isnull=True, at__gte=now - TOGETHER
        )
        known = same.filter(person_id__in=others)
        told = set(known.values_list("person_id", flat=True))
        known.update(at=now)
        others = {person: sort for person, sort in others.items() if person not in told}
    chosen = questions.choices(others)
    new = [
        Notification(
            **about,
            person_id=person,
            event=event,
            by_id=by_id,
            comment=comment,
            why=sort,
            at=now,
            mail_at=next_mail(chosen.get((person, sort), SORTS[sort].mail), now),
        )
        for person, sort in others.items()
    ]
    Notification.objects.bulk_create(new, batch_size=500)
    if any(each.mail_at is not None and each.mail_at <= now for each in new):
        transaction.on_commit(outbox.wake_to_write, robust=True)
    return len(new)


def tell_of_job(job: Job, *, now: datetime) -> None:
    """Tell who started it that a job is over."""
    event = "core.job.done" if job.state == "done" else "core.job.failed"
    tell_of_oneself(job.person_id, "job", kind="own_job", pk=job.pk, event=event, by_id=None, now=now)


@transaction.atomic
def mark_seen(actor: Actor, uid: UUID, *, now: datetime) -> Notification:
    """Note that the actor looked at something they were told; NotFound when they may not see it now."""
    found = questions.notifications(actor).filter(uid=uid).first()
    if found is None:
        raise NotFound
    if found.seen_at is None:
        Notification.objects.filter(pk=found.pk).update(seen_at=now, mail_at=None)
        found.seen_at = now
    return found


@transaction.atomic
def mark_all_seen(actor: Actor, *, now: datetime, until: datetime | None = None) -> int:
    """
    Note that the actor looked at everything they may see now.

    until : what came after the page was drawn stays unread.
    """
    unseen = questions.notifications(actor).filter(seen_at__isnull=True, at__lte=until or now)
    ids = list(unseen.values_list("pk", flat=True))
    return Notification.objects.filter(pk__in=ids).update(seen_at=now, mail_at=None)


@transaction.atomic
def choose(actor: Actor, ways: Mapping[str, str], *, now: datetime) -> None:
    """Choose for each sort how it comes by mail. What waits for a digest follows the new choice."""
    wrong = [sort for sort, way in ways.items() if sort not in SORTS or way not in WAYS]
    if wrong:
        raise Refused("no_such_choice", str(_("There is no such choice.")))
    for sort, way in ways.items():
        MessageChoice.objects.update_or_create(person_id=actor.person_id, sort=sort, defaults={"mail": way})
        waiting = Notification.objects.filter(
            person_id=actor.person_id, why=sort, mail_at__isnull=False, seen_at__isnull=True
        )
        waiting.update(mail_at=next_mail(way, now))


def forget_old(*, now: datetime, days: int = 180) -> int:
    """Remove what people were told long ago and looked at, or never looked at within a year; returns how many."""
    seen = Notification.objects.filter(seen_at__lt=now - timedelta(days=days))
    never = Notification.objects.filter(at__lt=now - timedelta(days=2 * days))
    return seen.delete()[0] + never.delete()[0]


def of_sort(sort: str, people: Iterable[int]) -> dict[int, str]:
    """The same sort for some people."""
    return dict.fromkeys(people, sort)
