"""Logs on standard error, for people or for machines: each line says which request it belongs to, and no secrets."""

import logging
import os
import re
import secrets
import time
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from django.http import HttpRequest, HttpResponseBase
from pythonjsonlogger.json import JsonFormatter

from quarterdeck.site import embedded
from quarterdeck.site.config import Config

REQUEST: ContextVar[str] = ContextVar("request", default="")
GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
# Parts of an address that open something: sign-in links, password resets. References and UUIDs stay readable.
TOKEN = re.compile(r"(?<=/)(?![0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}(?:/|$))[A-Za-z0-9_-]{24,}")
CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), 127, 0x85)} | {
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}
HIDDEN = "•••"
access = logging.getLogger("quarterdeck.request")


def configuration(config: Config) -> dict[str, Any]:
    """For logging.config.dictConfig."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"line": {"()": Line, "hidden": passwords(config)}, "failures": {"()": Failures}},
        "formatters": {
            "text": {"()": Text, "fmt": "%(asctime)s %(levelname)-7s %(process_name)s %(name)s: %(message)s%(suffix)s"},
            "json": {
                "()": Json,
                "fmt": "%(asctime)s %(levelname)s %(process_name)s %(process)d %(name)s %(message)s %(request_id)s",
                "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
                "reserved_attrs": [*RESERVED, "request", "response", "server_time", "suffix"],
            },
        },
        "handlers": {"lines": {"class": "logging.StreamHandler", "filters": ["line"], "formatter": config.log_format}},
        "root": {"handlers": ["lines"], "level": "INFO"},
        "loggers": {
            # The request's own line says what these would say once more.
            "django.server": {"level": "ERROR"},
            "django.request": {"level": "ERROR", "filters": ["failures"]},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "procrastinate": {"level": "WARNING"},
            "_granian": {"handlers": [], "level": "WARNING", "propagate": True},
            "granian.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
        },
    }


# What every record carries beside the facts a caller adds.
RESERVED = (*vars(logging.makeLogRecord({})), "message", "asctime", "taskName")


def passwords(config: Config) -> tuple[str, ...]:
    """Values that never appear in a line, longest first so that no tail of one stays."""
    urls = (*embedded.urls(config), config.mail_url)
    known = {config.secret_key, *(unquote(urlsplit(url).password or "") for url in urls), *filter(None, urls)}
    return tuple(sorted((value for value in known if len(value) >= 6), key=len, reverse=True))


class Failures(logging.Filter):
    """Not being ready is an answer; asked every second it would fill the log with errors."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", 500) != 503


class Line(logging.Filter):
    """Prepares a record: hides secrets, names process and request, and keeps time from running backwards."""

    latest = 0.0

    def __init__(self, hidden: tuple[str, ...]) -> None:
        super().__init__()
        self.hidden = hidden

    def filter(self, record: logging.LogRecord) -> bool:
        Line.latest = record.created = max(Line.latest, record.created)
        record.process_name = os.environ.get("QUARTERDECK_PROCESS", "quarterdeck")
        record.request_id = number = REQUEST.get()
        record.suffix = f" [{number}]" if number else ""
        record.msg, record.args = self.clean(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self.clean(record.exc_text)
        for name, value in vars(record).items():
            if name not in RESERVED and isinstance(value, str):
                setattr(record, name, self.clean(value))
        return True

    def clean(self, text: str) -> str:
        for secret in self.hidden:
            text = text.replace(secret, HIDDEN)
        return text


class Stamp(logging.Formatter):
    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's name
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


class Text(Stamp):
    """One line a record; what people typed cannot start another. A traceback follows, each line behind a bar."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return super().formatMessage(record).translate(CONTROL)

    def format(self, record: logging.LogRecord) -> str:
        first, *rest = super().format(record).split("\n")
        return "\n".join([first, *(f"  | {line.translate(CONTROL)}" for line in rest)])


class Json(Stamp, JsonFormatter):
    """One object a line; JSON itself escapes what people typed, line ends of every alphabet included."""

    def format(self, record: logging.LogRecord) -> str:
        kept, record.exc_info = record.exc_info, None  # so that the cleaned text is taken, and not made again
        try:
            return super().format(record)
        finally:
            record.exc_info = kept


def requests(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware, first of all: gives each request its number, answers it in a header and writes the request's line."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        number = given if GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        request.request_id = number  # type: ignore[attr-defined]  # pages of failure name it
        token = REQUEST.set(number)
        started = time.perf_counter()
        try:
            response = get_response(request)
            response["X-Request-ID"] = number
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            facts = {
                "method": request.method,
                "path": TOKEN.sub(HIDDEN, request.path),
                "status": response.status_code,
                "milliseconds": milliseconds,
            }
            level = logging.WARNING if response.status_code >= 500 else logging.INFO
            access.log(
                level, "%s %s %s %s ms", facts["method"], facts["path"], facts["status"], milliseconds, extra=facts
            )
            return response
        finally:
            REQUEST.reset(token)

    return middleware
