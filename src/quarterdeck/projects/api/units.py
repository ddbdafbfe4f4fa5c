"""Units, as projects and what holds them name them."""

from quarterdeck.core.api import Call, unknown
from quarterdeck.core.models import Node
from quarterdeck.projects import queries


def unit_named(request: Call, ref: str | None) -> Node | None:
    """The unit of a reference, among those that a project can belong to."""
    if ref is None:
        return None
    found = queries.units_to_choose(request.actor).filter(ref__iexact=ref).first()
    if found is None:
        raise unknown("unit")
    return found


def unit_of(node: Node) -> str | None:
    return node.unit.ref if node.unit else None
