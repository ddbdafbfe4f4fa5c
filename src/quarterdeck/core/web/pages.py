"""What every page does: know who asks, look at the day that is asked for, and show refusals as help."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from quarterdeck.core import access, security
from quarterdeck.core.errors import ConfirmFirst, EnrolFirst, Refused, TooMany
from quarterdeck.core.models import Account
from quarterdeck.core.queries import sign_in as questions
from quarterdeck.core.time import Moment, at, looking_at
from quarterdeck.core.web import limits, sessions

P = ParamSpec("P")

public = login_not_required
EXPORTS = ("csv", "xlsx")
# Pages that somebody reaches before the second factor that a role of theirs asks for.
ALWAYS_OPEN: set[str] = set()


class SignedIn(HttpRequest):
    """A request of somebody who signed in; `page` puts the actor, the clock and the moment on it."""

    user: Account
    actor: access.Actor
    now: datetime
    moment: Moment | None
    counts: dict[str, int]
    htmx: Any


def page(
    view: Callable[Concatenate[SignedIn, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Decorator of every page: `?as_of=` opens the past, in which nothing can be written."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        signed_in: SignedIn = request  # type: ignore[assignment]
        signed_in.now = timezone.now()
        signed_in.actor = actor = access.actor_of_account(
            signed_in.user, now=signed_in.now, confirmed_at=sessions.confirmed_at(request)
        )
        signed_in.moment = None
        enter(signed_in)
        signed_in.moment = moment = asked_moment(request, signed_in.now)
        exporting = request.method == "GET" and request.GET.get("format") in EXPORTS
        if exporting:
            limits.take_out(signed_in.user.pk, signed_in.now)
        if moment is None:
            response = view(signed_in, *args, **kwargs)
        elif request.method not in {"GET", "HEAD"}:
            raise Refused("past_is_read_only", _("The past is read-only. Go back to today to change something."))
        else:
            with at(moment.on, moment.known_at):
                response = view(signed_in, *args, **kwargs)
        if exporting and response.status_code == 200:
            facts = {"confidential": questions.sees_confidential(actor), "format": request.GET["format"]}
            security.note("core.list.exported", at=signed_in.now, outcome="done", facts=facts)
        return response

    return wrapped


def enter(request: SignedIn) -> None:
    """What holds before any page: the second factor that a role asks for, and a session key that fits the rights."""
    actor, match = request.actor, request.resolver_match
    opens = match is not None and match.view_name in ALWAYS_OPEN
    if actor.needs_second_factor and not opens and not questions.has_second_factor(request.user.pk):
        raise EnrolFirst
    # Parts of a page come several at once; only a whole page may bring another cookie.
    if request.method == "GET" and not request.htmx:
        sessions.renew_key(request, actor)


def asked_moment(request: HttpRequest, now: datetime) -> Moment | None:
    """The moment in the address; None for today. A day that is none, or lies ahead, is refused in a sentence."""
    day_text = request.GET.get("as_of", "").strip()
    known_text = request.GET.get("known_at", "").strip()
    if not day_text and not known_text:
        return None
    try:
        day = date.fromisoformat(day_text) if day_text else now.date()
        known = datetime.fromisoformat(known_text) if known_text else None
    except ValueError as problem:
        raise Refused("no_such_day", _("“As of” needs a day such as 2026-09-30.")) from problem
    if day > now.date():
        raise Refused("day_ahead", _("That day has not come yet. Choose today or an earlier day."))
    if known is not None and known.tzinfo is None:
        known = known.replace(tzinfo=UTC)
    if known is not None and not 1900 < known.year < 9000:
        raise Refused("no_such_day", _("“As of” needs a day such as 2026-09-30."))
    if day == now.date() and known is None:
        return None
    return Moment(day, known)


def address(route: str, *args: Any, query: dict[str, Any] | None = None, **kwargs: Any) -> str:
    """The address of a page. While looking at the past, it stays in the past."""
    parameters = {
        key: value for key, value in (query or {}).items() if value not in (None, "", [])
    } | moment_parameters(looking_at())
    path = reverse(route, args=args, kwargs=kwargs)
    return f"{path}?{urlencode(parameters, doseq=True)}" if parameters else path


def moment_parameters(moment: Moment | None) -> dict[str, str]:
    """What an address carries on while the reader looks at the past; nothing today."""
    if moment is None:
        return {}
    known = {} if moment.known_at is None else {"known_at": moment.known_at.isoformat()}
    return {"as_of": moment.on.isoformat(), **known}


def of_that_day(path: str) -> str:
    """A path such as a kind of thing gives it, at the moment that is looked at; one that says a day already is left."""
    parameters = moment_parameters(looking_at())
    return f"{path}?{urlencode(parameters)}" if path and parameters and "?" not in path else path


def show(
    request: HttpRequest, template: str, *, partial: str | None = None, status: int = 200, **context: Any
) -> HttpResponse:
    """
    Render a page, or only its partial when a part of the page asked for it.

    crumbs, a list of steps, is the breadcrumb of the shell.
    """
    request.crumbs = context.pop("crumbs", [])  # type: ignore[attr-defined]
    htmx = getattr(request, "htmx", None)
    part = partial is not None and htmx and not htmx.boosted and not htmx.history_restore_request
    response = render(request, partial if part and partial else template, context, status=status)
    response["Vary"] = "HX-Request, Cookie"
    return response


def way_on(path: str) -> str:
    """A path of this site that somebody is led on to; empty for an address that leads elsewhere."""
    return path if path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None) else ""


@contextmanager
def refusals_on(form: BaseForm) -> Iterator[None]:
    """Show a refusal on the form: beside its fields where it names them, otherwise on top."""
    try:
        yield
    except (ConfirmFirst, EnrolFirst, TooMany):
        # No fault of the form: the page that asks for the proof sends it again, and too often has a page of its own.
        raise
    except Refused as refusal:
        placed = False
        for name, text in refusal.fields.items():
            if name in form.fields:
                form.add_error(name, text)
                placed = True
        if not placed:
            form.add_error(None, refusal.message)


def status_of(form: BaseForm) -> int:
    """422 for a form with errors, so that a part of the page is swapped and a script sees the refusal."""
    return 422 if form.is_bound and form.errors else 200
