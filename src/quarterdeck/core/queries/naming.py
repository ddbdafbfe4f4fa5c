"""Whom a text names: what follows an @, as far as its writer knows people."""

import re

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from quarterdeck.core import markdown
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Person
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.queries.messages import Subject

SUGGESTED = 8
# Names have up to so many words.
WORDS = 6
_AT = re.compile(r"(?<![\w@.])@(?=[^\s@\[])")
_WORD = re.compile(r"[^\s@,;:!?()\[\]{}<>\"“”*_`]+")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def with_people(actor: Actor, about: Subject, text: str) -> tuple[str, list[int]]:
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
    reached = _reached(actor, about, [person.pk for people in known.values() for person in people])
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


def _reached(actor: Actor, about: Subject, ids: list[int]) -> set[int]:
    """Those of some people whom a mention would reach."""
    able = questions.people_to_name(actor, about).filter(pk__in=ids)
    return set(able.values_list("pk", flat=True)) if ids else set()


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
