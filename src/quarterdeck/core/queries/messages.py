"""What is said of a thing and hung on it, who watches it, and what somebody is told: as far as they see the thing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BinaryField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower

from quarterdeck.core import access, markdown, objects, rights
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotFound
from quarterdeck.core.models import (
    Attachment,
    AttachmentContent,
    Comment,
    DocumentLink,
    Holding,
    MessageChoice,
    Node,
    NodePath,
    Notification,
    OutgoingMail,
    Person,
    Watch,
)
from quarterdeck.core.queries import organisation

MOST_SHOWN = 99  # unseen; beyond that a page says “99+”
# So long one's own words can be set right; afterwards an answer says more.
CHANGEABLE = timedelta(hours=24)
# What is told about the reader themselves and hangs on nothing: a job, a role, a guest of theirs.
OWN = ("own_job", "own_role", "own_guest")


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing that people talk about, found by somebody who may see it."""

    kind: objects.Kind
    thing: Any

    @property
    def code(self) -> str:
        return self.kind.code

    @property
    def pk(self) -> int:
        return int(self.thing.pk)

    @property
    def key(self) -> str:
        return self.kind.key(self.thing)

    @property
    def node_id(self) -> int | None:
        return self.kind.node_id(self.thing)

    @property
    def title(self) -> str:
        return self.kind.title(self.thing)

    @property
    def about(self) -> dict[str, Any]:
        """The fields by which rows point to it."""
        return {"subject_kind": self.code, "subject_id": self.pk, "node_id": self.node_id}


def subject(actor: Actor, kind: str, key: str) -> Subject:
    """
    The thing that an address names; NotFound alike for what is unknown, hidden, and of a kind without talk.

    Whoever only knows that there is such a thing, as one knows the portfolio of a project, does not hear its talk.
    """
    known = objects.kind(kind)
    if not known.talk:
        raise NotFound
    return _open(actor, Subject(known, objects.find(actor, kind, key)))


def subject_of(actor: Actor, row: Any) -> Subject:
    """What a comment, a file or another row is about; NotFound when the actor does not see that."""
    found = objects.by_ids(actor, row.subject_kind, [row.subject_id]).get(row.subject_id)
    if found is None:
        raise NotFound
    return _open(actor, Subject(objects.kind(row.subject_kind), found))


def _open(actor: Actor, about: Subject) -> Subject:
    if about.node_id is None or not access.may(actor, about.kind.see, on=about.node_id):
        raise NotFound
    return about


def subjects(actor: Actor, code: str, ids: Iterable[int]) -> dict[int, Subject]:
    """The things of a kind with these ids of which the actor hears the talk, by id; two queries."""
    wanted = set(ids)
    if not wanted or code not in objects.kinds() or not objects.kind(code).talk:
        return {}
    kind = objects.kind(code)
    found = {pk: Subject(kind, thing) for pk, thing in objects.by_ids(actor, code, wanted).items()}
    nodes = [about.node_id for about in found.values() if about.node_id is not None]
    reached = access.reached(actor, kind.see).filter(descendant_id__in=nodes).values_list("descendant_id", flat=True)
    open_to = set(reached)
    return {pk: about for pk, about in found.items() if about.node_id in open_to}


@dataclass(frozen=True, slots=True)
class Around:
    """
    What hangs on a thing: comments, files and links; whether the reader watches it, and whether by a role.

    sees : whether the reader hears the talk of it at all; otherwise nothing else is told.
    """

    sees: bool = False
    comments: int = 0
    files: int = 0
    watches: bool = False
    by_role: bool = False


