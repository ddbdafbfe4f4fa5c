"""What the columns of a register mean is chosen, and kept under a name."""

import json
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotAllowed, Refused
from quarterdeck.exchange import queries, rights
from quarterdeck.exchange.models import Import, NamedMapping
from quarterdeck.exchange.services.moving import move, require_own
from quarterdeck.exchange.services.uploading import as_item, taken
from quarterdeck.exchange.tabular import mapping as tabular
from quarterdeck.exchange.tabular.mapping import Mapping, NotAMapping


@transaction.atomic
def map_columns(
    actor: Actor, found: Import, mapping: Mapping, *, as_of: date, now: datetime, called: str = "", currency: str = ""
) -> Import:
    """
    Say what the columns mean and which day the file tells of.

    Parameters
    ----------
    called : the name under which the mapping is kept or shipped; empty where it is this file's alone.
    currency : of the portfolio that is made, where one is.
    """
    require_own(actor, found)
    if as_of > now.date():
        sentence = _("That day has not come yet. A register tells of today or an earlier day.")
        raise Refused("day_ahead", sentence, {"as_of": sentence})
    missing = [key for key in ("external_id", "name") if key not in mapping.columns]
    if missing:
        raise Refused("no_required_column", _("Say which column holds the id and which the name of a project."))
    values: dict[str, Any] = {
        "mapping": as_item(taken(mapping)),
        "mapping_name": readable(called),
        "as_of": as_of,
        "failure": "",
    }
    if found.portfolio is None and currency:
        values["new_currency"] = currency
    return move(found, "map", **values)


@transaction.atomic
def save_mapping(actor: Actor, name: str, mapping: Mapping, *, now: datetime) -> NamedMapping:
    """
    Keep a mapping under a name, without the day of its file. Under one's own name it replaces the older one.

    A name of the product or of somebody else's mapping is refused.
    """
    if not actor.holds(rights.IMPORT_REGISTER):
        raise NotAllowed(
            _("You may not do this. It needs the right “%(right)s”.") % {"right": rights.IMPORT_REGISTER.label}
        )
    name = readable(name)
    if not name:
        raise Refused("no_name", _("Give the mapping a name."), {"save_as": _("Give the mapping a name.")})
    if any(name.casefold() == shipped.name.casefold() for shipped in tabular.shipped()):
        sentence = _("“%(name)s” is a mapping of the product. Choose another name.") % {"name": name}
        raise Refused("name_of_the_product", sentence, {"save_as": sentence})
    definition = {key: value for key, value in as_item(mapping).items() if key != "as_of"}
    definition |= {"name": name, "title": name}
    try:
        tabular.from_json(json.dumps(definition))
    except NotAMapping as problem:
        raise Refused("not_a_mapping", str(problem)) from problem
    known = NamedMapping.objects.select_for_update().filter(name__iexact=name).first()
    if known is None:
        return NamedMapping.objects.create(
            name=name, title=name, definition=definition, owner_id=actor.person_id, changed_at=now
        )
    if known.owner_id != actor.person_id:
        sentence = _("Somebody else keeps a mapping called “%(name)s”. Choose another name.") % {"name": known.name}
        raise Refused("name_taken", sentence, {"save_as": sentence})
    known.definition, known.changed_at = definition, now
    known.save(update_fields=["definition", "changed_at"])
    return known


def readable(name: str) -> str:
    """A name on one line, without letters that nobody sees."""
    return "".join(letter for letter in " ".join(name.split()) if letter.isprintable())[:80]


def mapping_of(found: Import) -> Mapping:
    """The mapping of an import, with the day it tells of."""
    return tabular.from_json(json.dumps(found.mapping | ({"as_of": found.as_of.isoformat()} if found.as_of else {})))


def chosen_mapping(actor: Actor, found: Import, name: str) -> Mapping:
    """A kept or shipped mapping in the place of the one of the import; refused when there is none of that name."""
    mapping = queries.mapping_called(actor, name)
    if mapping is None:
        raise Refused("no_such_mapping", _("No mapping is called “%(name)s”.") % {"name": name[:80]})
    return mapping
