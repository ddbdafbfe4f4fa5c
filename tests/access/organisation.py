"""Units, people, roles, the ledger."""

from quarterdeck.core.rights import SEE_LEDGER, SEE_ORGANISATION
from tests.access.route import Route, needs

TABLE = {
    "organisation": Route(get=needs(SEE_ORGANISATION), post=needs(SEE_ORGANISATION)),
    "unit": Route(get=needs(SEE_ORGANISATION), post=needs(SEE_ORGANISATION), takes=("unit",)),
    "person": Route(get=needs(SEE_ORGANISATION), post=needs(SEE_ORGANISATION), takes=("person",)),
    "role": Route(get=needs(SEE_ORGANISATION), post=needs(SEE_ORGANISATION), takes=("role",)),
    "ledger": Route(get=needs(SEE_LEDGER), post=needs(SEE_LEDGER)),
}
