"""The programming interface."""

from tests.access.route import Route

TABLE: dict[str, Route] = {}
