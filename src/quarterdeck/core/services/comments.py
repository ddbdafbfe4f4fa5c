"""What people say about a thing."""

import re
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from quarterdeck.core import access, ledger, markdown, rights, store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Conflict, NotAllowed, NotFound, Refused
from quarterdeck.core.models import Comment, Person
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.queries.messages import Subject
from quarterdeck.core.services import notifications, watching

LONGEST = 10_000
# So long one's own words can be set right; afterwards an answer says more.
CHANGEABLE = timedelta(hours=24)
ADDED, CHANGED = "core.comment.added", "core.comment.changed"
SUGGESTED = 8
# Names have up to so many words.
WORDS = 6
_AT = re.compile(r"(?<![\w@.])@(?=[^\s@\[])")
_WORD = re.compile(r"[^\s@,;:!?()\[\]{}<>\"“”*_`]+")
# What has no place in words: control characters, and what turns the direction of the words that follow.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


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
    if not may_change(actor, comment, now=now):
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
    if not may_withdraw(actor, comment, about):
        raise NotAllowed(_("A comment is withdrawn by who wrote it, or by who runs what it is about."))
    comment.text, comment.withdrawn_at = "", now
    store.save(comment, store.Because(actor.person_id, now), fields=["text", "withdrawn_at"])
    if comment.author_id != actor.person_id:
        ledger.record(
            actor, "core.comment.withdrawn", on=about.thing, at=now, comment=comment.pk, author=comment.author_id
        )
    return comment


def may_change(actor: Actor, comment: Comment, *, now: datetime) -> bool:
    """Whether the actor may set a comment right that they may see."""
    own = comment.author_id == actor.person_id
    return own and comment.withdrawn_at is None and now - comment.written_at <= CHANGEABLE


def may_withdraw(actor: Actor, comment: Comment, about: Subject) -> bool:
    """Whether the actor may take a comment off the page that they may see."""
    return comment.withdrawn_at is None and (comment.author_id == actor.person_id or may_tidy(actor, about))


def may_tidy(actor: Actor, about: Subject) -> bool:
    """Whether the actor runs the thing and so may remove what others hung on it."""
    manage = about.kind.manage
    return manage is not None and about.node_id is not None and access.may(actor, manage, on=about.node_id)


def _read(actor: Actor, about: Subject, text: str) -> tuple[str, list[int]]:
    """The text as it is kept, with ids for the people it names, and those people."""
    written = _UNSEEN.sub("", text.replace("\r\n", "\n")).strip()
    if not written:
        raise Refused("empty", _("Write something first."), {"text": _("Write something first.")})
    if len(written) > LONGEST:
        sentence = _("A comment has at most %(most)s characters; this one has %(count)s.")
        said = sentence % {"most": f"{LONGEST:,}", "count": f"{len(written):,}"}
        raise Refused("too_long", said, {"text": said})
    return _with_people(actor, about, written)


def _with_people(actor: Actor, about: Subject, text: str) -> tuple[str, list[int]]:
    """
    Each @ with a name or an address that the writer knows becomes the person's id.

    Somebody who does not see the thing is refused, since a mention would not reach them; what names nobody whom the
    writer sees stays as it was written, whether or not there is such a person.
    """
    # Ids come from names only: what looks like one was typed or copied, and names nobody.
    text = markdown.MENTION.sub(lambda found: found[0].replace("@[", "@ ["), text)
    places = [found.start() for found in _AT.finditer(text)]
    wanted = {place: _candidates(text, place + 1) for place in places}
    known = _known(actor, about, {name for names in wanted.values() for name in names})
    reached = set(questions.people_to_name(actor, about).filter(pk__in={p.pk for ps in known.values() for p in ps})
                  .values_list("pk", flat=True)) if known else set()  # fmt: skip
    parts, named, at = [], [], 0
    for place in places:
        if place < at:
            continue
        name = next((each for each in wanted[place] if each.lower() in known), None)
        if name is None:
            continue
        person = _one(actor, about, name, known[name.lower()], reached)
        parts += [text[at:place], f"@[{person.uid}]"]
        at = place + 1 + len(name)
        if person.pk != actor.person_id:
            named.append(person.pk)
    return "".join([*parts, text[at:]]), named


def _candidates(text: str, start: int) -> list[str]:
    """What may be meant by the words that follow an @: an address, or names, the longest first."""
    if found := _ADDRESS.match(text, start):
        return [found[0].rstrip(".")]
    names, at = [], start
    for _word in range(WORDS):
        word = _WORD.match(text, at)
        if word is None:
            break
        names.append(text[start : word.end()])
        if bare := text[start : word.end()].rstrip(".'’"):
            names.append(bare)
        at = word.end()
        if text[at : at + 1] != " ":
            break
        at += 1
    return sorted(dict.fromkeys(names), key=len, reverse=True)


def _known(actor: Actor, about: Subject, names: set[str]) -> dict[str, list[Person]]:
    """People whom the actor knows of, by name and by address, in small letters."""
    lower = {name.lower() for name in names}
    if not lower:
        return {}
    seen = questions.people_known(actor, about).annotate(small_name=Lower("name"), small_email=Lower("email"))
    found: dict[str, list[Person]] = {}
    for person in [*seen.filter(small_name__in=lower), *seen.filter(small_email__in=lower)]:
        for word in {person.name.lower(), person.email.lower()} & lower:
            found.setdefault(word, []).append(person)
    return found


def _one(actor: Actor, about: Subject, name: str, people: list[Person], reached: set[int]) -> Person:
    """Whom a name means; refused when that is not clear, or when a mention would not reach them."""
    able = [person for person in people if person.pk in reached or person.pk == actor.person_id]
    if len(able) == 1:
        return able[0]
    if able:
        sentence = _("More than one person is called %(name)s. Write @ and the address of the one you mean.")
    else:
        sentence = _("%(name)s does not see this, so a mention would not reach them. Leave the @ out.")
    said = sentence % {"name": people[0].name, "thing": about.title}
    raise Refused("not_reached", said, {"text": said})


def text_of(actor: Actor, uid: UUID) -> tuple[Comment, Subject, str]:
    """A comment, what it is about, and its text as one writes it, with names."""
    comment, about = questions.comment(actor, uid)
    if comment.withdrawn_at is not None:
        raise NotFound
    return comment, about, markdown.plain(comment.text, questions.names_in([comment.text]))


def suggestions(actor: Actor, about: Subject, typed: str) -> list[dict[str, str]]:
    """
    Whom the actor can name here, by the beginning of a word of their name; eight at most.

    write : what stands after the @ so that it means this person and nobody else.
    """
    words = typed.split()
    found = questions.people_to_name(actor, about)
    for word in words:
        found = found.filter(Q(name__istartswith=word) | Q(name__icontains=f" {word}"))
    people = list(found.order_by(Lower("name"), "pk")[:SUGGESTED])
    known = _known(actor, about, {person.name for person in people})
    return [
        {"name": person.name, "write": _written(person, known), "address": person.email, "initials": person.initials}
        for person in people
    ]


def _written(person: Person, known: dict[str, list[Person]]) -> str:
    name = person.name
    alone = len(known.get(name.lower(), [])) == 1 and name in _candidates(name, 0)
    return name if alone or not person.email else person.email
