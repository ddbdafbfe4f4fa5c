"""Comments, notifications, attachments."""

from tests.access.route import Route

TABLE: dict[str, Route] = {}