# Holders of what is led at the very place hear of it without asking: of a single role, and of the right to change it.
_AROUND = """
SELECT (SELECT count(*) FROM core_comment
         WHERE subject_kind = %(kind)s AND subject_id = %(id)s AND withdrawn_at IS NULL),
       (SELECT count(*) FROM core_attachment
         WHERE subject_kind = %(kind)s AND subject_id = %(id)s AND removed_at IS NULL)
     + (SELECT count(*) FROM core_documentlink
         WHERE subject_kind = %(kind)s AND subject_id = %(id)s AND removed_at IS NULL),
       (SELECT muted FROM core_watch
         WHERE person_id = %(person)s AND subject_kind = %(kind)s AND subject_id = %(id)s),
       EXISTS (SELECT FROM core_holding held JOIN core_role role ON role.id = held.role_id
                WHERE held.person_id = %(person)s AND held.node_id = %(node)s
                  AND held.from_on <= %(today)s AND (held.to_on IS NULL OR held.to_on >= %(today)s)
                  AND (role.single OR role.rights && %(leading)s::varchar[])),
       EXISTS (SELECT FROM core_nodepath path
                WHERE path.ancestor_id = ANY(%(see)s) AND path.descendant_id = %(node)s AND path.open)
"""


def around(actor: Actor, about: Subject) -> Around:
    """What hangs on a thing, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _AROUND,
            {
                "kind": about.code,
                "id": about.pk,
                "node": about.node_id,
                "person": actor.person_id,
                "today": actor.on,
                "leading": leading(about.kind),
                "see": list(actor.nodes(about.kind.see)),
            },
        )
        comments, files, muted, by_role, sees = cursor.fetchone()
    return Around(True, comments, files, by_role if muted is None else not muted, by_role) if sees else Around()


def around_of(actor: Actor, kind: objects.Kind, thing: Any) -> Around:
    """The same, asked once for a thing and a reader however many parts of a page show it."""
    kept: dict[int, Around] = thing.__dict__.setdefault("_around", {})
    if actor.person_id not in kept:
        kept[actor.person_id] = around(actor, Subject(kind, thing))
    return kept[actor.person_id]


def leading(kind: objects.Kind) -> list[str]:
    """Rights whose holders at the very place watch it by themselves. Units are too wide for that."""
    return [] if kind.code == "unit" else [right.code for right in (kind.change, kind.manage) if right is not None]


def leads(kind: objects.Kind) -> Q:
    """The condition of a holding at the place of a thing by which its holder watches it."""
    single = Q(pk__in=[]) if kind.code == "unit" else Q(role__single=True)
    codes = leading(kind)
    return single | Q(role__rights__overlap=codes) if codes else single


def comments(about: Subject) -> QuerySet[Comment]:
    """What was said about a thing, the latest last; what was withdrawn keeps its place."""
    found = Comment.objects.filter(subject_kind=about.code, subject_id=about.pk)
    return found.select_related("author").order_by("written_at", "pk")


def comment(actor: Actor, uid: UUID) -> tuple[Comment, Subject]:
    """A comment and what it is about; one that is hidden costs no more to refuse than one that never was."""
    found = Comment.objects.select_related("author").filter(heard(actor), uid=uid).first()
    if found is None:
        raise NotFound
    return found, subject_of(actor, found)


def comment_to_change(actor: Actor, uid: UUID) -> tuple[Comment, Subject, str]:
    """A comment, what it is about, and its text as one writes it, with names."""
    found, about = comment(actor, uid)
    if found.withdrawn_at is not None:
        raise NotFound
    return found, about, markdown.plain(found.text, names_in([found.text]))


def may_change_comment(actor: Actor, found: Comment, *, now: datetime) -> bool:
    """Whether the actor may set a comment right that they may see."""
    own = found.author_id == actor.person_id
    return own and found.withdrawn_at is None and now - found.written_at <= CHANGEABLE


def may_withdraw_comment(actor: Actor, found: Comment, about: Subject) -> bool:
    """Whether the actor may take a comment off the page that they may see."""
    return found.withdrawn_at is None and (found.author_id == actor.person_id or may_tidy(actor, about))


def may_tidy(actor: Actor, about: Subject) -> bool:
    """Whether the actor runs the thing and so may remove what others hung on it."""
    manage = about.kind.manage
    return manage is not None and about.node_id is not None and access.may(actor, manage, on=about.node_id)


def may_remove(actor: Actor, added_by_id: int, about: Subject) -> bool:
    """Whether the actor may remove what somebody hung on a thing that the actor sees."""
    if may_tidy(actor, about):
        return True
    own = added_by_id == actor.person_id and about.node_id is not None
    return own and access.may(actor, rights.ATTACH, on=about.node_id or 0)


def attachments(about: Subject) -> QuerySet[Attachment]:
    """Files that hang on a thing, by name."""
    found = Attachment.objects.filter(subject_kind=about.code, subject_id=about.pk, removed_at__isnull=True)
    return found.select_related("added_by").order_by(Lower("name"), "pk")


def attachment(actor: Actor, uid: UUID) -> tuple[Attachment, Subject]:
    """A file and what it hangs on, also when it was removed."""
    found = Attachment.objects.select_related("added_by").filter(heard(actor), uid=uid).first()
    if found is None:
        raise NotFound
    return found, subject_of(actor, found)


def content(found: Attachment, size: int) -> Iterator[bytes]:
    """The bytes of a file, so many at a time; of those that were found through `attachment`."""
    kept = AttachmentContent.objects.filter(attachment_id=found.pk)
    for first in range(1, found.size + 1, size):
        part = Func(F("data"), Value(first), Value(size), function="substring", output_field=BinaryField())
        for data in kept.values_list(part, flat=True):
            yield bytes(data)


def documents(about: Subject) -> QuerySet[DocumentLink]:
    """Documents elsewhere that a thing points to, by title."""
    found = DocumentLink.objects.filter(subject_kind=about.code, subject_id=about.pk, removed_at__isnull=True)
    return found.select_related("added_by").order_by(Lower("title"), "pk")


def document(actor: Actor, uid: UUID) -> tuple[DocumentLink, Subject]:
    """A link to a document and what it hangs on, also when it was removed."""
    found = DocumentLink.objects.select_related("added_by").filter(heard(actor), uid=uid).first()
    if found is None:
        raise NotFound
    return found, subject_of(actor, found)


def names_in(texts: Iterable[str]) -> dict[UUID, str]:
    """What the people are called whom texts name."""
    uids = {uid for text in texts for uid in markdown.mentioned(text)}
    return dict(Person.objects.filter(uid__in=uids).values_list("uid", "name")) if uids else {}


def carrying(about: Subject, day: date) -> QuerySet[Holding]:
    """The holdings that let somebody see a thing on a day."""
    inside = NodePath.objects.filter(descendant_id=about.node_id, open=True).values("ancestor_id")
    return Holding.objects.filter(
        access.in_force(day), role__rights__contains=[about.kind.see.code], node_id__in=inside
    )


def readers(about: Subject, day: date) -> QuerySet[Person]:
    """People who may sign in and see a thing. Not narrowed to whom somebody sees: for services that tell people."""
    return Person.objects.filter(
        pk__in=carrying(about, day).values("person_id"), accounts__is_active=True, left_on__isnull=True
    ).distinct()


def people_known(actor: Actor, about: Subject) -> QuerySet[Person]:
    """People whom the actor sees, and those who said something here, since their names stand on the page."""
    spoke = Comment.objects.filter(subject_kind=about.code, subject_id=about.pk).values("author_id")
    seen = organisation.people(actor).order_by().values("pk")
    return Person.objects.filter(Q(pk__in=seen) | Q(pk__in=spoke))


def people_to_name(actor: Actor, about: Subject) -> QuerySet[Person]:
    """Whom of them a comment can name: who may see the thing, and sign in to do so."""
    able = readers(about, actor.on).values("pk")
    return people_known(actor, about).filter(pk__in=able).exclude(pk=actor.person_id)


def watching(actor: Actor) -> QuerySet[Watch]:
    """What the actor watches or has muted, the latest first."""
    return Watch.objects.filter(person_id=actor.person_id).order_by("-since", "-pk")


def led_things(actor: Actor) -> list[Subject]:
    """Things of which the actor hears without asking, by a role that they hold at the very place."""
    found = []
    for code, kind in objects.kinds().items():
        if not kind.talk:
            continue
        held = Holding.objects.filter(
            access.in_force(actor.on), leads(kind), person_id=actor.person_id, node__kind=code
        )
        nodes = set(held.values_list("node_id", flat=True))
        if nodes:
            field = "pk" if kind.model is Node else "node_id"
            found += [Subject(kind, thing) for thing in kind.question(actor).filter(**{f"{field}__in": nodes})]
    return found


def heard(actor: Actor) -> Q:
    """The condition of a row that is about a thing of which the actor hears the talk."""
    condition = Q(pk__in=[])
    kinds = [kind for kind in objects.kinds().values() if kind.talk]
    for right in dict.fromkeys(kind.see for kind in kinds):
        reached = access.reached(actor, right).filter(descendant_id=OuterRef("node_id"))
        condition |= Q(Q(subject_kind__in=[kind.code for kind in kinds if kind.see == right]), Exists(reached))
    return condition


def visible(actor: Actor) -> Q:
    """
    The condition of a notification that its reader may see now: those of whose thing they hear the talk.

    What is told about the reader themselves, their job or their role, needs no right.
    """
    told = Q(subject_kind__in=OWN) | heard(actor)
    return told & (Q(comment__isnull=True) | Q(comment__withdrawn_at__isnull=True))


def notifications(actor: Actor) -> QuerySet[Notification]:
    """What the actor is told, the newest first, without what they may not see now."""
    return (
        Notification.objects.filter(visible(actor), person_id=actor.person_id)
        .select_related("by", "comment")
        .order_by(F("seen_at").asc(nulls_first=True), "-at", "-pk")
    )


# The bell is on every page, so this says `visible` in the words of the database; a test holds the two alike.
_UNSEEN = """
SELECT count(*) FROM (
    SELECT FROM core_notification told LEFT JOIN core_comment comment ON comment.id = told.comment_id
     WHERE told.person_id = %(person)s AND told.seen_at IS NULL AND comment.withdrawn_at IS NULL
       AND (told.subject_kind = ANY(%(own)s) OR EXISTS (
            SELECT FROM unnest(%(kinds)s::text[], %(nodes)s::bigint[]) AS held(kind, node)
              JOIN core_nodepath path ON path.ancestor_id = held.node AND path.open
             WHERE held.kind = told.subject_kind AND path.descendant_id = told.node_id))
     LIMIT %(most)s
) unseen
"""


def count_unseen(actor: Actor) -> int:
    """How many of them nobody looked at yet, at most `MOST_SHOWN` and one; one query."""
    held = [(code, node) for code, kind in objects.kinds().items() if kind.talk for node in actor.nodes(kind.see)]
    with connection.cursor() as cursor:
        cursor.execute(
            _UNSEEN,
            {
                "person": actor.person_id,
                "own": list(OWN),
                "kinds": [code for code, _node in held],
                "nodes": [node for _code, node in held],
                "most": MOST_SHOWN + 1,
            },
        )
        return int(cursor.fetchone()[0])


def choices(person_ids: Iterable[int]) -> dict[tuple[int, str], str]:
    """How people chose to be told, by person and sort."""
    rows = MessageChoice.objects.filter(person_id__in=list(person_ids)).values_list("person_id", "sort", "mail")
    return {(person, sort): mail for person, sort, mail in rows}


def mails(actor: Actor) -> QuerySet[OutgoingMail]:
    """
    Mail that waits, failed or was sent, for who manages mail; without what tells of places they do not reach.

    Whoever may not see a thing does not learn from the mail that somebody else was told of it.
    """
    if actor.top is None or not access.may(actor, rights.MANAGE_MAIL, on=actor.top):
        return OutgoingMail.objects.none()
    shut = NodePath.objects.filter(ancestor_id=actor.top, open=False).values_list("descendant_id", flat=True)
    inside = NodePath.objects.filter(
        ancestor_id__in={node for nodes in actor.grants.values() for node in nodes}, open=True
    )
    hidden = set(shut) - set(inside.filter(descendant_id__in=shut).values_list("descendant_id", flat=True))
    return OutgoingMail.objects.exclude(nodes__overlap=list(hidden)) if hidden else OutgoingMail.objects.all()
