"""Saved views, editing and bulk acts of registers."""

from tests.access.route import Route

TABLE: dict[str, Route] = {}
