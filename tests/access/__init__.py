"""
Who gets what from every address, one module a room.

An address that is in none of them fails the build.
"""

from tests.access import api, exchange, home, lists, messages, organisation, projects, reporting, search, sign_in, start
from tests.access.route import Route
from tests.access.sign_in import PUBLIC

TABLE: dict[str, Route] = {
    **home.TABLE,
    **sign_in.TABLE,
    **organisation.TABLE,
    **start.TABLE,
    **projects.TABLE,
    **exchange.TABLE,
    **reporting.TABLE,
    **messages.TABLE,
    **search.TABLE,
    **lists.TABLE,
    **api.TABLE,
}

# Asked with a token and not with a session; tests/api has a table of its own for them.
WITH_TOKEN = api.ADDRESSES

__all__ = ["PUBLIC", "TABLE", "WITH_TOKEN", "Route"]
