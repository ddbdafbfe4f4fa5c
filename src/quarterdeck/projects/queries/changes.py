"""What changed about a portfolio, a programme or a project, read from its versions."""

from datetime import date
from typing import Any

from django.db.models import F

from quarterdeck.core.access import Actor
from quarterdeck.core.models import Holding, Node, Role
from quarterdeck.core.queries import history
from quarterdeck.core.queries.history import Change, net
from quarterdeck.core.time import looking_at
from quarterdeck.projects.models import Portfolio, Programme, Project

__all__ = ["Change", "changes_of", "changes_of_place", "changes_since", "first_day", "first_day_of_place", "net"]

# Facts whose change says nothing to a reader, or is said by another fact.
SILENT = ("unknown", "node_id", "tier_provisional")
PLACES = {"unit_id": "pk", "within_id": "pk", "programme_id": "programme__pk", "portfolio_id": "portfolio__pk"}


def changes_of(actor: Actor, project: Project) -> list[Change]:
    """
    Every change of a project that the actor sees, latest first: facts, name, place, sponsor and manager.

    The project comes from a question of the actor's, so the right was decided there.
    """
    found = history.changes_of_row(Project, project.pk, history.fields_of(Project, *SILENT))
    found += history.changes_of_row(Node, project.node_id, ["name", "unit_id", "confidential"])
    found += _holder_changes(actor, project.node_id)
    own = {project.node.unit_id, project.node.within_id, project.portfolio.node_id}
    return history.told(actor, found, places=PLACES, own=own)


def changes_of_place(actor: Actor, place: Portfolio | Programme) -> list[Change]:
    """Every change of a portfolio or programme that the actor sees, latest first: facts, name, place and end."""
    found = history.changes_of_row(type(place), place.pk, history.fields_of(type(place), *SILENT))
    found += history.changes_of_row(Node, place.node_id, ["name", "ref", "unit_id", "confidential", "ended_on"])
    own = {place.node.unit_id, place.node.within_id}
    return history.told(actor, found, places=PLACES, own=own)


def changes_since(actor: Actor, project: Project, day: date) -> list[Change]:
    """Changes that took effect after a day, latest first."""
    return [change for change in changes_of(actor, project) if change.effective_on > day]


def _holder_changes(actor: Actor, node_id: int) -> list[Change]:
    """Sponsors and managers who came and went after the first of each."""
    found: list[Change] = []
    moment = looking_at()
    roles = dict(Role.objects.filter(code__in=["sponsor", "project_manager"]).values_list("pk", "code"))
    day = actor.on if moment is None else moment.on
    held = Holding.objects.filter(node_id=node_id, role_id__in=roles, from_on__lte=day).exclude(to_on__lt=F("from_on"))
    those = list(held.select_related("person").order_by("from_on", "pk"))
    rows: dict[int, list[Any]] = history.versions(Holding, [holding.pk for holding in those])
    last: dict[str, str] = {}
    for holding in those:
        field = "manager" if roles[holding.role_id] == "project_manager" else "sponsor"
        if field in last and last[field] != holding.person.name:
            version = rows[holding.pk][0]
            change = history.noted(field, last[field], holding.person.name, version)
            found.append(_from(change, holding.from_on))
        last[field] = holding.person.name
    return found


def _from(change: Change, day: date) -> Change:
    """The same change, from the day the holding counts."""
    return Change(change.field, change.before, change.after, day, change.recorded_at, change.person_id, change.reason)


def first_day(project: Project) -> date | None:
    """The day from which a project that the actor sees is known."""
    return history.first_day(Project, project.pk)


def first_day_of_place(place: Portfolio | Programme) -> date | None:
    """The day from which a portfolio or programme that the actor sees is known."""
    return history.first_day(type(place), place.pk)
