"""Two doors: a demo organisation, or one's own portfolio file."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from quarterdeck.core import forms, jobs
from quarterdeck.core import rights as core_rights
from quarterdeck.core.errors import NotFound, Refused
from quarterdeck.core.queries.organisation import organisation
from quarterdeck.core.services import accounts
from quarterdeck.core.web.pages import SignedIn, address, page, refusals_on, show, status_of
from quarterdeck.core.web.shell import crumb
from quarterdeck.projects import rights
from quarterdeck.projects.queries import portfolios


@page
def start(request: SignedIn) -> HttpResponse:
    """Name the organisation and choose a door."""
    if not request.actor.holds(rights.MANAGE_PORTFOLIO):
        raise NotFound
    own = organisation()
    initial = {"name": own.name, "currency": own.currency} if own else {}
    form = forms.Organisation(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            accounts.name_organisation(request.actor, now=request.now, **form.cleaned_data)
            return redirect(address("import_new"))
    return show(
        request,
        "start/start.html",
        form=form,
        status=status_of(form),
        has_portfolio=portfolios(request.actor).exists(),
        may_name=request.actor.holds(core_rights.MANAGE_ORGANISATION),
        crumbs=[crumb(_("Begin"))],
    )


@page
@require_POST
def start_demo(request: SignedIn) -> HttpResponse:
    """Build the demo organisation as a job."""
    if not request.actor.holds(core_rights.MANAGE_ORGANISATION):
        raise NotFound
    if portfolios(request.actor).exists():
        raise Refused(
            "not_empty", _("There is a portfolio here already. The demo is only built into an empty installation.")
        )
    job = jobs.enqueue(request.actor, "site.demo", _("Building the demo organisation"), {}, now=request.now)
    return redirect("job", uid=job.uid)
