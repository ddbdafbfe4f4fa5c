"""
Who gets what from every address, one module a room.

An address that is in none of them fails the build. A room whose addresses name things the world of the harness does not
have adds them as THINGS beside its TABLE.
"""

from types import ModuleType

from tests.access import api, exchange, home, lists, messages, organisation, projects, reporting, search, sign_in, start
from tests.access.route import Route, Thing
from tests.access.sign_in import PUBLIC

ROOMS: tuple[ModuleType, ...] = (
    home, sign_in, organisation, start, projects, exchange, reporting, messages, search, lists, api,
)  # fmt: skip
TABLE: dict[str, Route] = {name: route for room in ROOMS for name, route in room.TABLE.items()}
THINGS: dict[str, Thing] = {kind: thing for room in ROOMS for kind, thing in getattr(room, "THINGS", {}).items()}

# Asked with a token and not with a session.
WITH_TOKEN = api.ADDRESSES

__all__ = ["PUBLIC", "ROOMS", "TABLE", "THINGS", "WITH_TOKEN", "Route", "Thing"]
