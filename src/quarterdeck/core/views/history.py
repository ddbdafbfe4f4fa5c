"""What changed about anything: one page for every kind of object."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from quarterdeck.core import access, objects, rights, stories
from quarterdeck.core.models import LedgerEntry
from quarterdeck.core.queries import history as questions
from quarterdeck.core.web import happenings
from quarterdeck.core.web.frame import frame_of
from quarterdeck.core.web.pages import SignedIn, page, show

PAGE = 100


@page
def history(request: SignedIn, kind: str, key: str) -> HttpResponse:
    """Every change of an object and what the ledger holds about it."""
    return history_page(request, kind, objects.find(request.actor, kind, key), route="object_history")


def history_page(request: SignedIn, kind: str, thing: Any, *, route: str) -> HttpResponse:
    """The history of a thing that the reader found through a question."""
    known = objects.kind(kind)
    story = stories.story_of(kind, known.model)
    told = [story.tell(change, thing) for change in story.changes(request.actor, thing)]
    asked = request.GET.get("field", "")
    fields = {change.field: change.label for change in told}
    chosen = [change for change in told if not asked or change.field == asked]
    everything = "all" in request.GET
    shown = chosen if everything else chosen[:PAGE]
    entries = questions.entries_about(story.subjects(thing))
    names = questions.names_of(entry.actor_id for entry in entries)
    return show(
        request,
        "core/history.html",
        **frame_of(request, kind, thing, route),
        changes=shown,
        filters=_filters(request, fields, asked),
        narrowed=asked in fields,
        more=len(chosen) - len(shown),
        more_url=_url(request, field=asked, all="yes"),
        first=story.first_day(thing),
        note=story.note,
        entries=[_entry(entry, names) for entry in entries],
        # Numbers and seals count everything in a stream, also what is hidden from others.
        sees_ledger=request.actor.top is not None
        and access.may(request.actor, rights.SEE_LEDGER, on=request.actor.top),
    )


def _url(request: SignedIn, **changes: str) -> str:
    """The address with other filters; the day that is looked at stays."""
    parameters = request.GET.copy()
    for name in ("field", "all"):
        parameters.pop(name, None)
    for name, value in changes.items():
        if value:
            parameters[name] = value
    return f"{request.path}?{parameters.urlencode()}" if parameters else request.path


def _filters(request: SignedIn, fields: dict[str, str], asked: str) -> list[dict[str, Any]]:
    """What the changes can be narrowed to: everything, and each field that changed."""
    if len(fields) < 2:
        return []
    named = sorted(fields.items(), key=lambda each: each[1].casefold())
    return [
        {"label": _("Everything"), "url": _url(request), "current": asked not in fields},
        *({"label": label, "url": _url(request, field=name), "current": name == asked} for name, label in named),
    ]


def _entry(entry: LedgerEntry, names: dict[int, str]) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "what": happenings.words_of(entry.event),
        "at": entry.at,
        "by": names.get(entry.actor_id or 0, ""),
        "stream": entry.stream,
        "seal": entry.hash[:12],
    }
