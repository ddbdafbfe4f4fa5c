"""What holds for every answer."""

import logging
from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from quarterdeck.core.errors import Conflict, NotFound, Refused
from quarterdeck.core.web.pages import show

log = logging.getLogger("quarterdeck.security")
# A register of 20 MB with the fields around it.
MOST_SENT = 21 * 1024 * 1024


class Answers:
    """Turns refusals into pages, and keeps pages out of caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # No text of ours holds NUL, and the database would fail on it.
        nul = "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", "")
        response = self.refusal(request, NotFound()) if nul else self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """A refusal is an answer, not a failure; so is what somebody else holds for longer than a page waits."""
        if isinstance(problem, OperationalError) and isinstance(problem.__cause__, LockNotAvailable):
            text = _("Somebody is changing this at the moment, perhaps by an import. Wait a little and do it again.")
            problem = Conflict(text, code="busy")
        return self.refusal(request, problem) if isinstance(problem, Refused) else None

    def refusal(self, request: HttpRequest, problem: Refused) -> HttpResponse:
        """The page that says no; what somebody may not see or do is in the log."""
        if problem.status in {403, 404}:
            log.warning(
                "refused",
                extra={
                    "account": request.user.pk,
                    "code": problem.code,
                    "path": request.path,
                    "method": request.method,
                },
            )
        template = "404.html" if problem.status == 404 else "core/refused.html"
        return show(request, template, partial="core/_refusal.html", status=problem.status, refusal=problem)


def measured(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Before anything reads what is sent: more than the largest file we take does not even reach the disk."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length[:20]) > MOST_SENT:
            text = _("That is too large to be sent here. A register has at most 20 MB.")
            return HttpResponse(text, status=413, content_type="text/plain; charset=utf-8")
        return get_response(request)

    return middleware
