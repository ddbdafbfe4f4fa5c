"""
One way to declare an operation, so that all of them ask the same of a caller and answer in the same form.

An operation is a function that calls one service or question and returns an Answer. What is around it is here: the
scope of the token, the day that is looked at, the choice of fields, ETag and If-Match, and the key that makes a POST
happen once.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import wraps
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router
from pydantic import BaseModel

from quarterdeck.core.api import problems
from quarterdeck.core.api.bearer import Call
from quarterdeck.core.errors import Conflict, NotAllowed, Refused
from quarterdeck.core.services import idempotency
from quarterdeck.core.time import at
from quarterdeck.core.web.pages import asked_moment

MOST_KEY = 100
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
FORMS = {
    "as_of": re.compile(DAY),
    "known_at": re.compile(DAY + r"[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})"),
}
# All operations hang here, those of every domain: an address may have some of one and some of another.
router = Router()


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What an operation answers.

    data : plain values; days, amounts and UUIDs are written as texts.
    single : one thing, which has an ETag and of which fields can be chosen.
    location : the address of what was made.
    """

    data: Any
    status: int = 200
    single: bool = True
    location: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


Operation = Callable[..., Answer]
Declare = Callable[[Operation], Operation]


@dataclass(frozen=True, slots=True)
class Described:
    """What the description of the interface says of a parameter that the framework does not know of."""

    name: str
    schema: dict[str, Any]
    text: str
    place: str = "query"
    required: bool = False

    def as_openapi(self) -> dict[str, Any]:
        return {
            "in": self.place,
            "name": self.name,
            "schema": self.schema,
            "required": self.required,
            "description": self.text,
        }


AS_OF = Described("as_of", {"type": "string", "format": "date"}, "The state of that day, under the rights of today.")
KNOWN_AT = Described(
    "known_at", {"type": "string", "format": "date-time"}, "Leave out what was recorded after that instant."
)
KEY = Described(
    "Idempotency-Key",
    {"type": "string", "minLength": 8, "maxLength": MOST_KEY, "pattern": "^[!-~]+$"},
    "A text of your own, new for each thing you want done. The same request with the same key is done once, and "
    "answered the same each time, for at least 24 hours.",
    "header",
    required=True,
)
IF_MATCH = Described(
    "If-Match", {"type": "string", "minLength": 1}, "The ETag of the state that you change.", "header", required=True
)
IF_NONE_MATCH = Described(
    "If-None-Match", {"type": "string"}, "An ETag: 304 is answered while it is still true.", "header"
)


