"""Notifications in words: put together when they are read, with what the reader may see then."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from quarterdeck.core import markdown, objects
from quarterdeck.core.access import Actor
from quarterdeck.core.models import Holding, Job, NodePath, Notification
from quarterdeck.core.queries import access as who
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.queries import organisation
from quarterdeck.core.queries.messages import Subject
from quarterdeck.core.services import telling
from quarterdeck.core.web import happenings

ICONS = {
    "mention": "at",
    "comment": "message-2",
    "change": "history",
    "role": "user-check",
    "invitation": "mail",
    "job": "progress-check",
}


@dataclass(frozen=True, slots=True)
class Told:
    """
    One notification in words.

    url : the very thing it tells of. text : the comment as it was written. html : the same, safe to show.
    confidential : it tells of something that those above do not see, so that a mail does not name it.
    """

    uid: UUID
    title: str
    sentence: str
    where: str
    url: str
    icon: str
    sort: str
    at: datetime
    seen: bool
    confidential: bool
    node_id: int | None
    text: str = ""
    html: str = ""


def compose(actor: Actor, rows: Iterable[Notification]) -> list[Told]:
    """In the same order; what the actor may not see, or what is no more, is left out."""
    known = list(rows)
    of_kind: dict[str, set[int]] = {}
    for row in known:
        of_kind.setdefault(row.subject_kind, set()).add(row.subject_id)
    things = {code: questions.subjects(actor, code, ids) for code, ids in of_kind.items() if code not in questions.OWN}
    texts = _Texts(actor, known, things, of_kind)
    return [told for row in known if (told := texts.told(row)) is not None]


class _Texts:
    """What the words are made of, asked for all notifications at once."""

    def __init__(
        self,
        actor: Actor,
        rows: list[Notification],
        things: dict[str, dict[int, Subject]],
        of_kind: dict[str, set[int]],
    ) -> None:
        self.actor, self.things = actor, things
        self.jobs = {job.pk: job for job in organisation.own_jobs(actor).filter(pk__in=of_kind.get("own_job", ()))}
        own = Holding.objects.filter(person_id=actor.person_id, pk__in=of_kind.get("own_role", ()))
        self.holdings = {held.pk: held for held in own.select_related("role", "node")}
        self.places = self._places({held.node_id for held in self.holdings.values()})
        self.names = questions.names_in(row.comment.text for row in rows if row.comment is not None)
        nodes = {row.node_id for row in rows if row.node_id is not None}
        self.shut = set(
            NodePath.objects.filter(ancestor_id=actor.top, descendant_id__in=nodes, open=False).values_list(
                "descendant_id", flat=True
            )
        )

    def _places(self, ids: set[int]) -> dict[int, Subject]:
        """What is at the places of the actor's roles, as far as they see it still."""
        seen = who.seen_by(self.actor, ids)
        found = telling.things_at(set(seen))
        of_kind: dict[str, set[int]] = {}
        for about in found.values():
            of_kind.setdefault(about.code, set()).add(about.pk)
        things = {code: objects.by_ids(self.actor, code, pks) for code, pks in of_kind.items()}
        return {
            node: Subject(about.kind, things[about.code][about.pk])
            for node, about in found.items()
            if about.pk in things[about.code]
        }

    def told(self, row: Notification) -> Told | None:
        if row.subject_kind == "own_job":
            return self._job(row)
        if row.subject_kind == "own_role":
            return self._role(row)
        if row.subject_kind == "own_guest":
            return self._guest(row)
        about = self.things.get(row.subject_kind, {}).get(row.subject_id)
        if about is None:
            return None
        if row.comment is not None:
            return self._comment(row, about)
        sentence = _("%(what)s, by %(who)s") % {"what": happenings.words_of(row.event), "who": _who(row)}
        return self._made(row, about.title, sentence, _where(about), about.kind.address(about.thing))

    def _comment(self, row: Notification, about: Subject) -> Told | None:
        comment = row.comment
        if comment is None or comment.withdrawn_at is not None:
            return None
        sentence = _("%(who)s named you in a comment") if row.why == "mention" else _("%(who)s commented")
        return self._made(
            row,
            about.title,
            sentence % {"who": _who(row)},
            _where(about),
            reverse("comment", args=[comment.uid]),
            text=markdown.plain(comment.text, self.names),
            html=markdown.html(comment.text, self.names),
        )

    def _role(self, row: Notification) -> Told | None:
        held = self.holdings.get(row.subject_id)
        if held is None:
            return None
        about = self.places.get(held.node_id)
        words = {
            "core.role.given": _("Your role: %(role)s"),
            "core.role.continued": _("Your role goes on: %(role)s"),
        }.get(row.event, _("Your role ended: %(role)s"))
        sentence = words % {"role": held.role.name}
        if row.by is not None:
            sentence = _("%(what)s, by %(who)s") % {"what": sentence, "who": _who(row)}
        if about is None:
            return self._made(row, held.role.name, sentence, "", reverse("own_account"))
        return self._made(row, about.title, sentence, _where(about), about.kind.address(about.thing))

    def _guest(self, row: Notification) -> Told | None:
        """Who accepted an invitation; their page only for who sees people."""
        if row.by is None:
            return None
        known = objects.by_ids(self.actor, "person", [row.subject_id]).get(row.subject_id)
        url = objects.kind("person").address(known) if known is not None else reverse("notifications")
        return self._made(row, row.by.name, _("Accepted your invitation."), "", url)

    def _job(self, row: Notification) -> Told | None:
        job: Job | None = self.jobs.get(row.subject_id)
        if job is None:
            return None
        sentence = _("It is done.") if row.event == "core.job.done" else _("It failed: %(why)s") % {"why": job.message}
        return self._made(row, job.label, sentence, "", reverse("job", args=[job.uid]))

    def _made(
        self, row: Notification, title: str, sentence: str, where: str, url: str, *, text: str = "", html: str = ""
    ) -> Told:
        return Told(
            uid=row.uid,
            title=title,
            sentence=sentence,
            where=where,
            url=url,
            icon=ICONS.get(row.why, "bell"),
            sort=row.why,
            at=row.at,
            seen=row.seen_at is not None,
            confidential=row.node_id in self.shut,
            node_id=row.node_id,
            text=text,
            html=html,
        )


def _who(row: Notification) -> str:
    return row.by.name if row.by is not None else "Quarterdeck"


def _where(about: Subject) -> str:
    ref = about.kind.ref(about.thing)
    return f"{about.kind.label} {ref}".strip()
