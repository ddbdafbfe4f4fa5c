"""One's own account: name, address and password."""

from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from quarterdeck.core import forms
from quarterdeck.core.models import Account
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.services import accounts
from quarterdeck.core.views.sign_in import BY_LINK
from quarterdeck.core.web import limits, sessions
from quarterdeck.core.web.pages import SignedIn, page, refusals_on, show, status_of
from quarterdeck.core.web.shell import crumb

TABS = (
    ("own_account", _("Account")),
    ("second_factor", _("Second factor")),
    ("sessions", _("Sessions")),
    ("tokens", _("Tokens")),
)


def frame(route: str) -> dict[str, Any]:
    """What the pages of one's own account share."""
    tabs = [{"label": label, "url": reverse(name), "current": name == route, "count": None} for name, label in TABS]
    here = next(label for name, label in TABS if name == route)
    crumbs = [crumb(_("Your account"), reverse("own_account"))]
    return {"tabs": tabs, "crumbs": crumbs if route == "own_account" else [*crumbs, crumb(here)]}


@page
def own_account(request: SignedIn) -> HttpResponse:
    """One's own name, address and password."""
    by_link = request.session.get(BY_LINK) == request.user.pk
    asked = request.user.has_usable_password() and not by_link
    form = forms.Password(request.POST or None, asked=asked)
    saved = False
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            account = Account.objects.get(pk=request.user.pk)
            if asked:
                limits.sign_in(request, account.email, request.now)
            accounts.set_password(
                request.actor,
                account,
                form.cleaned_data["password"],
                current=form.cleaned_data["current"] if asked else None,
                now=request.now,
            )
            request.session.pop(BY_LINK, None)
            # All sessions are over; this one goes on under another key.
            update_session_auth_hash(request, account)
            sessions.confirm(request, request.now)
            saved = True
    return show(
        request,
        "core/account.html",
        form=form,
        saved=saved,
        holdings=questions.own_holdings(request.actor),
        status=status_of(form),
        **frame("own_account"),
    )
