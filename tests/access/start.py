"""The first steps."""

from quarterdeck.core.rights import MANAGE_ORGANISATION
from tests.access.route import Route, needs

TABLE = {
    "start": Route(get=needs(MANAGE_ORGANISATION), post=needs(MANAGE_ORGANISATION)),
    "start_demo": Route(post=needs(MANAGE_ORGANISATION, ok=422)),
}
