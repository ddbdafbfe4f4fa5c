"""Where a person begins, and their own work."""

from tests.access.route import Route, only

TABLE = {
    "home": Route(get="302", post="302"),
    "my_work": Route(get="200", post="200"),
    "interface": Route(get="200", post="200"),
    "job": Route(get=only("administrator"), post=only("administrator"), takes=("job",)),
}
