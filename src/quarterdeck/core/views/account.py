"""Signing in by link, and one's own account."""

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from quarterdeck.core import forms
from quarterdeck.core.models import Account
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.services import accounts
from quarterdeck.core.web.pages import SignedIn, page, public, refusals_on, show, status_of
from quarterdeck.core.web.shell import crumb

BY_LINK = "signed_in_by_link"


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
