"""One's own second factor and sessions, the proof of who somebody is, and the security log."""

import base64
import io
from typing import Any
from uuid import UUID

import qrcode
from allauth.mfa.models import Authenticator
from django.contrib.auth import logout
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from qrcode.image.svg import SvgPathFillImage

from quarterdeck.core import access, rights
from quarterdeck.core.errors import NotFound
from quarterdeck.core.forms import account as forms
from quarterdeck.core.models import Account
from quarterdeck.core.queries import sign_in as questions
from quarterdeck.core.queries.factors import factors_of
from quarterdeck.core.register import register_page
from quarterdeck.core.registers.security import SECURITY_LOG
from quarterdeck.core.services import ending, passkeys, second_factor
from quarterdeck.core.views.account import frame
from quarterdeck.core.web import confirming, sessions
from quarterdeck.core.web.pages import ALWAYS_OPEN, SignedIn, page, refusals_on, show, status_of, way_on
from quarterdeck.core.web.shell import Shell, crumb

KEY = "app_key"
ASKED = "passkey_made"
ALWAYS_OPEN |= {
    "own_account",
    "second_factor",
    "second_factor_app",
    "passkey_add",
    "confirm",
    "session_left",
    "sign_out_everywhere",
}


def own(request: SignedIn) -> Account:
    return Account.objects.get(pk=request.user.pk)


@page
def factors(request: SignedIn) -> HttpResponse:
    """What one signs in with beside the password."""
    held = list(factors_of(request.user.pk))
    codes = next((each for each in held if each.type == Authenticator.Type.RECOVERY_CODES), None)
    return show(
        request,
        "core/sign_in/factors.html",
        app=next((each for each in held if each.type == Authenticator.Type.TOTP), None),
        passkeys=[each for each in held if each.type == Authenticator.Type.WEBAUTHN],
        codes_left=len(codes.data["digests"]) if codes else None,
        passkeys_work=passkeys.works_here(),
        needed=request.actor.needs_second_factor,
        missing=request.actor.needs_second_factor and not questions.has_second_factor(request.user.pk),
        **frame("second_factor"),
    )


@page
def app(request: SignedIn) -> HttpResponse:
    """Set up an authenticator app: the key as a picture and as text, then its first code."""
    access.require_confirmed(request.actor, now=request.now)
    key = request.session.get(KEY)
    if key is None or request.method == "GET":
        key = request.session[KEY] = second_factor.new_key()
    form = forms.Code(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            codes = second_factor.enrol_app(
                request.actor, own(request), key=key, code=form.cleaned_data["code"], now=request.now
            )
            request.session.pop(KEY, None)
            return added(request, codes)
    issuer = Shell(request).organisation_name or "Quarterdeck"
    return show(
        request,
        "core/sign_in/app.html",
        form=form,
        key=" ".join(key[at : at + 4] for at in range(0, len(key), 4)),
        picture=picture(second_factor.address_for_app(request.user, key, issuer=issuer)),
        status=status_of(form),
        **frame("second_factor"),
    )


def picture(text: str) -> str:
    """A QR code as the address of an image that is in the page itself."""
    drawn = io.BytesIO()
    qrcode.make(text, image_factory=SvgPathFillImage, box_size=12, border=2).save(drawn)
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.getvalue()).decode()


def added(request: SignedIn, codes: list[str]) -> HttpResponse:
    """Recovery codes, once, when there are new ones; otherwise back to the list."""
    if not codes:
        return redirect("second_factor")
    return show(request, "core/sign_in/codes.html", codes=codes, **frame("second_factor"))


@require_POST
@page
def app_remove(request: SignedIn) -> HttpResponse:
    """No longer ask for codes of the app."""
    second_factor.remove_app(request.actor, own(request), now=request.now)
    return redirect("second_factor")


@require_POST
@page
def codes_renew(request: SignedIn) -> HttpResponse:
    """Other recovery codes."""
    return added(request, second_factor.renew_recovery_codes(request.actor, own(request), now=request.now))


