"""Letting people sign in: invitations, their acceptance, and the accounts of a person."""

from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from quarterdeck.core import access, objects, rights
from quarterdeck.core.errors import NotFound, Refused
from quarterdeck.core.forms import account as account_forms
from quarterdeck.core.forms import invitations as forms
from quarterdeck.core.models import Account, Invitation, Person
from quarterdeck.core.queries import sign_in as questions
from quarterdeck.core.register import register_page
from quarterdeck.core.registers.invitations import INVITATIONS
from quarterdeck.core.services import accounts, ending, invitations, outbox, outside, passkeys, second_factor
from quarterdeck.core.views.sign_in import go_on
from quarterdeck.core.web import limits
from quarterdeck.core.web.frame import frame_of
from quarterdeck.core.web.pages import SignedIn, address, page, refusals_on, show, status_of
from quarterdeck.core.web.shell import crumb

ASKED = "passkey_of_invited"


@page
def listed(request: SignedIn) -> HttpResponse:
    """Who was invited."""
    if not questions.may_invite(request.actor):
        raise NotFound
    invitations.expire_old(now=request.now)
    return register_page(
        request,
        INVITATIONS,
        crumbs=[crumb(_("People"), address("people")), crumb(_("Invitations"))],
        actions_template="core/sign_in/_invite_actions.html",
    )


