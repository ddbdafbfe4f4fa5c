"""Search and the palette."""

from tests.access.route import Route

TABLE: dict[str, Route] = {}