@page
def passkey_add(request: SignedIn) -> HttpResponse:
    """Make a passkey and keep it."""
    access.require_confirmed(request.actor, now=request.now)
    account = own(request)
    form = forms.NewPasskey(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            codes = passkeys.add_passkey(
                request.actor,
                account,
                name=form.cleaned_data["name"],
                answer=form.cleaned_data["passkey"],
                state=request.session.pop(ASKED, None),
                now=request.now,
            )
            return added(request, codes)
    options, request.session[ASKED] = passkeys.begin_adding(
        f"account {account.pk}", shown_as=account.email, name=account.person.name, account=account
    )
    return show(
        request,
        "core/sign_in/passkey.html",
        form=form,
        options=options,
        status=status_of(form),
        **frame("second_factor"),
    )


def own_passkey(request: SignedIn, number: int) -> Authenticator:
    passkey = factors_of(request.user.pk).filter(pk=number, type=Authenticator.Type.WEBAUTHN).first()
    if passkey is None:
        raise NotFound
    return passkey


@page
def passkey_rename(request: SignedIn, number: int) -> HttpResponse:
    """Call a passkey something else."""
    passkey = own_passkey(request, number)
    form = forms.Named(request.POST or None, initial={"name": passkey.data["name"]})
    if request.method == "POST" and form.is_valid():
        passkeys.rename_passkey(request.actor, passkey, name=form.cleaned_data["name"], now=request.now)
        return redirect("second_factor")
    return show(request, "core/sign_in/passkey_name.html", form=form, status=status_of(form), **frame("second_factor"))


@require_POST
@page
def passkey_remove(request: SignedIn, number: int) -> HttpResponse:
    """Let a passkey open nothing any more."""
    passkeys.remove_passkey(request.actor, own_passkey(request, number), now=request.now)
    return redirect("second_factor")


@page
def own_sessions(request: SignedIn) -> HttpResponse:
    """Where one is signed in."""
    found = questions.own_sessions(request.actor, now=request.now)
    return show(
        request,
        "core/sign_in/sessions.html",
        sessions=found,
        current=request.session.session_key,
        **frame("sessions"),
    )


@require_POST
@page
def session_end(request: SignedIn, uid: UUID) -> HttpResponse:
    """End one session; one's own is a sign-out."""
    session = questions.own_sessions(request.actor, now=request.now).filter(uid=uid).first()
    if session is None:
        raise NotFound
    ending.end_session(request.actor, session, now=request.now)
    if session.pk == request.session.session_key:
        logout(request)
        return redirect("account_login")
    return redirect("sessions")


@require_POST
@page
def sessions_end_others(request: SignedIn) -> HttpResponse:
    """End all sessions but this one."""
    ending.end_other_sessions(request.actor, but=request.session.session_key or "", now=request.now)
    return redirect("sessions")


@require_POST
@page
def sign_out_everywhere(request: SignedIn) -> HttpResponse:
    """End all sessions and tokens, this session too."""
    ending.sign_out_everywhere(request.actor, own(request), now=request.now)
    logout(request)
    return redirect("account_login")


@require_http_methods(["GET", "POST"])
@page
def session_left(request: SignedIn) -> HttpResponse:
    """How many seconds are left, for the page that warns. POST is somebody who stays."""
    now = request.now
    began, seen = sessions.began_at(request.session), now if request.method == "POST" else last_seen(request)
    left = (sessions.ends_at(began, seen) - now).total_seconds()
    longest = (sessions.ends_at(began, now) - now).total_seconds()
    return JsonResponse({"left": max(0, int(left)), "longest": max(0, int(longest))})


def last_seen(request: SignedIn) -> Any:
    row = getattr(request.session, "row", None)
    return row.last_seen_at if row is not None and row.last_seen_at else request.now


@page
def confirm(request: SignedIn) -> HttpResponse:
    """Prove who one is, then go on to the page that needs it."""
    if request.method == "POST":
        access.require_confirmed(request.actor, now=request.now)
        return redirect(way_on(request.GET.get("next", "")) or "home")
    return confirming.ask(request, status=200)


@require_GET
@page
def security_log(request: SignedIn) -> HttpResponse:
    """What was refused, and what mattered for safety."""
    if not request.actor.holds(rights.SEE_SECURITY_LOG):
        raise NotFound
    return register_page(request, SECURITY_LOG, crumbs=[crumb(_("Security log"))])
