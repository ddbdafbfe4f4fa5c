"""What units are called, and whether a file may bring new ones."""

from quarterdeck.core import access
from quarterdeck.core import rights as core_rights
from quarterdeck.core.access import Actor
from quarterdeck.core.models import NodeAlias
from quarterdeck.projects import queries


def words_for_units(actor: Actor) -> set[str]:
    """Names, references and earlier names of the units a file may mean, in lower case."""
    units = list(queries.units_to_choose(actor))
    aliases = NodeAlias.objects.filter(kind="unit", node_id__in=[unit.pk for unit in units])
    words = {word for unit in units for word in (unit.name, unit.ref)} | set(aliases.values_list("alias", flat=True))
    return {word.casefold() for word in words}


def may_make_units(actor: Actor) -> bool:
    """Whether a unit that nobody knows is made by an import of the actor."""
    top = access.top_id()
    return top is not None and access.may(actor, core_rights.MANAGE_ORGANISATION, on=top)