@page
def new(request: SignedIn) -> HttpResponse:
    """Invite somebody."""
    if not questions.may_invite(request.actor):
        raise NotFound
    form = forms.Invite(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        with refusals_on(form):
            invitation = invitations.invite(
                request.actor,
                email=sent["email"],
                name=sent["name"],
                role=sent["role"],
                on=sent["place"],
                now=request.now,
            )
            say_invited(request, invitation)
            return redirect("invitations")
    return show(
        request,
        "core/sign_in/invite.html",
        form=form,
        mail_is_sent=outbox.is_sent(),
        status=status_of(form),
        crumbs=[crumb(_("Invitations"), address("invitations")), crumb(_("Invite somebody"))],
    )


def say_invited(request: SignedIn, invitation: Invitation) -> None:
    """The same for every address, whether it is known here or not."""
    messages.success(request, _("An invitation is on its way to %(address)s.") % {"address": invitation.email})


def found(request: SignedIn, uid: UUID) -> Invitation:
    invitation = questions.invitations(request.actor).filter(uid=uid).first()
    if invitation is None:
        raise NotFound
    return invitation


@page
def one(request: SignedIn, uid: UUID) -> HttpResponse:
    """An invitation, to be sent again or withdrawn."""
    invitation = found(request, uid)
    is_open = invitation.state == "open" and invitation.expires_at > request.now
    return show(
        request,
        "core/sign_in/invitation_one.html",
        invitation=invitation,
        is_open=is_open,
        mail_is_sent=outbox.is_sent(),
        crumbs=[crumb(_("Invitations"), address("invitations")), crumb(invitation.name)],
    )


@require_POST
@page
def again(request: SignedIn, uid: UUID) -> HttpResponse:
    """Send another link."""
    say_invited(request, invitations.send_again(request.actor, found(request, uid), now=request.now))
    return redirect("invitation_one", uid)


@require_POST
@page
def withdraw(request: SignedIn, uid: UUID) -> HttpResponse:
    """Take an invitation back."""
    invitations.withdraw(request.actor, found(request, uid), now=request.now)
    return redirect("invitation_one", uid)


@login_not_required
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Choose how to sign in, or take up what a known account is offered. Opening the page uses nothing up."""
    now = timezone.now()
    invitation = questions.open_invitations(now).filter(digest=invitations.digest_of(token)).first()
    if request.method == "POST":
        limits.knock(request, now)
    if invitation is None:
        raise invitations.over()
    known = questions.account_with_address(invitation.email)
    if known is not None and questions.can_sign_in(known):
        return accept_signed_in(request, token, invitation, known)
    named = known is not None or invitation.person is not None
    by_key = request.method == "POST" and "passkey" in request.POST
    form = forms.Acceptance(None if by_key else request.POST or None, named=named, initial={"name": invitation.name})
    problem = ""
    if request.method == "POST":
        try:
            if by_key:
                return accept_by_passkey(request, token, now)
            if form.is_valid():
                with refusals_on(form):
                    account = invitations.accept(token, now=now, **form.cleaned_data)
                    return go_on(request, account, "invitation")
        except Refused as refusal:
            if refusal.code != "wrong_passkey":
                raise
            problem = refusal.message
    options, request.session[ASKED] = passkeys.begin_adding(
        f"invitation {invitation.pk}", shown_as=invitation.email, name=invitation.name
    )
    return show(
        request,
        "core/sign_in/accept.html",
        invitation=invitation,
        form=form,
        options=options if passkeys.works_here() else None,
        problem=problem,
        provider=outside.provider(),
        status=422 if problem else status_of(form),
    )


def accept_by_passkey(request: HttpRequest, token: str, now: Any) -> HttpResponse:
    """A passkey instead of a password."""
    form = account_forms.NewPasskey(request.POST)
    if not form.is_valid():
        raise Refused("wrong_passkey", _("The passkey was not accepted. Use it once more, or choose a password."))
    kept: list[Authenticator] = []
    state = request.session.pop(ASKED, None)
    account = invitations.accept(
        token,
        now=now,
        name=form.cleaned_data["name"],
        keep=lambda made: kept.append(
            passkeys.keep(made, name=_("Passkey"), answer=form.cleaned_data["passkey"], state=state, now=now)
        ),
    )
    # It was made in this very moment; asking for it once more would say nothing new.
    return go_on(request, account, "mfa", id=kept[0].pk, type=str(kept[0].type), passwordless=True)


def accept_signed_in(request: HttpRequest, token: str, invitation: Invitation, known: Account) -> HttpResponse:
    """Who has an account accepts after signing in with it."""
    if request.user.is_authenticated and request.user.pk == known.pk:
        if request.method == "POST":
            invitations.accept(token, now=timezone.now(), signed_in=known)
            return redirect("home")
        return show(request, "core/sign_in/accept_known.html", invitation=invitation, is_theirs=True)
    return show(
        request,
        "core/sign_in/accept_known.html",
        invitation=invitation,
        is_theirs=False,
        signed_in=request.user.is_authenticated,
        sign_in_url=f"{reverse('account_login')}?{urlencode({'next': request.path})}",
    )


def person_of(request: SignedIn, uid: UUID) -> Person:
    """A person, for who manages how people sign in."""
    top = request.actor.top
    if top is None or not access.may(request.actor, rights.MANAGE_ORGANISATION, on=top):
        raise NotFound
    person: Person = objects.find(request.actor, "person", str(uid))
    return person


@page
def person_sign_in(request: SignedIn, uid: UUID) -> HttpResponse:
    """How a person signs in, and another way to do so."""
    person = person_of(request, uid)
    form = forms.LetIn(request.POST or None, initial={"email": person.email})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            email = form.cleaned_data["email"]
            if form.cleaned_data["by_mail"]:
                invitation = invitations.invite(
                    request.actor, email=email, name=person.name, person=person, now=request.now
                )
                say_invited(request, invitation)
            else:
                accounts.open_account(request.actor, person, email=email, now=request.now)
            return redirect("person_sign_in", person.uid)
    return show(
        request,
        "core/sign_in/person.html",
        **frame_of(request, "person", person, "person_sign_in"),
        form=form,
        accounts=questions.ways_of(person.pk, now=request.now),
        open=questions.open_invitations(request.now).filter(person=person),
        own_account_id=request.user.pk,
        mail_is_sent=outbox.is_sent(),
        status=status_of(form),
    )


ACTS = {
    "disable": accounts.disable_account,
    "enable": accounts.enable_account,
    "reset": second_factor.reset,
    "end": ending.end_sessions_of,
}


@require_POST
@page
def account_act(request: SignedIn, uid: UUID, number: int, act: str) -> HttpResponse:
    """Switch an account off or on, reset its second factor, or end its sessions and tokens."""
    person = person_of(request, uid)
    account = Account.objects.filter(pk=number, person=person).select_related("person").first()
    if account is None or act not in ACTS:
        raise NotFound
    ACTS[act](request.actor, account, now=request.now)
    return redirect("person_sign_in", person.uid)
