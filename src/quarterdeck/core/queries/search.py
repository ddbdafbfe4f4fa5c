"""What somebody finds: things whose words begin as was typed, of the kinds and things that their questions give."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber

from quarterdeck.core import objects, search
from quarterdeck.core.access import Actor
from quarterdeck.core.models import SearchEntry
from quarterdeck.core.search import Asked, Folded, Searchable, Words
from quarterdeck.core.texts import Text
from quarterdeck.core.time import looking_at


@dataclass(frozen=True, slots=True)
class Hit:
    """
    One thing that was found: what it is called and the part of its text, in pieces, found ones marked True.

    place : what tells it apart from others of its name. over : what to say of a thing that is over; empty for others.
    """

    kind: objects.Kind
    thing: Any
    title: list[tuple[str, bool]]
    ref: list[tuple[str, bool]]
    text: list[tuple[str, bool]]
    place: str
    over: Text

    @property
    def named(self) -> bool:
        """Whether what it is called by holds a word that was looked for."""
        return any(is_marked for _piece, is_marked in (*self.title, *self.ref))

    @property
    def text_is_place(self) -> bool:
        """Whether its text says what its place says, such as the address of a person."""
        return bool(self.text) and self.place == "".join(piece for piece, _marked in self.text)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one kind: the best of it, and how much there is altogether."""

    kind: objects.Kind
    count: int
    hits: list[Hit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing stands among those of its kind: the lower the rank, the better."""

    kind: str
    pk: int
    rank: int
    count: int


def found(actor: Actor, text: str, *, most: int = 5, kind: str = "", first: int = 0) -> list[Found]:
    """
    What an actor finds, by kind in the order of their declaration, kinds without a hit left out.

    kind : only this one, beginning after its first so many; the others are then counted alone.
    """
    terms = search.terms_of(text)
    if not terms:
        return []
    asked = " ".join(terms)
    offered = search.offered()
    places = _places(actor, asked, offered, kind, first, most)
    results = []
    for code, searchable in offered.items():
        of_kind = [place for place in places if place.kind == code]
        if not of_kind:
            continue
        shown = of_kind if kind in {"", code} else []
        known = objects.kind(code)
        things = objects.by_ids(actor, code, [place.pk for place in shown if place.pk])
        hits = [_hit(known, searchable, things[place.pk], terms, actor.on) for place in shown if place.pk in things]
        results.append(Found(known, of_kind[0].count, hits))
    return results


def best(actor: Actor, text: str, *, most: int = 8) -> list[Hit]:
    """The best hits of all kinds, the better a name fits the earlier; for suggestions while somebody types."""
    terms = search.terms_of(text)
    if not terms:
        return []
    offered = search.offered()
    order = list(offered)
    places = _places(actor, " ".join(terms), offered, "", 0, most)
    chosen = sorted(places, key=lambda place: (place.rank, order.index(place.kind)))[:most]
    hits = []
    for code in dict.fromkeys(place.kind for place in chosen):
        ids = [place.pk for place in chosen if place.kind == code]
        things = objects.by_ids(actor, code, ids)
        hits += [_hit(objects.kind(code), offered[code], things[pk], terms, actor.on) for pk in ids if pk in things]
    return hits


def _places(
    actor: Actor, asked: str, offered: dict[str, Searchable], kind: str, first: int, most: int
) -> Sequence[Place]:
    """The best places of each kind, with how many there are."""
    kept = [code for code, each in offered.items() if each.kept and looking_at() is None]
    places: list[Place] = []
    if kept:
        rows = _ranked(_entries(actor, kept, asked), asked, Q(words=Asked(asked, names=True)), "subject_kind")
        places += _cut(rows, "subject_id", kind, first, most)
    for code, searchable in offered.items():
        if code not in kept:
            rows = _ranked(*_where_they_are(actor, searchable, asked), "own_kind")
            places += _cut(rows, "pk", kind, first, most)
    return places


def _where_they_are(actor: Actor, searchable: Searchable, asked: str) -> tuple[QuerySet[Any], str, Q]:
    """Things whose words are read where they are: those that are not kept beside, and all of them in the past."""
    question = objects.kind(searchable.kind).question(actor).order_by()
    by_name = question.alias(words=Words(*searchable.names)).filter(words=Asked(asked)).values("pk")
    rows = question.alias(
        words=Words(*searchable.names, *searchable.body),
        plain_ref=Folded(F(searchable.ref or searchable.title)),
        plain_title=Folded(F(searchable.title)),
    )
    return rows.filter(words=Asked(asked)).annotate(own_kind=Value(searchable.kind)), asked, Q(pk__in=by_name)


def _entries(actor: Actor, kinds: list[str], asked: str) -> QuerySet[SearchEntry]:
    """Entries of the things that the actor's questions give: what they do not see is not even counted."""
    seen = Q(pk__in=[])
    for code in kinds:
        things = objects.kind(code).question(actor).order_by().values("pk")
        seen |= Q(subject_kind=code, subject_id__in=things)
    return SearchEntry.objects.filter(seen, words=Asked(asked))


def _ranked(rows: QuerySet[Any], asked: str, in_name: Q, kind_field: str) -> QuerySet[Any]:
    """Each row with its rank, its place among those of its kind, and how many these are."""
    rank = Case(
        When(plain_ref=asked, then=0),
        When(plain_title=asked, then=1),
        When(plain_title__startswith=asked, then=2),
        When(in_name, then=3),
        default=4,
        output_field=IntegerField(),
    )
    order = [F("rank").asc(), F("plain_title").asc(), F("pk").asc()]
    ranked: QuerySet[Any] = rows.annotate(
        rank=rank,
        found_kind=F(kind_field),
        place=Window(RowNumber(), partition_by=[F(kind_field)], order_by=order),
        number=Window(Count("*"), partition_by=[F(kind_field)]),
    )
    return ranked


def _cut(rows: QuerySet[Any], key: str, kind: str, first: int, most: int) -> list[Place]:
    wanted = Q(place__gt=first, place__lte=first + most)
    if kind:
        wanted = (Q(found_kind=kind) & wanted) | Q(place=1)
    chosen = rows.filter(wanted).order_by("place").values_list("found_kind", key, "rank", "number", "place")
    return [
        # Of the other kinds, and of one that begins later, the first row tells the count and is not shown.
        Place(code, pk if first < place <= first + most else 0, rank, number)
        for code, pk, rank, number, place in chosen
    ]


def _hit(kind: objects.Kind, searchable: Searchable, thing: Any, terms: list[str], day: date) -> Hit:
    moment = looking_at()
    return Hit(
        kind,
        thing,
        search.pieces(kind.title(thing), terms),
        search.pieces(kind.ref(thing), terms),
        search.around(" ".join(str(_read(thing, path)) for path in searchable.body), terms),
        searchable.place(thing),
        searchable.over(thing, day if moment is None else moment.on),
    )


def _read(thing: Any, path: str) -> Any:
    for name in path.split("__"):
        thing = getattr(thing, name)
    return thing
