"""Where a person begins, their own work, and the parts of the interface."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from quarterdeck.core.errors import NotFound
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.web import landing, navigation
from quarterdeck.core.web.pages import SignedIn, address, page, show
from quarterdeck.core.web.shell import crumb


@page
def home(request: SignedIn) -> HttpResponse:
    """To the page that a person begins with: the first door that a domain offers, or their own work."""
    return redirect(landing.address_for(request.actor))


@page
def my_work(request: SignedIn) -> HttpResponse:
    """What waits for the reader, and the long work they started."""
    waiting = navigation.waiting(request.actor)
    acts = dict.fromkeys(thing.act for thing in waiting)
    groups = [{"act": act, "things": [thing for thing in waiting if thing.act == act]} for act in acts]
    return show(
        request,
        "core/my_work.html",
        waiting=waiting,
        groups=groups,
        jobs=list(questions.own_jobs(request.actor).filter(seen=False)[:8]),
        crumbs=[crumb(_("My work"))],
    )


@page
def job(request: SignedIn, uid: UUID) -> HttpResponse:
    """How far a job is, and what came of it. One's own jobs only."""
    found = questions.own_jobs(request.actor).filter(uid=uid).first()
    if found is None:
        raise NotFound
    if found.state == "done" and found.result_url and "stay" not in request.GET:
        if request.htmx:
            return HttpResponse(headers={"HX-Redirect": found.result_url})
        return redirect(found.result_url)
    return show(
        request,
        "core/job.html",
        partial="core/_job.html",
        job={
            "label": found.label,
            "done": found.done,
            "total": found.total,
            "state": found.state,
            "message": found.message,
            "url": request.path,
            "result_url": found.result_url,
        },
        crumbs=[crumb(_("My work"), address("my_work")), crumb(found.label)],
    )


@page
def interface(request: SignedIn) -> HttpResponse:
    """Every part of the interface on one page, to check a theme against."""
    return show(request, "core/interface.html", crumbs=[crumb(_("Interface"))])
