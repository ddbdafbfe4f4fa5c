"""Who changed what last, from the versions of a row."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from quarterdeck.core.history import Governed, version_model
from quarterdeck.core.models import Person


@dataclass(frozen=True, slots=True)
class LastChange:
    """Who wrote a row last, when, and whether the fact that was asked for changed with it."""

    person_name: str
    at: datetime
    of_the_fact: bool


def last_change(row: Governed, attribute: str, *, since: int) -> LastChange | None:
    """
    The latest change of a fact after a version of the row; where the fact stayed, the latest change of the row.

    For whoever found the row through a question. None where nothing was written since.
    """
    model = version_model(type(row))
    versions = list(
        model._default_manager.filter(id=row.pk, version__gte=since)
        .order_by("-pgh_id")
        .values_list(attribute, "version", "pgh_created_at", "pgh_context")[:50]
    )
    if len(versions) < 2:
        return None
    changed = next((later for later, earlier in pairwise(versions) if later[0] != earlier[0]), None)
    _value, _version, at, context = changed or versions[0]
    person = Person.objects.filter(pk=(context or {}).get("person") or 0).first()
    return LastChange(person.name if person else "", at, changed is not None)
