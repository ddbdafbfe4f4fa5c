"""What is found for some words: a page of it, and what the palette suggests."""

from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from quarterdeck.core import objects
from quarterdeck.core import search as rules
from quarterdeck.core.errors import NotFound
from quarterdeck.core.queries import search as questions
from quarterdeck.core.queries.search import Found
from quarterdeck.core.web import palette
from quarterdeck.core.web.pages import SignedIn, address, moment_parameters, of_that_day, page, show
from quarterdeck.core.web.shell import crumb

OF_EACH = 5
OF_ONE = 50
# In the palette: things, and pages and acts each.
BEST = 8
MOST = 5


@dataclass(frozen=True, slots=True)
class Paging:
    """Which hits of a kind are shown; for `core/_paging.html`."""

    first: int
    last: int
    count: int
    previous_url: str
    next_url: str


@page
def search(request: SignedIn) -> HttpResponse:
    """Hits by kind, the best of each; or all of one kind, page by page."""
    text = asked_text(request)
    kind = request.GET.get("kind", "")
    if kind and kind not in rules.offered():
        raise NotFound
    groups, paging = (
        _of_one(request, text, kind) if kind else (questions.found(request.actor, text, most=OF_EACH), None)
    )
    terms = rules.terms_of(text)
    return show(
        request,
        "core/search/search.html",
        text=text,
        terms=terms,
        number=sum(group.count for group in groups),
        groups=[_shown(group, text) for group in groups if group.hits],
        tabs=_tabs(text, kind, groups),
        one=objects.kind(kind) if kind else None,
        paging=paging,
        all_url=address("search", query={"q": text}),
        fewer=[{"term": term, "url": address("search", query={"q": term})} for term in terms] if len(terms) > 1 else [],
        today_url=f"{request.path}?{urlencode({'q': text})}" if request.moment else "",
        kept=list(moment_parameters(request.moment).items()),
        findable=_findable(request),
        crumbs=[crumb(_("Search"))],
    )


def _shown(group: Found, text: str) -> dict[str, Any]:
    """A group with the addresses of its hits, on the day that is looked at."""
    kind = group.kind
    return {
        "kind": kind,
        "count": group.count,
        "hits": [{"hit": hit, "url": of_that_day(kind.address(hit.thing))} for hit in group.hits],
        "all_url": address("search", query={"q": text, "kind": kind.code}),
    }


def asked_text(request: SignedIn) -> str:
    """What somebody typed, as one line."""
    return " ".join(request.GET.get("q", "").split())[: rules.MOST_TEXT]


@page
@require_safe
def suggestions(request: SignedIn) -> HttpResponse:
    """What the palette shows while somebody types: pages, acts and the best of what is found, as one part of a page."""
    text = asked_text(request)
    past = request.moment is not None
    pages, acts = (
        list(islice(palette.entries(request.actor, text, group, past=past), MOST if text else None))
        for group in (palette.PAGE, palette.ACT)
    )
    hits = [
        {"hit": hit, "url": of_that_day(hit.kind.address(hit.thing))}
        for hit in questions.best(request.actor, text, most=BEST)
    ]
    return show(
        request,
        "core/search/_suggestions.html",
        text=text,
        pages=[entry for entry in pages if entry.begins],
        acts=[entry for entry in acts if entry.begins],
        others=[entry for entry in (*pages, *acts) if not entry.begins],
        hits=hits,
        all_url=address("search", query={"q": text}) if rules.terms_of(text) else "",
    )


def _of_one(request: SignedIn, text: str, kind: str) -> tuple[list[Found], Paging]:
    asked = request.GET.get("page", "1")
    number = max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    groups = questions.found(request.actor, text, kind=kind, most=OF_ONE, first=(number - 1) * OF_ONE)
    count = next((group.count for group in groups if group.kind.code == kind), 0)
    pages = max(1, -(-count // OF_ONE))
    if number > pages:
        number = pages
        groups = questions.found(request.actor, text, kind=kind, most=OF_ONE, first=(number - 1) * OF_ONE)
    shown = sum(len(group.hits) for group in groups)
    first = (number - 1) * OF_ONE

    def url(to: int) -> str:
        return address("search", query={"q": text, "kind": kind, "page": to if to > 1 else None})

    return groups, Paging(
        first, first + shown, count, url(number - 1) if number > 1 else "", url(number + 1) if number < pages else ""
    )


def _tabs(text: str, kind: str, groups: list[Found]) -> list[dict[str, Any]]:
    """All kinds, and each of which something was found; also the one that is looked at."""
    counts = {group.kind.code: group.count for group in groups}
    shown = [code for code in rules.offered() if code in counts or code == kind]
    everything = {
        "label": _("Everything"),
        "url": address("search", query={"q": text}),
        "current": not kind,
        "count": sum(counts.values()),
    }
    return [everything] + [
        {
            "label": objects.kind(code).label_of_many,
            "url": address("search", query={"q": text, "kind": code}),
            "current": code == kind,
            "count": counts.get(code, 0),
        }
        for code in shown
    ]


def _findable(request: SignedIn) -> list[str]:
    """What the reader may find, by their rights alone: whether there is a thing of a kind is not said."""
    kinds = [objects.kind(code) for code in rules.offered()]
    return [str(kind.label_of_many) for kind in kinds if request.actor.holds(kind.see)]
