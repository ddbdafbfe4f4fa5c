"""What changed about a project, read from its versions."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.core import access
from quarterdeck.core.access import Actor
from quarterdeck.core.history import version_model
from quarterdeck.core.models import Holding, Node, NodePath, Person, Role
from quarterdeck.core.rights import SEE_ORGANISATION
from quarterdeck.core.time import looking_at
from quarterdeck.projects.models import Programme, Project
from quarterdeck.projects.rights import SEE_PROJECT

# Facts whose change says nothing to a reader, or is said by another fact.
SILENT = {
    "id",
    "version",
    "effective_on",
    "unknown",
    "node_id",
    "portfolio_id",
    "tier_provisional",
    "uid",
    "kind",
    "ref",
}
NAMED: dict[str, type[Node] | type[Programme]] = {"unit_id": Node, "within_id": Node, "programme_id": Programme}


@dataclass(frozen=True, slots=True)
class Change:
    """One fact of a project that changed: from which day, recorded when and by whom, before and after."""

    field: str
    before: Any
    after: Any
    effective_on: date
    recorded_at: datetime
    person_id: int | None
    reason: str
    person_name: str = ""


def _versions(model: Any, pk: int) -> list[Any]:
    """Versions of a row in the order in which they count, up to the moment that is looked at."""
    found = version_model(model)._default_manager.filter(id=pk)
    moment = looking_at()
    if moment is not None:
        found = found.filter(effective_on__lte=moment.on)
        if moment.known_at is not None:
            found = found.filter(pgh_created_at__lte=moment.known_at)
    return list(found.order_by("effective_on", "pgh_id"))


def _differences(versions: list[Any], fields: Iterable[str]) -> Iterable[Change]:
    for before, after in pairwise(versions):
        context = after.pgh_context or {}
        for name in fields:
            old, new = getattr(before, name), getattr(after, name)
            if old != new:
                yield Change(
                    name,
                    old,
                    new,
                    after.effective_on,
                    after.pgh_created_at,
                    context.get("person"),
                    context.get("reason", ""),
                )


def _fields(model: Any) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if field.attname not in SILENT]


def changes_of(actor: Actor, project: Project) -> list[Change]:
    """
    Every change of a project that the actor sees, latest first: facts, name, unit, programme, sponsor and manager.

    The project comes from a question of the actor's, so the right was decided there.
    """
    found = [*_differences(_versions(Project, project.pk), _fields(Project))]
    found += [*_differences(_versions(Node, project.node_id), ["name", "unit_id", "confidential"])]
    found += _holder_changes(project.node_id)
    names = dict(Person.objects.filter(pk__in={c.person_id for c in found if c.person_id}).values_list("pk", "name"))
    labelled = [_in_words(actor, project, change, names) for change in found]
    return sorted(labelled, key=lambda change: (change.effective_on, change.recorded_at), reverse=True)


def changes_since(actor: Actor, project: Project, day: date) -> list[Change]:
    """Changes that took effect after a day, latest first."""
    return [change for change in changes_of(actor, project) if change.effective_on > day]


def net(changes: list[Change]) -> list[Change]:
    """
    For each field one change, from before the earliest to after the latest; what came back to where it was is left out.

    changes : latest first, as `changes_of` gives them.
    """
    found: dict[str, Change] = {}
    for change in changes:
        latest = found.get(change.field)
        found[change.field] = replace(latest, before=change.before) if latest else change
    return [change for change in found.values() if change.before != change.after]


def _in_words(actor: Actor, project: Project, change: Change, names: dict[int, str]) -> Change:
    """
    Ids become names; the name of the field loses its ending.

    Where a project belongs today its reader may know; where it once belonged may be hidden from them.
    """
    before, after, field = change.before, change.after, change.field
    model = NAMED.get(field)
    if model is not None:
        own = {project.node.unit_id, project.node.within_id}
        words = {}
        for pk in {before, after} - {None}:
            node = Node.objects.filter(**{"pk" if model is Node else "programme__pk": pk}).first()
            shown = node is not None and (node.pk in own or not _hides(actor, node))
            words[pk] = node.name if node is not None and shown else _("(confidential)")
        before, after, field = words.get(before, ""), words.get(after, ""), field.removesuffix("_id")
    return Change(
        field,
        before,
        after,
        change.effective_on,
        change.recorded_at,
        change.person_id,
        change.reason,
        names.get(change.person_id or 0, ""),
    )


def _hides(actor: Actor, node: Node) -> bool:
    """Whether a unit or programme is confidential today and the actor outside its circle."""
    shut = NodePath.objects.filter(ancestor_id=actor.top, descendant_id=node.pk, open=False).exists()
    return shut and not any(access.may(actor, right, on=node) for right in (SEE_ORGANISATION, SEE_PROJECT))


def _holder_changes(node_id: int) -> list[Change]:
    """Sponsors and managers who came and went after the first of each."""
    found: list[Change] = []
    moment = looking_at()
    roles = dict(Role.objects.filter(code__in=["sponsor", "project_manager"]).values_list("pk", "code"))
    held = Holding.objects.filter(node_id=node_id, role_id__in=roles).select_related("person").order_by("from_on", "pk")
    if moment is not None:
        held = held.filter(from_on__lte=moment.on)
    last: dict[str, str] = {}
    for holding in held:
        code = roles[holding.role_id]
        field = "manager" if code == "project_manager" else "sponsor"
        if field in last and last[field] != holding.person.name:
            version = _versions(Holding, holding.pk)[0]
            context = version.pgh_context or {}
            found.append(
                Change(
                    field,
                    last[field],
                    holding.person.name,
                    holding.from_on,
                    version.pgh_created_at,
                    context.get("person"),
                    context.get("reason", ""),
                )
            )
        last[field] = holding.person.name
    return found


def first_day(project: Project) -> date | None:
    """The day from which a project that the actor sees is known."""
    versions = _versions(Project, project.pk)
    return versions[0].effective_on if versions else None
