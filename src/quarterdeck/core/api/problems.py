"""
Every error of the interface for programmes as one shape: `application/problem+json` (RFC 9457).

What a service refuses, what the framework refuses and what fails below it look alike: status, code, a sentence, and
the fields it belongs to.
"""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from quarterdeck.core.errors import Refused, TooMany

MEDIA_TYPE = "application/problem+json"
PREFIX = "/api/"
# A body is a handful of facts; what is larger is a mistake.
MOST_SENT = 1024 * 1024
TITLES = {422: "Unprocessable Content", 413: "Content Too Large"}


class WrongRequest(Refused):
    """The address, a parameter or a header asks for something that does not exist."""

    status = 400


class NotSignedIn(Refused):
    """No token, or one that opens nothing."""

    status = 401

    def __init__(self) -> None:
        super().__init__("no_valid_token", _("Send a valid token as “Authorization: Bearer …”."))


class TooLarge(Refused):
    """More than the interface takes in one request."""

    status = 413

    def __init__(self) -> None:
        super().__init__("too_large", _("A request holds at most 1 MB."))


class NotJson(Refused):
    """The body is not sent as JSON."""

    status = 415

    def __init__(self) -> None:
        super().__init__("not_json", _("Send the body as JSON, with “Content-Type: application/json”."))


class Stale(Refused):
    """The thing is no longer what the caller read."""

    status = 412

    def __init__(self) -> None:
        super().__init__("changed_meanwhile", _("This changed since you read it. Read it again before you change it."))


class MatchNeeded(Refused):
    """A change says which state of the thing it was made for."""

    status = 428

    def __init__(self) -> None:
        super().__init__("if_match_needed", _("Send the ETag that you read as “If-Match”."))


class InFlight(Refused):
    """The same request is being carried out at this moment."""

    status = 409

    def __init__(self) -> None:
        super().__init__("in_flight", _("The request with this key is being carried out. Ask again in a moment."))
        self.retry_after = 1


# What is said where nobody knows more than the status.
SENTENCES: dict[int, tuple[str, Callable[[], str]]] = {
    400: ("wrong_request", lambda: _("The request cannot be understood.")),
    403: ("not_allowed", lambda: _("You may not do this.")),
    404: ("not_found", lambda: _("This does not exist, or you have no access to it.")),
    405: ("wrong_method", lambda: _("This address does not take that method.")),
    413: ("too_large", lambda: _("A request holds at most 1 MB.")),
    503: ("not_ready", lambda: _("The server cannot answer at the moment. Ask again later.")),
}


def problem(
    status: int,
    code: str,
    detail: str,
    fields: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """An error as RFC 9457 wants it, with our code and the fields."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if fields:
        body["fields"] = dict(fields)
    return HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status=status,
        content_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def of_refusal(refusal: Refused) -> HttpResponse:
    """A refusal as a problem, with the headers its status asks for."""
    headers = {}
    if isinstance(refusal, NotSignedIn):
        headers["WWW-Authenticate"] = 'Bearer realm="Quarterdeck"'
    if isinstance(refusal, TooMany | InFlight):
        headers["Retry-After"] = str(refusal.retry_after)
    return problem(refusal.status, refusal.code, refusal.message, refusal.fields, headers)


def problems(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: below /api/ nothing but JSON is answered, also where a request never reaches an operation."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            return get_response(request)
        if "%00" in request.META.get("QUERY_STRING", ""):
            return problem(400, *_said(400))
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length[:20]) > MOST_SENT:
            return of_refusal(TooLarge())
        response = get_response(request)
        if response.status_code < 400 or response.get("Content-Type", "").startswith(MEDIA_TYPE):
            return response
        return _said_as_problem(response, getattr(request, "request_id", ""))

    return middleware


def _said(status: int) -> tuple[str, str]:
    code, sentence = SENTENCES[status]
    return code, sentence()


def _said_as_problem(response: HttpResponseBase, report: str) -> HttpResponse:
    status = response.status_code
    if status in SENTENCES:
        code, sentence = _said(status)
    elif status < 500:
        code, sentence = "refused", HTTPStatus(status).phrase
    else:
        code = "failed"
        sentence = _("The server ran into a fault of its own and wrote it down: report no. %(report)s.") % {
            "report": report or "–"
        }
    kept = {name: value for name, value in response.items() if name not in {"Content-Type", "Content-Length"}}
    answer = problem(status, code, sentence, headers=kept)
    answer.cookies = response.cookies
    return answer
