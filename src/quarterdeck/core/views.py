"""Pages of the kernel."""

from uuid import UUID

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from quarterdeck.core import forms, registers, rights
from quarterdeck.core.errors import NotFound
from quarterdeck.core.models import Account
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.register import register_page
from quarterdeck.core.services import accounts
from quarterdeck.core.web import landing, navigation
from quarterdeck.core.web.pages import SignedIn, address, page, public, refusals_on, show, status_of
from quarterdeck.core.web.shell import crumb

BY_LINK = "signed_in_by_link"


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
        jobs=list(questions.own_jobs(request.actor)[:8]),
        crumbs=[crumb(_("My work"))],
    )


@public
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """
    A link that signs in once.

    Opening it shows a button; only pressing it uses the link, so that a preview of the address does not.
    """
    if request.method != "POST":
        return show(request, "core/sign_in_link.html")
    account = accounts.use_sign_in_link(token, now=timezone.now())
    login(request, account, backend="allauth.account.auth_backends.AuthenticationBackend")
    # Who lost their password comes by a link to choose another one.
    request.session[BY_LINK] = True
    return redirect("home")


@page
def own_account(request: SignedIn) -> HttpResponse:
    """One's own name, address and password."""
    asked = request.user.has_usable_password() and not request.session.get(BY_LINK)
    form = forms.Password(request.POST or None, asked=asked)
    saved = False
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            account = Account.objects.get(pk=request.user.pk)
            accounts.set_password(
                request.actor,
                account,
                form.cleaned_data["password"],
                current=form.cleaned_data["current"] if asked else None,
                now=request.now,
            )
            request.session.pop(BY_LINK, None)
            login(request, account, backend="allauth.account.auth_backends.AuthenticationBackend")
            saved = True
    return show(
        request,
        "core/account.html",
        form=form,
        saved=saved,
        holdings=questions.own_holdings(request.actor),
        status=status_of(form),
        crumbs=[crumb(_("Your account"))],
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
def organisation(request: SignedIn) -> HttpResponse:
    """Who holds which role where."""
    if not request.actor.holds(rights.SEE_ORGANISATION):
        raise NotFound
    return register_page(request, registers.HOLDINGS, crumbs=[crumb(_("People and roles"))])


@page
def ledger_page(request: SignedIn) -> HttpResponse:
    """What people did, sealed."""
    if not request.actor.holds(rights.SEE_LEDGER):
        raise NotFound
    return register_page(request, registers.LEDGER, crumbs=[crumb(_("Ledger"))])


@page
def interface(request: SignedIn) -> HttpResponse:
    """Every part of the interface on one page, to check a theme against."""
    return show(request, "core/interface.html", crumbs=[crumb(_("Interface"))])
