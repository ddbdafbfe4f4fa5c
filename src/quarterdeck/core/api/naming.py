"""What a body names by reference, and how things name each other in answers."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from ninja import Path

from quarterdeck.core import objects
from quarterdeck.core.api.bearer import Call
from quarterdeck.core.api.operations import Answer
from quarterdeck.core.api.shapes import Given, UidText
from quarterdeck.core.errors import NotFound, Refused
from quarterdeck.core.models import Node, Person

# How addresses name what one talks about, and a thing that has no name.
PlacesInPath = Literal["units", "portfolios", "programmes", "projects"]
UidInPath = Annotated[UUID, Path()]


class PersonNamed(Given):
    """A person, as others name them."""

    uid: UidText
    name: str


class PlaceNamed(Given):
    """A unit, portfolio, programme or project, as others name it."""

    kind: str
    ref: str
    name: str


def named(request: Call, kind: str, key: str, field: str) -> Any:
    """What a field of the body names; refused alike for what does not exist and what is hidden."""
    try:
        return objects.find(request.actor, kind, key)
    except NotFound as refusal:
        raise unknown(field) from refusal


def unknown(field: str) -> Refused:
    """The refusal of what a field of the body names and the caller does not know."""
    sentence = _("There is no such thing, or you have no access to it.")
    return Refused("not_found", sentence, {field: sentence})


def person_named(person: Person) -> dict[str, Any]:
    return {"uid": person.uid, "name": person.name}


def place_named(node: Node) -> dict[str, Any]:
    return {"kind": node.kind, "ref": node.ref, "name": node.name}


def made(data: dict[str, Any], route: str, key: Any) -> Answer:
    """The answer of what was made: the thing, and its address."""
    return Answer(data, status=201, location=reverse(route, args=[key]))
