"""The first steps."""

from quarterdeck.core.rights import MANAGE_ORGANISATION
from tests.access.route import Route, needs

TABLE = {
    "start": Route(get=needs(MANAGE_ORGANISATION), form=True),
    "start_demo": Route(post=needs(MANAGE_ORGANISATION, ok=422)),
}
