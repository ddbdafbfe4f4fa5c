"""Units, people, roles, the ledger."""

from tests.access.route import Route

TABLE = {
    "organisation": Route(get="404 200 200 200 200", post="404 200 200 200 200"),
    "unit": Route(get="404 200 404 200 200", post="404 200 404 200 200", takes=("unit",)),
    "person": Route(get="404 200 200 200 200", post="404 200 200 200 200", takes=("person",)),
    "role": Route(get="404 200 200 200 200", post="404 200 200 200 200", takes=("role",)),
    "ledger": Route(get="404 404 404 200 200", post="404 404 404 200 200"),
}
