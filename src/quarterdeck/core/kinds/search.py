"""What of the organisation is found."""

from quarterdeck.core import search
from quarterdeck.core.search import Searchable


def register() -> None:
    """Units, people and roles. What higher domains own they offer themselves."""
    search.offer(Searchable("unit", "name", 400, "ref"))
    search.offer(Searchable("person", "name", 500, body=("email",), kept=False, place=lambda person: person.email))
    search.offer(Searchable("role", "name", 600, body=("description",), kept=False))
