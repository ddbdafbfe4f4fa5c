"""Search and the palette."""

from tests.access.route import Route

# Everybody searches, in what they see.
TABLE: dict[str, Route] = {
    "search": Route(get="200", post="200"),
    "search_suggestions": Route(get="200"),
}
