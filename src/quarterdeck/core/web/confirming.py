"""
Acts of consequence ask first, once more, who it is.

The page that asks holds what was typed, sends it again together with the proof, and the act goes on from there.
"""

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from quarterdeck.core import security
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Account
from quarterdeck.core.queries import sign_in as questions
from quarterdeck.core.services import outside, passkeys, second_factor
from quarterdeck.core.web import limits, sessions
from quarterdeck.core.web.pages import show, way_on

MARK = "qd_confirm"
PASSWORD, CODE, PASSKEY = f"{MARK}_password", f"{MARK}_code", f"{MARK}_passkey"
ASKED = "confirm_asked"


def page_of(request: HttpRequest) -> str:
    """The page somebody looks at: what they asked for, or where the form or the part stands that they sent."""
    htmx = getattr(request, "htmx", None)
    if request.method in {"GET", "HEAD"} and not htmx:
        return request.get_full_path()
    there = urlsplit((htmx and htmx.current_url) or request.headers.get("Referer", ""))
    path = f"{there.path}?{there.query}" if there.query else there.path
    return (way_on(path) if there.netloc == request.get_host() else "") or "/"


def is_answered(request: HttpRequest) -> bool:
    """Whether a proof comes with what is sent, from somebody signed in."""
    return request.method == "POST" and MARK in request.POST and request.user.is_authenticated


def ask(request: HttpRequest, *, problem: str = "", status: int = 403) -> HttpResponse:
    """The page that asks for a proof and holds what was typed."""
    ways = questions.ways_to_confirm(request.user)  # type: ignore[arg-type]
    options = None
    if ways.passkey:
        options, request.session[ASKED] = passkeys.begin_asking(request.user)  # type: ignore[arg-type]
    response = show(
        request,
        "core/sign_in/confirm.html",
        partial="core/sign_in/_confirm.html",
        status=status,
        ways=ways,
        options=options,
        problem=problem,
        target=request.get_full_path() if request.method == "POST" else "",
        held=_held(request),
        provider=outside.provider() if ways.outside else None,
        back_to=urlencode({"next": page_of(request)}),
        marks={"password": PASSWORD, "code": CODE, "passkey": PASSKEY},
    )
    # A part of a page has no room for it: it takes the place of the page's content.
    response["HX-Retarget"], response["HX-Reswap"] = "#content", "innerHTML"
    return response


def take(request: HttpRequest) -> HttpResponse | None:
    """None when the proof is right and the act may go on; otherwise the page once more."""
    now = timezone.now()
    account = Account.objects.get(pk=request.user.pk)  # type: ignore[misc]
    try:
        method = _proved(request, account, now)
    except Refused as refusal:
        if refusal.status == 429:
            raise
        return ask(request, problem=refusal.message, status=422)
    sessions.confirm(request, now)
    security.note("core.account.confirmed", at=now, outcome="done", facts={"by": method})
    request.POST = _without_proof(request.POST)  # type: ignore[assignment]
    return None


def _proved(request: HttpRequest, account: Account, now: datetime) -> str:
    password, code, passkey = (request.POST.get(name, "") for name in (PASSWORD, CODE, PASSKEY))
    if passkey:
        limits.knock(request, now)
        passkeys.check(_read(passkey), state=request.session.pop(ASKED, None), now=now, account=account)
        return "passkey"
    if code:
        second_factor.check_code(account, code, now=now)
        return "code"
    limits.sign_in(request, account.email, now)
    if not account.check_password(password):
        security.note("core.account.confirmed", at=now, outcome="failed", facts={"by": "password"})
        raise Refused("wrong_password", _("That is not your present password."))
    return "password"


def _read(text: str) -> dict[str, Any]:
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    return answer if isinstance(answer, dict) else {}


def _held(request: HttpRequest) -> list[tuple[str, str]]:
    if request.method != "POST":
        return []
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if not name.startswith(MARK) and name != "csrfmiddlewaretoken"
    ]


def _without_proof(sent: QueryDict) -> QueryDict:
    rest = sent.copy()
    for name in (MARK, PASSWORD, CODE, PASSKEY):
        rest.pop(name, None)
    rest._mutable = False
    return rest
