"""The first steps."""

from tests.access.route import Route

TABLE = {
    "start": Route(get="404 404 404 200 200", post="404 404 404 200 200"),
    "start_demo": Route(get="405", post="404 404 404 422 422"),
}
