"""What holds for every answer."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from quarterdeck.core.errors import Refused
from quarterdeck.core.web.pages import show

log = logging.getLogger("quarterdeck.security")


class Answers:
    """Turns refusals into pages, and keeps what a signed-in person sees out of caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """A refusal is an answer, not a failure."""
        if not isinstance(problem, Refused):
            return None
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
