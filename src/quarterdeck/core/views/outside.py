"""Signing in with an identity provider, and confirming with it who one is."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from quarterdeck.core import security
from quarterdeck.core.doors import Provider
from quarterdeck.core.errors import NotFound, Refused
from quarterdeck.core.services import limits as counting
from quarterdeck.core.services import oidc, outside
from quarterdeck.core.views.sign_in import go_on
from quarterdeck.core.web import limits, sessions
from quarterdeck.core.web.pages import show, way_on

ASKED = "asked_outside"


def provider_or_none() -> Provider:
    found = outside.provider()
    if found is None:
        raise NotFound
    return found


def back_address() -> str:
    """Where the provider sends people back to, as it is entered there: of the configured address only."""
    return f"{settings.BASE_URL}{reverse('outside_back')}"


@login_not_required
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Lead to the identity provider."""
    provider = provider_or_none()
    now = timezone.now()
    limits.knock(request, now)
    confirms = request.user.is_authenticated
    try:
        address, asked = oidc.begin(provider, back=back_address(), fresh=confirms)
    except oidc.NotTrusted as problem:
        return refused(request, problem)
    on = way_on(request.GET.get("next", ""))
    request.session[ASKED] = asked | {"next": on, "confirms": request.user.pk if confirms else None}
    return redirect(address)


@login_not_required
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """Take what the identity provider answered, once."""
    provider = provider_or_none()
    now = timezone.now()
    limits.knock(request, now)
    asked = request.session.pop(ASKED, None)
    try:
        if asked and not counting.take_once(f"asked:{asked['state']}"[:120], now):
            raise oidc.NotTrusted("answered before")
        claims = oidc.finish(provider, request.GET.dict(), asked, back=back_address(), now=now)
        on = str((asked or {}).get("next") or "")
        if request.user.is_authenticated:
            return confirmed(request, claims, asked or {}, on)
        account = outside.account_of(claims, now=now)
    except Refused as problem:
        if problem.status == 429:
            raise
        return refused(request, problem)
    return go_on(request, account, "outside", on=on)


def confirmed(request: HttpRequest, claims: oidc.Claims, asked: oidc.Asked, on: str) -> HttpResponse:
    """A fresh sign-in there proves who somebody signed in here is, if it is them."""
    known = outside.identity_of(claims)
    if known is None or known.account_id != request.user.pk or asked.get("confirms") != request.user.pk:
        raise oidc.NotTrusted("somebody else")
    now = timezone.now()
    sessions.confirm(request, now)
    security.note("core.account.confirmed", at=now, outcome="done", facts={"by": "outside"})
    return redirect(on or "home")


def refused(request: HttpRequest, problem: Refused) -> HttpResponse:
    """It did not work; why stands in the security log."""
    reason = problem.reason if isinstance(problem, oidc.NotTrusted) else problem.code
    security.note(
        "core.account.signed_in",
        at=timezone.now(),
        outcome="failed",
        facts={"by": ["outside"], "reason": reason},
    )
    return show(request, "core/sign_in/not_outside.html", problem=problem, status=422)
