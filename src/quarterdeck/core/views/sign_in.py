"""The steps of a sign-in that our own pages take: by link, by passkey, and the second factor."""

from typing import Any

from allauth.account.internal import flows
from allauth.account.internal.decorators import login_stage_required
from allauth.account.models import Login
from allauth.account.views import LoginView
from allauth.mfa.internal.constants import LoginStageKey
from allauth.mfa.models import Authenticator
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from quarterdeck.core.forms import account as forms
from quarterdeck.core.models import Account
from quarterdeck.core.queries import sign_in as questions
from quarterdeck.core.services import accounts, outside, passkeys, second_factor
from quarterdeck.core.web import limits
from quarterdeck.core.web.pages import public, refusals_on, show, status_of, way_on

BY_LINK = "signed_in_by_link"
ASKED = "passkey_asked"


class SignIn(LoginView):  # type: ignore[misc]
    """The page of the sign-in, with every way that this installation offers."""

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        on = way_on(self.request.GET.get("next", ""))
        context: dict[str, Any] = super().get_context_data(**more)
        return context | {
            "passkeys_work": passkeys.works_here(),
            "provider": outside.provider(),
            "on": f"?{urlencode({'next': on})}" if on else "",
        }


def go_on(request: HttpRequest, account: Account, method: str, *, on: str = "", **how: Any) -> HttpResponse:
    """Sign an account in that proved one thing; where more is asked for, the page that asks. on: where it goes then."""
    flows.login.record_authentication(request, account, method, **how)
    response: HttpResponse = flows.login.perform_login(request, Login(user=account, redirect_url=on or None))
    return response


@public
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """
    A link that signs in once.

    Opening it shows a button; only pressing it uses the link, so that a preview of the address does not.
    """
    if request.method != "POST":
        return show(request, "core/sign_in_link.html")
    now = timezone.now()
    limits.knock(request, now)
    account = accounts.use_sign_in_link(token, now=now)
    # Who lost their password comes by a link to choose another one.
    request.session[BY_LINK] = account.pk
    return go_on(request, account, "link")


@login_not_required
@require_http_methods(["GET", "POST"])
def by_passkey(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey alone: GET gives what it has to sign, POST takes what it signed."""
    now = timezone.now()
    if request.method == "GET":
        limits.knock(request, now)
        options, request.session[ASKED] = passkeys.begin_asking(None)
        return JsonResponse(options)
    limits.knock(request, now)
    form = forms.Answer(request.POST)
    if form.is_valid():
        with refusals_on(form):
            passkey = passkeys.check(form.cleaned_data["passkey"], state=request.session.pop(ASKED, None), now=now)
            on = way_on(request.GET.get("next", ""))
            return go_on(request, passkey.user, "mfa", on=on, id=passkey.pk, type=str(passkey.type), passwordless=True)
    return show(request, "core/sign_in/by_passkey.html", form=form, status=422)


@login_stage_required(stage=LoginStageKey.MFA_AUTHENTICATE.value, redirect_urlname="account_login")  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "POST"])
def ask_second_factor(request: HttpRequest) -> HttpResponse:
    """The second step of a sign-in: a code, a recovery code, or a passkey."""
    stage = request._login_stage  # type: ignore[attr-defined]  # put there by the decorator
    if "again" in request.POST:
        begin: HttpResponse = stage.abort()
        return begin
    account = Account.objects.get(pk=stage.login.user.pk)
    ways = questions.ways_to_confirm(account)
    by_key = request.method == "POST" and "passkey" in request.POST
    form = (forms.Answer if by_key else forms.Code)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        with refusals_on(form):
            factor = _proved(request, account, form.cleaned_data, now)
            flows.login.record_authentication(request, account, "mfa", id=factor.pk, type=str(factor.type))
            response: HttpResponse = stage.exit()
            return response
    options = None
    if ways.passkey:
        options, request.session[ASKED] = passkeys.begin_asking(account)
    problem = next(iter(form.non_field_errors()), "") if by_key and form.errors else ""
    return show(
        request,
        "core/sign_in/second_factor.html",
        form=forms.Code() if by_key else form,
        ways=ways,
        options=options,
        problem=problem,
        status=status_of(form),
    )


def _proved(request: HttpRequest, account: Account, sent: dict[str, Any], now: Any) -> Authenticator:
    """The factor that was used; what is too often is an answer of its own."""
    if "passkey" in sent:
        limits.knock(request, now)
        return passkeys.check(sent["passkey"], state=request.session.pop(ASKED, None), now=now, account=account)
    return second_factor.check_code(account, sent["code"], now=now)
