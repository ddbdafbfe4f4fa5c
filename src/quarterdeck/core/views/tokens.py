"""One's own tokens for programmes."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from quarterdeck.core.errors import NotFound
from quarterdeck.core.forms import account as forms
from quarterdeck.core.queries import sign_in as questions
from quarterdeck.core.services import tokens
from quarterdeck.core.views.account import frame
from quarterdeck.core.web.pages import SignedIn, page, refusals_on, show, status_of


@page
def own_tokens(request: SignedIn) -> HttpResponse:
    """One's tokens, and another one, whose text is shown once."""
    form = forms.Token(request.POST or None)
    made, text = None, ""
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            made, text = tokens.make_token(request.actor, now=request.now, **form.cleaned_data)
            form = forms.Token()
    return show(
        request,
        "core/sign_in/tokens.html",
        form=form,
        made=made,
        text=text,
        tokens=questions.own_tokens(request.actor),
        now=request.now,
        status=status_of(form),
        **frame("tokens"),
    )


@require_POST
@page
def token_revoke(request: SignedIn, uid: UUID) -> HttpResponse:
    """End a token."""
    token = questions.own_tokens(request.actor).filter(uid=uid).first()
    if token is None:
        raise NotFound
    tokens.revoke_token(request.actor, token, now=request.now)
    return redirect("tokens")
