"""What changed about a thing, read from its versions; and what the ledger holds about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from quarterdeck.core import access
from quarterdeck.core.access import Actor
from quarterdeck.core.history import version_model
from quarterdeck.core.models import Holding, LedgerEntry, Node, NodePath, Person, Role
from quarterdeck.core.queries import organisation
from quarterdeck.core.rights import SEE_ORGANISATION
from quarterdeck.core.time import looking_at

# What a version has but no reader asks for.
SILENT = {"id", "uid", "version", "effective_on", "kind"}


@dataclass(frozen=True, slots=True)
class Change:
    """
    One fact that changed: from which day, recorded when and by whom, before and after.

    about : what it is a fact of, where a thing tells of several, such as who holds a role.
    """

    field: str
    before: Any
    after: Any
    effective_on: date
    recorded_at: datetime
    person_id: int | None
    reason: str
    person_name: str = ""
    about: str = ""


def versions(model: Any, pks: Iterable[int]) -> dict[int, list[Any]]:
    """Versions of some rows in the order in which they count, up to the moment that is looked at; by row."""
    found = version_model(model)._default_manager.filter(id__in=list(pks))
    moment = looking_at()
    if moment is not None:
        found = found.filter(effective_on__lte=moment.on)
        if moment.known_at is not None:
            found = found.filter(pgh_created_at__lte=moment.known_at)
    rows: dict[int, list[Any]] = {}
    version: Any
    for version in found.order_by("effective_on", "pgh_id"):
        rows.setdefault(version.id, []).append(version)
    return rows


def differences(rows: list[Any], fields: Iterable[str]) -> Iterable[Change]:
    """What differs between each version and the one before it."""
    names = list(fields)
    for before, after in pairwise(rows):
        for name in names:
            old, new = getattr(before, name), getattr(after, name)
            if old != new:
                yield noted(name, old, new, after)


def noted(name: str, before: Any, after: Any, version: Any, about: str = "") -> Change:
    """A change with what its version says of who, when and why."""
    context = version.pgh_context or {}
    return Change(
        name,
        before,
        after,
        version.effective_on,
        version.pgh_created_at,
        context.get("person"),
        context.get("reason", ""),
        about=about,
    )


def fields_of(model: Any, *without: str) -> list[str]:
    """The columns of a model that a reader may ask about."""
    return [field.attname for field in model._meta.concrete_fields if field.attname not in SILENT.union(without)]


def changes_of_row(model: Any, pk: int, fields: Iterable[str]) -> list[Change]:
    """Every change of one row."""
    return list(differences(versions(model, [pk]).get(pk, []), fields))


def first_day(model: Any, pk: int) -> date | None:
    """The day from which a row is known."""
    rows = versions(model, [pk]).get(pk)
    return rows[0].effective_on if rows else None


def told(
    actor: Actor, changes: Iterable[Change], *, places: Mapping[str, str], own: Iterable[int | None] = ()
) -> list[Change]:
    """
    Changes with names instead of ids, latest first.

    places : columns that hold a place, with the lookup of its node, such as `programme_id` by `programme__pk`.
    own : places whose names the reader knows from the thing itself. Where it once belonged may be hidden from them.
    """
    found = list(changes)
    shown = {pk for pk in own if pk is not None}
    names = dict(Person.objects.filter(pk__in={c.person_id for c in found if c.person_id}).values_list("pk", "name"))
    words = {
        column: _names_of_places(
            actor, lookup, {value for c in found if c.field == column for value in (c.before, c.after)}, shown
        )
        for column, lookup in places.items()
    }
    said = []
    for change in found:
        column = words.get(change.field)
        if column is not None:
            before, after = column.get(change.before, ""), column.get(change.after, "")
            change = replace(change, before=before, after=after, field=change.field.removesuffix("_id"))
        said.append(replace(change, person_name=names.get(change.person_id or 0, "")))
    return sorted(said, key=lambda change: (change.effective_on, change.recorded_at), reverse=True)


def _names_of_places(actor: Actor, lookup: str, values: set[Any], own: set[int]) -> dict[Any, str]:
    ids = {value for value in values if value is not None}
    if not ids:
        return {}
    nodes = dict(Node.objects.filter(**{f"{lookup}__in": ids}).values_list(lookup, "pk"))
    known = {node.pk: node for node in Node.objects.filter(pk__in=nodes.values())}
    hidden = hidden_from(actor, set(known) - own)
    return {
        value: _("(confidential)") if value not in nodes or nodes[value] in hidden else known[nodes[value]].name
        for value in ids
    }


def hidden_from(actor: Actor, ids: Iterable[int]) -> set[int]:
    """Those of some places that are confidential today, or below something that is, with the actor outside."""
    asked = set(ids)
    if not asked:
        return set()
    shut = NodePath.objects.filter(ancestor_id=actor.top, descendant_id__in=asked, open=False)
    suspects = set(shut.values_list("descendant_id", flat=True))
    if not suspects:
        return set()
    inside = access.within_reach(actor, SEE_ORGANISATION, "pk") | organisation.nodes_seen(actor)
    return suspects - set(Node.objects.filter(inside, pk__in=suspects).values_list("pk", flat=True))


def changes_of_holdings(held: Iterable[Holding], *, naming: str) -> list[Change]:
    """
    How holdings came, went and changed.

    held comes from a question of the reader's. naming : what tells them apart there: `person` at a place, `place` of a
    person.
    """
    rows = {holding.pk: holding for holding in held}
    found: list[Change] = []
    for pk, those in versions(Holding, rows).items():
        holding = rows[pk]
        about = holding.person.name if naming == "person" else holding.node.name
        found.append(noted(holding.role.name, "", _span(those[0]), those[0], about))
        for before, after in pairwise(those):
            if _span(before) != _span(after):
                found.append(noted(holding.role.name, _span(before), _span(after), after, about))
    return found


def _span(version: Any) -> tuple[date, date | None, bool]:
    return version.from_on, version.to_on, version.acting


def net(changes: list[Change]) -> list[Change]:
    """
    For each field one change, from before the earliest to after the latest; what came back to where it was is left out.

    changes : latest first.
    """
    found: dict[str, Change] = {}
    for change in changes:
        latest = found.get(change.field)
        found[change.field] = replace(latest, before=change.before) if latest else change
    return [change for change in found.values() if change.before != change.after]


def entries_about(subjects: Iterable[tuple[str, int]]) -> list[LedgerEntry]:
    """
    What the ledger holds about a thing that the reader found through a question, latest first, its facts aside: they
    may name what else it concerned. subjects : type and id, as an entry names them.
    """
    about = Q(pk__in=[])
    for kind, pk in subjects:
        about |= Q(subject_type=kind, subject_id=pk)
    found = LedgerEntry.objects.exclude(seq=None).filter(about)
    moment = looking_at()
    if moment is not None:
        found = found.filter(at__date__lte=moment.on)
        if moment.known_at is not None:
            found = found.filter(at__lte=moment.known_at)
    return list(found.defer("entry").order_by("-sealed_at", "-pk")[:200])


def names_of(ids: Iterable[int | None]) -> dict[int, str]:
    """Names of people by id."""
    return dict(Person.objects.filter(pk__in={pk for pk in ids if pk}).values_list("pk", "name"))


def changes_of_unit(actor: Actor, unit: Node, held: Iterable[Holding]) -> list[Change]:
    """Every change of a unit and of who holds a role at it."""
    found = changes_of_row(Node, unit.pk, ["name", "ref", "unit_id", "confidential", "ended_on"])
    found += changes_of_holdings(held, naming="person")
    return told(actor, found, places={"unit_id": "pk"}, own=[unit.unit_id] if unit.unit_id else [])


def changes_of_role(actor: Actor, role: Role) -> list[Change]:
    """Every change of what a role is called and lets people do."""
    return told(actor, changes_of_row(Role, role.pk, fields_of(Role, "withheld", "code")), places={})


def changes_of_person(actor: Actor, held: Iterable[Holding]) -> list[Change]:
    """How what a person holds came and went. Name and address have no history."""
    return told(actor, changes_of_holdings(held, naming="place"), places={})
