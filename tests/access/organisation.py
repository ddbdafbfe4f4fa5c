"""Units, people, roles, the ledger."""

from tests.access.route import Route

TABLE = {
    "organisation": Route(get="404 200 200 200 200", post="404 200 200 200 200"),
    "ledger": Route(get="404 404 404 200 200", post="404 404 404 200 200"),
}
