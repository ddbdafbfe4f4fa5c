"""The interface as a whole: its routers, its description by OpenAPI, and its addresses."""

import json
from functools import lru_cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from psycopg.errors import LockNotAvailable

from quarterdeck.core.api import problems
from quarterdeck.core.api.bearer import Token
from quarterdeck.core.api.meanings import tell
from quarterdeck.core.api.operations import as_json, router
from quarterdeck.core.api.parsing import CarefulParser
from quarterdeck.core.errors import Conflict, NotFound, Refused

VERSION = "1"
ROOT = "/api/v1"
DESCRIPTION = (
    "Everything the pages show and do, for programmes. A token of your account stands for you: it may see and do what "
    "you may, within its scope. What you may not see answers like what does not exist."
)
WORDS = {
    "WrongRequest": "A parameter, a header or the form of the body is wrong; code and detail say which.",
    "NotSignedIn": "No token, or one that is unknown, expired or revoked.",
    "NotAllowed": "You may see this but not do that, or the token lacks the scope.",
    "NotFound": "It does not exist, or you have no access to it.",
    "Conflict": "It is in a state from which this does not lead on, or the same request is being carried out.",
    "Stale": "It changed since you read it.",
    "TooLarge": "More than 1 MB.",
    "NotJson": "The body is not sent as JSON.",
    "Refused": "What is asked cannot be; fields say where the reason lies.",
    "MatchNeeded": "A change needs If-Match.",
    "TooMany": "More requests than the limit allows; Retry-After says when to go on.",
}
RETRY = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait"}}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "What the status means"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened and what is possible next, for people"},
        "code": {"type": "string", "description": "The reason, for programmes"},
        "fields": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "The reason by the field it belongs to",
        },
    },
    "additionalProperties": False,
}
# What people talk about and hang files on, as addresses name it.
TALK = ("units", "portfolios", "programmes", "projects")
# Sentences for the reasons that the framework gives in words of its own.
REASONS = {
    "missing": "This is needed.",
    "extra_forbidden": "There is no such field.",
    "string_pattern_mismatch": "This is not written as it should be.",
    "string_unicode": "This holds characters that are none.",
}


class Interface(NinjaAPI):
    """Ninja's API with our problems, and with components that the description refers to."""

    def __init__(self) -> None:
        super().__init__(
            title="Quarterdeck",
            version=VERSION,
            description=DESCRIPTION,
            auth=Token(),
            parser=CarefulParser(),
            docs_url=None,
            openapi_url=None,
            urls_namespace="api-v1",
            servers=[{"url": "/"}],
        )
        for refused in (Refused, HttpError, ValidationError, Http404, RequestDataTooBig, OperationalError):
            self.add_exception_handler(refused, self._refuse)
        self.add_exception_handler(Exception, _fail)

    def _refuse(self, request: HttpRequest, fault: Any) -> HttpResponse:
        refusal = _as_refusal(fault)
        if refusal is None:
            raise fault
        request.refusal = refusal  # type: ignore[attr-defined]  # the security log names it
        return problems.of_refusal(refusal)


def _fail(request: HttpRequest, fault: Any) -> HttpResponse:
    """A fault of ours is Django's to write down; the middleware answers it as a problem."""
    raise fault


def _as_refusal(fault: Any) -> Refused | None:
    """What the framework refuses, as a refusal of ours; None for what is a fault."""
    if isinstance(fault, Refused):
        return fault
    if isinstance(fault, AuthenticationError):
        return problems.NotSignedIn()
    if isinstance(fault, ValidationError):
        return _of_shape(fault.errors)
    if isinstance(fault, HttpError):
        known = fault.__cause__
        return known if isinstance(known, Refused) else problems.WrongRequest("wrong_request", str(fault))
    if isinstance(fault, Http404):
        return NotFound()
    if isinstance(fault, RequestDataTooBig):
        return problems.TooLarge()
    if isinstance(fault.__cause__, LockNotAvailable):
        return Conflict(_("Somebody is changing this at the moment. Wait a little and ask again."), code="busy")
    return None


def _of_shape(errors: list[dict[str, Any]]) -> Refused:
    """A body of another shape, field by field; a word in the address that cannot be, as what does not exist."""
    if any(error["loc"][0] == "path" for error in errors):
        return NotFound()
    fields = {}
    for error in errors:
        # The first two say that it is the body, and what the operation calls it.
        place = ".".join(str(step) for step in error["loc"][2:]) or "body"
        fields[place[:100]] = REASONS.get(error["type"], str(error["msg"]))
    sentence = _("The body does not say what it should: %(what)s") % {
        "what": " ".join(f"{name}: {text}" for name, text in list(fields.items())[:5])
    }
    return Refused("wrong_body", sentence, fields)


def interface() -> Interface:
    """The interface, when every domain has declared its operations."""
    _unknown()
    made = Interface()
    made.add_router("", router)
    return made


def addresses(made: Interface) -> list[URLPattern]:
    """The addresses of all operations. They need no session and no CSRF token: nothing of a browser counts there."""
    found: dict[str, URLPattern] = {}
    for pattern in made.urls[0]:
        # Each operation brings the view of its address, which is one and the same for all of them.
        if isinstance(pattern, URLPattern) and pattern.name != "api-root":
            pattern.callback = login_not_required(pattern.callback)
            found.setdefault(str(pattern.pattern), pattern)
    return list(found.values())


@lru_cache(maxsize=1)
def description(made: Interface) -> dict[str, Any]:
    """The description of the interface by OpenAPI 3.1."""
    found: dict[str, Any] = dict(made.get_openapi_schema(path_prefix=f"{ROOT.lstrip('/')}"))
    components = found["components"]
    components["schemas"]["Problem"] = PROBLEM
    components["responses"] = {
        name: {
            "description": text,
            "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            **({"headers": RETRY} if name == "TooMany" else {}),
        }
        for name, text in WORDS.items()
    }
    _link(found["paths"])
    tell(components["schemas"])
    # As whoever fetches it reads it: statuses are texts.
    return json.loads(as_json(found))  # type: ignore[no-any-return]


def _link(paths: dict[str, Any]) -> None:
    """Say of each operation that makes a thing which operations are about what it made."""
    for path, methods in paths.items():
        made = methods.get("post", {}).get("responses", {}).get(201)
        if made is None:
            continue
        many = path.rpartition("/")[2]
        for other, operations in paths.items():
            steps = other.removeprefix(f"{ROOT}/").split("/")
            named = [step[1:-1] for step in steps if step.startswith("{")]
            if steps[0] == many and len(named) == 1:
                given = {named[0]: f"$response.body#/{named[0]}"}
            elif steps[0] == "{kinds}" and many in TALK:
                given = {"kinds": many, "key": "$response.body#/ref"}
            else:
                continue
            for operation in operations.values():
                link = {"operationId": operation["operationId"], "parameters": given}
                made.setdefault("links", {})[operation["operationId"]] = link


def _unknown() -> None:
    """Answer what no operation has: after all others, so that a token is asked for before anything is said."""

    def nowhere(request: HttpRequest, rest: str) -> HttpResponse:
        raise NotFound

    router.api_operation(
        ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"],
        "/{path:rest}",
        url_name="api_unknown",
        include_in_schema=False,
    )(nowhere)
