"""What people say about a thing."""

import re
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from quarterdeck.core import access, ledger, markdown, rights, store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Conflict, NotAllowed, Refused
from quarterdeck.core.models import Comment, Person
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.queries import naming
from quarterdeck.core.queries.messages import Subject
from quarterdeck.core.services import notifications, watching

LONGEST = 10_000
ADDED, CHANGED = "core.comment.added", "core.comment.changed"
# What has no place in words: control characters, and what turns the direction of the words that follow.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@transaction.atomic
def add_comment(actor: Actor, kind: str, key: str, *, text: str, now: datetime) -> Comment:
    """Say something about a thing. Who is named in it is told, and who watches the thing."""
    about = questions.subject(actor, kind, key)
    access.require(actor, rights.COMMENT, on=about.node_id, seen_by=about.kind.see)
    kept, named = _read(actor, about, text)
    comment = Comment(**about.about, author_id=actor.person_id, text=kept, written_at=now)
    store.create(comment, store.Because(actor.person_id, now))
    watching.watch_by_taking_part(actor.person_id, about, now=now)
    people = notifications.of_sort("comment", watching.watchers(about, now.date()))
    people |= notifications.of_sort("mention", named)
    notifications.tell(about, people, event=ADDED, by_id=actor.person_id, now=now, comment=comment)
    return comment


@transaction.atomic
def change_comment(actor: Actor, uid: UUID, *, text: str, version: int, now: datetime) -> Comment:
    """
    Set one's own words right within a day; the page says that they were changed. Who is named anew is told.

    version : the one that was read; a comment that was changed meanwhile is not written over.
    """
    comment, about = questions.comment(actor, uid)
    if not questions.may_change_comment(actor, comment, now=now):
        raise NotAllowed(_("A comment is changed by who wrote it, within a day. An answer says what is new."))
    if comment.version != version:
        raise Conflict(_("This comment was changed meanwhile, in another window of yours. Look at it again."))
    before = set(markdown.mentioned(comment.text))
    kept, named = _read(actor, about, text)
    if kept == comment.text:
        return comment
    known = set(Person.objects.filter(uid__in=before).values_list("pk", flat=True))
    comment.text, comment.edited_at = kept, now
    store.save(comment, store.Because(actor.person_id, now), fields=["text", "edited_at"])
    people = notifications.of_sort("mention", set(named) - known)
    notifications.tell(about, people, event=CHANGED, by_id=actor.person_id, now=now, comment=comment)
    return comment


@transaction.atomic
def withdraw_comment(actor: Actor, uid: UUID, *, now: datetime) -> Comment:
    """Take a comment off the page: one's own, or for who runs the thing anybody's, which the ledger then holds."""
    comment, about = questions.comment(actor, uid)
    if comment.withdrawn_at is not None:
        return comment
    if not questions.may_withdraw_comment(actor, comment, about):
        raise NotAllowed(_("A comment is withdrawn by who wrote it, or by who runs what it is about."))
    comment.text, comment.withdrawn_at = "", now
    store.save(comment, store.Because(actor.person_id, now), fields=["text", "withdrawn_at"])
    if comment.author_id != actor.person_id:
        ledger.record(
            actor, "core.comment.withdrawn", on=about.thing, at=now, comment=comment.pk, author=comment.author_id
        )
    return comment


def _read(actor: Actor, about: Subject, text: str) -> tuple[str, list[int]]:
    """The text as it is kept, with ids for the people it names, and those people."""
    written = _UNSEEN.sub("", text.replace("\r\n", "\n")).strip()
    if not written:
        raise Refused("empty", _("Write something first."), {"text": _("Write something first.")})
    if len(written) > LONGEST:
        sentence = _("A comment has at most %(most)s characters; this one has %(count)s.")
        said = sentence % {"most": f"{LONGEST:,}", "count": f"{len(written):,}"}
        raise Refused("too_long", said, {"text": said})
    return naming.with_people(actor, about, written)
