"""What the reader is told, what they watch, and how they want to hear of it."""

from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from quarterdeck.core.errors import NotFound, Refused
from quarterdeck.core.forms import messages as forms
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.queries.messages import Subject
from quarterdeck.core.services import notifications as services
from quarterdeck.core.services import outbox
from quarterdeck.core.web import news
from quarterdeck.core.web.pages import SignedIn, address, page, refusals_on, show, status_of
from quarterdeck.core.web.shell import crumb

PAGE = 50
PAGES = (
    ("notifications", _l("What happened")),
    ("watching", _l("What you watch")),
    ("message_choices", _l("What you hear of")),
)
MOST_WATCHED = 500


@page
def notifications(request: SignedIn) -> HttpResponse:
    """What the reader is told, unread first; marking it read leads back here."""
    if request.method == "POST":
        return _mark(request)
    sort, unread = request.GET.get("sort", ""), request.GET.get("show") == "unread"
    found = questions.notifications(request.actor)
    unseen = found.filter(seen_at__isnull=True).count()
    if sort in services.SORTS:
        found = found.filter(why=sort)
    if unread:
        found = found.filter(seen_at__isnull=True)
    count = found.count()
    first = _first(request.GET.get("page", ""), count)
    told = news.compose(request.actor, found[first : first + PAGE])
    query = {"sort": sort, "show": "unread" if unread else ""}
    return show(
        request,
        "core/messages/notifications.html",
        partial="core/messages/_notifications.html",
        tabs=_tabs("notifications"),
        told=told,
        unseen=unseen,
        now=request.now,
        chips=_chips(sort, unread),
        is_narrowed=bool(sort or unread),
        paging={
            "first": first,
            "last": min(first + PAGE, count),
            "count": count,
            "previous_url": address("notifications", query={**query, "page": first // PAGE}) if first else "",
            "next_url": address("notifications", query={**query, "page": first // PAGE + 2})
            if first + PAGE < count
            else "",
        },
        crumbs=[crumb(_("Notifications"))],
    )


def _tabs(current: str) -> list[dict[str, Any]]:
    return [{"label": label, "url": address(route), "current": route == current} for route, label in PAGES]


def _first(text: str, count: int) -> int:
    number = int(text) if text.isdecimal() and len(text) < 9 else 1
    return max(0, min(number - 1, (count - 1) // PAGE)) * PAGE


def _chips(sort: str, unread: bool) -> list[dict[str, Any]]:
    """The filters: each leads to the list without itself when it is on."""
    kept = {"show": "unread" if unread else ""}
    chips = [
        {
            "label": _("Unread"),
            "on": unread,
            "url": address("notifications", query={"sort": sort, "show": "" if unread else "unread"}),
        }
    ]
    for each in services.SORTS.values():
        on = each.code == sort
        url = address("notifications", query=kept if on else {**kept, "sort": each.code})
        chips.append({"label": each.label, "on": on, "url": url})
    return chips


def _mark(request: SignedIn) -> HttpResponse:
    uid, until = request.POST.get("uid", ""), request.POST.get("until", "")
    if uid:
        try:
            services.mark_seen(request.actor, UUID(uid), now=request.now)
        except ValueError as problem:
            raise NotFound from problem
        return HttpResponse(status=204) if request.htmx else redirect("notifications")
    try:
        moment = datetime.fromisoformat(until)
    except ValueError as problem:
        raise Refused("no_such_time", _("Say which notification is meant, or until when.")) from problem
    if moment.tzinfo is None:
        raise Refused("no_such_time", _("Say which notification is meant, or until when."))
    count = services.mark_all_seen(request.actor, until=moment, now=request.now)
    words = ngettext("%(count)d notification marked as read.", "%(count)d notifications marked as read.", count)
    messages.info(request, words % {"count": count})
    return redirect("notifications")


@require_safe
@page
def notification(request: SignedIn, uid: UUID) -> HttpResponse:
    """
    To the very thing that it tells of; who comes by a link in a mail signs in first.

    Looking at something changes nothing, so the script of the page that it leads to notes that it was read.
    """
    found = questions.notifications(request.actor).filter(uid=uid).first()
    told = news.compose(request.actor, [found]) if found is not None else []
    if not told:
        raise NotFound
    address = urlsplit(told[0].url)
    return redirect(address._replace(query=urlencode({**dict(parse_qsl(address.query)), "told": uid})).geturl())


@page
def choices(request: SignedIn) -> HttpResponse:
    """How the reader wants to hear of each sort of thing."""
    person = request.actor.person_id
    chosen = {sort: mail for (_person, sort), mail in questions.choices([person]).items()}
    form = forms.Choices(request.POST if request.method == "POST" else None, initial=chosen)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            services.choose(request.actor, form.cleaned_data, now=request.now)
            messages.info(request, _("Saved. It holds for what happens from now on and for what waits for a digest."))
            return redirect("message_choices")
    return show(
        request,
        "core/messages/choices.html",
        tabs=_tabs("message_choices"),
        status=status_of(form),
        form=form,
        mail_is_sent=outbox.is_sent(),
        has_address=bool(request.user.person.email),
        mail_address=request.user.person.email,
        hour=services.digest_hour(),
        crumbs=[crumb(_("Notifications"), address("notifications")), crumb(_("What you hear of"))],
    )


@require_safe
@page
def watching(request: SignedIn) -> HttpResponse:
    """What the reader watches, hears of by a role, and has muted."""
    rows = list(questions.watching(request.actor)[:MOST_WATCHED])
    chosen: dict[str, dict[int, bool]] = {}
    for row in rows:
        chosen.setdefault(row.subject_kind, {})[row.subject_id] = row.muted
    groups: dict[str, list[dict[str, Any]]] = {"chosen": [], "by_role": [], "muted": []}
    for code, muted in chosen.items():
        for pk, about in questions.subjects(request.actor, code, muted).items():
            groups["muted" if muted[pk] else "chosen"].append(_line(about))
    for about in questions.led_things(request.actor):
        if about.pk not in chosen.get(about.code, {}):
            groups["by_role"].append(_line(about))
    for lines in groups.values():
        lines.sort(key=lambda line: str(line["title"]).casefold())
    return show(
        request,
        "core/messages/watching.html",
        tabs=_tabs("watching"),
        chosen=groups["chosen"],
        by_role=groups["by_role"],
        muted=groups["muted"],
        nothing=not any(groups.values()),
        crumbs=[crumb(_("Notifications"), address("notifications")), crumb(_("What you watch"))],
    )


def _line(about: Subject) -> dict[str, Any]:
    return {
        "title": about.title,
        "ref": about.kind.ref(about.thing),
        "label": about.kind.label,
        "icon": about.kind.icon,
        "url": about.kind.address(about.thing),
        "kind": about.code,
        "key": about.key,
    }
