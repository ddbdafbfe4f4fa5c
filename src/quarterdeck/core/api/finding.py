"""The search, for programmes: the same question as its page."""

from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.core import search
from quarterdeck.core.api.bearer import Call
from quarterdeck.core.api.operations import Answer, Described, get
from quarterdeck.core.api.problems import WrongRequest
from quarterdeck.core.api.shapes import Given
from quarterdeck.core.queries import search as questions

MOST, USUAL, FARTHEST = 50, 5, 10_000


class HitGiven(Given):
    """One thing that was found; text is the part of its text with the words, where they are in it."""

    key: str
    ref: str
    title: str
    text: str
    page: str


class GroupGiven(Given):
    """What was found of one kind: the best of it, and how many there are."""

    kind: str
    count: int
    items: list[HitGiven]


class FoundGiven(Given):
    """What was found, kind by kind."""

    groups: list[GroupGiven]


def offer_search() -> None:
    """Declare the operation; when every domain has said what is found."""
    kinds = list(search.offered())
    get(
        "/search",
        FoundGiven,
        name="api_search",
        tags=["Search"],
        single=False,
        parameters=[
            Described(
                "q",
                {"type": "string", "minLength": 1, "maxLength": search.MOST_TEXT},
                "Beginnings of words, in any order, without regard to case and accents. All of them must be there.",
                required=True,
            ),
            Described("kind", {"type": "string", "enum": kinds}, "List this kind; of the others only the count."),
            Described(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
                "How many of a kind are listed.",
            ),
            Described(
                "first",
                {"type": "integer", "minimum": 0, "maximum": FARTHEST, "default": 0},
                "List after so many; with kind.",
            ),
        ],
    )(find)


def find(request: Call) -> Answer:
    """Find things by their words: projects, programmes, portfolios, units and people that you may see."""
    words, kind = request.GET.get("q", ""), request.GET.get("kind", "")
    if not 1 <= len(words) <= search.MOST_TEXT:
        raise WrongRequest("no_words", _("Send 1 to 200 letters to look for as “q”."))
    if "kind" in request.GET and kind not in search.offered():
        raise WrongRequest("no_such_kind", _("There is nothing of that kind to be found."))
    first = _number(request, "first", 0, FARTHEST, 0)
    if first and not kind:
        raise WrongRequest("kind_needed", _("“first” goes with “kind”."))
    found = questions.found(
        request.actor, words, most=_number(request, "limit", 1, MOST, USUAL), kind=kind, first=first
    )
    return Answer({"groups": [_group(each) for each in found]}, single=False)


def _number(request: Call, name: str, least: int, most: int, usual: int) -> int:
    text = request.GET.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        sentence = _("“%(name)s” is a whole number from %(least)s to %(most)s.")
        raise WrongRequest("wrong_number", sentence % {"name": name, "least": least, "most": most})
    return int(text)


def _group(found: questions.Found) -> dict[str, Any]:
    return {"kind": found.kind.code, "count": found.count, "items": [_hit(each) for each in found.hits]}


def _hit(hit: questions.Hit) -> dict[str, Any]:
    kind, thing = hit.kind, hit.thing
    return {
        "key": kind.key(thing),
        "ref": kind.ref(thing),
        "title": kind.title(thing),
        "text": "".join(part for part, _marked in hit.text),
        "page": kind.address(thing),
    }