def plain(value: Any) -> Any:
    """A value JSON has no form for, as a text."""
    if isinstance(value, Decimal):
        return format(value.normalize() + 0, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be answered")


def as_json(data: Any) -> str:
    """Data as the text of an answer."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=plain)


def etag_of(data: Any) -> str:
    """Changes with everything an answer says."""
    return f'"{hashlib.sha256(as_json(data).encode()).hexdigest()[:24]}"'


def get(path: str, shape: Any, *, name: str, parameters: Iterable[Described] = (), **more: Any) -> Declare:
    """
    Declare an operation that reads. single=False: it answers a list, or something without an ETag.

    media: what it answers instead of JSON, as the description has it. past=False: of it there is no past.
    """
    single, media, past = more.pop("single", True), more.pop("media", None), more.pop("past", True)
    chosen = _fields_of(shape) if single else ()
    described = [*parameters, *((AS_OF, KNOWN_AT) if past else ())]
    if chosen:
        described += [fields_parameter(chosen), IF_NONE_MATCH]
    known = {each.name for each in described if each.place == "query"}

    def declare(operation: Operation) -> Operation:
        @wraps(operation)
        def run(request: Call, *args: Any, **kwargs: Any) -> HttpResponse:
            _needs(request, "read")
            _only(request, known)
            request.fields = _chosen(request, chosen)
            request.moment = moment = _moment(request)
            with at(moment.on, moment.known_at) if moment else nullcontext():
                found = operation(request, *args, **kwargs)
                return _respond(request, found) if isinstance(found, Answer) else found

        statuses = [400, 401, 403, 429] + ([404] if "{" in path or media else [])
        router.get(
            path,
            response={200: shape},
            url_name=name,
            operation_id=more.pop("operation_id", name),
            openapi_extra=_extra("read", described, statuses, not_modified=bool(chosen), media=media),
            **more,
        )(run)
        return operation

    return declare


def post(path: str, shape: Any, *, name: str, status: int = 201, **more: Any) -> Declare:
    """Declare an operation that makes or does something, once for each key."""

    def declare(operation: Operation) -> Operation:
        @wraps(operation)
        def run(request: Call, *args: Any, **kwargs: Any) -> HttpResponse:
            _needs(request, "write")
            _only(request, set())
            request.moment, request.fields = None, ()
            return once(request, lambda: _respond(request, operation(request, *args, **kwargs)))

        statuses = [400, 401, 403, 409, 413, 415, 422, 429] + ([404] if "{" in path else [])
        router.post(
            path,
            response={status: shape},
            url_name=name,
            operation_id=more.pop("operation_id", f"{name}_post"),
            openapi_extra=_extra("write", [KEY], statuses, made=status == 201),
            **more,
        )(run)
        return operation

    return declare


def patch(path: str, shape: Any, *, name: str, **more: Any) -> Declare:
    """
    Declare an operation that changes one thing.

    It is given `check`, which it calls with the data of the thing as it is before it changes it: what the caller did
    not see is not overwritten.
    """

    def declare(operation: Operation) -> Operation:
        @wraps(operation)
        def run(request: Call, *args: Any, **kwargs: Any) -> HttpResponse:
            _needs(request, "write")
            _only(request, set())
            request.moment, request.fields = None, ()
            if not request.headers.get("If-Match", "").strip():
                raise problems.MatchNeeded
            try:
                with transaction.atomic():
                    return _respond(request, operation(request, *args, **kwargs))
            except Conflict as refusal:
                if refusal.code == "changed_meanwhile":
                    raise problems.Stale from refusal
                raise

        statuses = [400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429]
        router.patch(
            path,
            response={200: shape},
            url_name=name,
            operation_id=more.pop("operation_id", f"{name}_patch"),
            openapi_extra=_extra("write", [IF_MATCH], statuses),
            **more,
        )(run)
        return operation

    return declare


def check_unchanged(request: HttpRequest, data: Any) -> None:
    """Refuse when the thing is not what the caller read. What passes a proxy may come back marked weak."""
    asked = [each.strip().removeprefix("W/") for each in request.headers.get("If-Match", "").split(",")]
    if "*" not in asked and etag_of(data) not in asked:
        raise problems.Stale


def once(request: Call, act: Callable[[], HttpResponse]) -> HttpResponse:
    """
    Do what the request asks unless its key says that it is done; then answer what was answered.

    A refusal leaves nothing behind: neither effect nor key.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not 8 <= len(key) <= MOST_KEY or not all("!" <= letter <= "~" for letter in key):
        raise problems.WrongRequest(
            "idempotency_key_needed", _("Send an “Idempotency-Key” of 8 to 100 letters and digits of your own.")
        )
    digest = _digest(request)
    with transaction.atomic():
        if not idempotency.claim(request.account.pk, key):
            raise problems.InFlight
        done = idempotency.answered(request.account.pk, key)
        if done is not None:
            return _again(done, digest)
        response = act()
        idempotency.keep(
            request.account,
            key,
            digest=digest,
            status=response.status_code,
            headers=dict(response.items()),
            body=response.content.decode(),
            now=request.now,
        )
    return response


def _again(done: Any, digest: str) -> HttpResponse:
    if done.request_digest != digest:
        raise Refused("key_used_before", _("This key was sent before with another request. Use a new key."))
    return HttpResponse(done.body, status=done.status, headers=done.headers)


def _digest(request: HttpRequest) -> str:
    asked = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(asked + request.body).hexdigest()


def _respond(request: Call, answer: Answer) -> HttpResponse:
    headers = dict(answer.headers)
    data = answer.data
    if answer.single:
        headers["ETag"] = etag_of(data)
        if request.method == "GET" and headers["ETag"] in request.headers.get("If-None-Match", "").replace("W/", ""):
            return HttpResponse(status=304, headers={"ETag": headers["ETag"]})
        if request.fields:
            data = {name: value for name, value in data.items() if name in request.fields}
    if answer.location:
        headers["Location"] = answer.location
    return HttpResponse(
        as_json(data), status=answer.status, content_type="application/json; charset=utf-8", headers=headers
    )


def _needs(request: Call, scope: str) -> None:
    if scope not in request.token.scopes:
        raise NotAllowed(
            _("This token may not %(scope)s. Make one that may, under your account.") % {"scope": scope},
            "scope_missing",
        )


def _only(request: HttpRequest, known: set[str]) -> None:
    unknown = [name for name in request.GET if name not in known]
    if unknown:
        raise problems.WrongRequest(
            "unknown_parameter", _("There is no parameter “%(name)s” here.") % {"name": unknown[0][:60]}
        )


def _moment(request: Call) -> Any:
    for name, form in FORMS.items():
        if name in request.GET and not form.fullmatch(request.GET[name]):
            raise problems.WrongRequest(
                "no_such_day", _("as_of is a day such as 2026-09-30, known_at an instant such as 2026-09-30T12:00:00Z.")
            )
    try:
        return asked_moment(request, request.now)
    except Refused as refusal:
        raise problems.WrongRequest(refusal.code, refusal.message) from refusal


def _fields_of(shape: Any) -> tuple[str, ...]:
    return tuple(shape.model_fields) if isinstance(shape, type) and issubclass(shape, BaseModel) else ()


def fields_parameter(names: Iterable[str]) -> Described:
    """The parameter that chooses from these fields."""
    names = list(names)
    one = "|".join(names)
    return Described(
        "fields",
        {"type": "string", "pattern": f"^({one})(,({one}))*$", "x-names": names},
        "Only these fields, separated by commas.",
    )


def _chosen(request: HttpRequest, names: tuple[str, ...]) -> tuple[str, ...]:
    asked = request.GET.get("fields")
    if asked is None or not names:
        return ()
    chosen = tuple(asked.split(","))
    if strange := [name for name in chosen if name not in names]:
        raise problems.WrongRequest(
            "unknown_field", _("There is no field “%(name)s” here.") % {"name": strange[0][:60]}
        )
    return chosen


def _extra(
    scope: str,
    described: Iterable[Described],
    statuses: list[int],
    *,
    made: bool = False,
    not_modified: bool = False,
    media: dict[str, Any] | None = None,
) -> dict[str, Any]:
    responses: dict[Any, Any] = {status: {"$ref": f"#/components/responses/{NAMES[status]}"} for status in statuses}
    if not_modified:
        responses[304] = {"description": "Nothing changed since the ETag that was sent"}
    if made:
        responses[201] = {"headers": {"Location": {"schema": {"type": "string"}, "description": "Where it is"}}}
    if media:
        responses[200] = {"content": media}
    return {
        "parameters": [each.as_openapi() for each in described],
        "responses": responses,
        "x-scope": scope,
    }


NAMES = {
    400: "WrongRequest",
    401: "NotSignedIn",
    403: "NotAllowed",
    404: "NotFound",
    405: "WrongMethod",
    409: "Conflict",
    412: "Stale",
    413: "TooLarge",
    415: "NotJson",
    422: "Refused",
    428: "MatchNeeded",
    429: "TooMany",
    500: "Failed",
}
