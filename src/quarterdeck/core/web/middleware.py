"""What holds for every answer."""

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from quarterdeck.core import security
from quarterdeck.core.errors import ConfirmFirst, Conflict, EnrolFirst, NotFound, Refused, TooMany
from quarterdeck.core.web import confirming, sessions
from quarterdeck.core.web.limits import address_of
from quarterdeck.core.web.pages import show

log = logging.getLogger("quarterdeck.security")
# A register of 20 MB with the fields around it.
MOST_SENT = 21 * 1024 * 1024
Ask = Callable[[HttpRequest], HttpResponseBase]


class Answers:
    """Turns refusals into pages, keeps pages out of caches, and takes the proof that an act of consequence needs."""

    def __init__(self, get_response: Ask) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # No text of ours holds NUL, and the database would fail on it.
        nul = "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", "")
        response = self.refusal(request, NotFound()) if nul else self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """What was held back until somebody proved who they are goes on once they do."""
        if not confirming.is_answered(request):
            return None
        try:
            return confirming.take(request)
        except Refused as problem:
            return self.refusal(request, problem)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """A refusal is an answer, not a failure; so is what somebody else holds for longer than a page waits."""
        if isinstance(problem, OperationalError) and isinstance(problem.__cause__, LockNotAvailable):
            text = _("Somebody is changing this at the moment, perhaps by an import. Wait a little and do it again.")
            problem = Conflict(text, code="busy")
        return self.refusal(request, problem) if isinstance(problem, Refused) else None

    def refusal(self, request: HttpRequest, problem: Refused) -> HttpResponse:
        """The page that says no, or that asks for what is missing."""
        request.refusal = problem  # type: ignore[attr-defined]  # the security log names it
        if isinstance(problem, ConfirmFirst):
            if request.method in {"GET", "HEAD"}:
                return away(request, f"{reverse('confirm')}?{urlencode({'next': confirming.page_of(request)})}")
            return confirming.ask(request)
        if isinstance(problem, EnrolFirst) and request.method in {"GET", "HEAD"}:
            return away(request, reverse("second_factor"))
        inside = "core/refused.html" if request.user.is_authenticated else "core/refused_outside.html"
        template = "404.html" if problem.status == 404 else inside
        response = show(request, template, partial="core/_refusal.html", status=problem.status, refusal=problem)
        if isinstance(problem, TooMany):
            response["Retry-After"] = str(problem.retry_after)
        return response


class SignedInOnly(LoginRequiredMiddleware):
    """Sends who is not signed in to the sign-in and back; notes who is there."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if request.user.is_authenticated:
            security.identify(request.user.pk, request.user.person_id)
            if "X-Poll" not in request.headers:
                # What a page asks by itself does not keep an empty chair signed in.
                sessions.seen(request, timezone.now())
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        return away(request, redirect_to_login(confirming.page_of(request), reverse("account_login")).url)


def away(request: HttpRequest, address: str) -> HttpResponse:
    """Lead the whole page elsewhere, also when only a part of it asked."""
    if getattr(request, "htmx", None):
        return HttpResponse(status=200, headers={"HX-Redirect": address})
    return redirect(address)


def watched(get_response: Ask) -> Ask:
    """The security log: every call of somebody signed in that is refused, once, and what the call itself recorded."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        asked = security.Asking(request.method or "", request.path, address_of(request))
        with security.asking(asked):
            response = get_response(request)
            if response.status_code in {403, 404} and not getattr(request, "is_noted", False):
                note_refusal(request, asked, response.status_code)
        return response

    return middleware


def note_refusal(request: HttpRequest, asked: security.Asking, status: int) -> None:
    user = getattr(request, "user", None)
    if asked.account_id is None and (user is None or not user.is_authenticated):
        return
    if asked.account_id is None:
        security.identify(user.pk, user.person_id)  # type: ignore[union-attr]
    refusal: Refused | None = getattr(request, "refusal", None)
    facts = {"status": status, "code": refusal.code if refusal else "not_found" if status == 404 else "not_allowed"}
    security.note("core.call.refused", at=timezone.now(), outcome="refused", facts=facts)


def form_not_accepted(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What is sent without the token of our pages is refused, whoever sends it."""
    request.is_noted = True  # type: ignore[attr-defined]
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        security.identify(user.pk, user.person_id)
    security.note("core.form.refused", at=timezone.now(), outcome="refused", facts={"reason": reason[:100]})
    return show(request, "403_csrf.html", status=403)


def measured(get_response: Ask) -> Ask:
    """Before anything reads what is sent: more than the largest file we take does not even reach the disk."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length[:20]) > MOST_SENT:
            text = _("That is too large to be sent here. A register has at most 20 MB.")
            return HttpResponse(text, status=413, content_type="text/plain; charset=utf-8")
        return get_response(request)

    return middleware


def sealed(get_response: Ask) -> Ask:
    """Headers that no answer goes without, whichever part of the stack gave it."""
    always = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        "Cache-Control": "no-store",
    }
    if settings.SECURE_HSTS_SECONDS:
        always["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains"

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for name, value in always.items():
            response.headers.setdefault(name, value)
        return response

    return middleware
