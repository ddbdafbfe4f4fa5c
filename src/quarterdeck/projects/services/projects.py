"""Projects are added, changed, and take over what a file says of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from quarterdeck.core import access, ledger, store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Holding, Node, Person, Role
from quarterdeck.core.services import nodes, roles
from quarterdeck.core.time import at
from quarterdeck.projects import rights, rules
from quarterdeck.projects.calculations import JUDGED, tier_of
from quarterdeck.projects.models import NumberSeries, Portfolio, Programme, Project
from quarterdeck.projects.services.portfolios import unguessable

DATES = ("baseline_start", "baseline_finish", "forecast_start", "forecast_finish", "actual_start", "actual_finish")
AMOUNTS = ("approved_budget", "whole_life_cost", "forecast_cost", "spent", "benefits")
TEXTS = (
    "category",
    "approach",
    "stage",
    "confidence",
    "confidence_note",
    "schedule_note",
    "cost_note",
    "description",
    "narrative",
)
TIER_INPUTS = ("units_affected", *JUDGED, "regulatory_critical")
FACTS = (*DATES, *AMOUNTS, *TEXTS, *TIER_INPUTS)
HOLDERS = {"sponsor": "sponsor", "manager": "project_manager"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a service did to a project: created, updated or unchanged, and each fact's value before and after."""

    project: Project
    result: str
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)


@transaction.atomic
def add_project(
    actor: Actor,
    portfolio: Portfolio,
    *,
    name: str,
    facts: Mapping[str, Any],
    now: datetime,
    unit: Node | None = None,
    programme: Programme | None = None,
    external_id: str = "",
    unknown: Mapping[str, str] | None = None,
    confidential: bool = False,
    effective_on: date | None = None,
) -> Project:
    """Make a project in a portfolio, with the next reference of the portfolio's series."""
    access.require(actor, rights.ADD_PROJECT, on=portfolio.node_id, seen_by=rights.SEE_PROJECT)
    for name_of, place in (
        ("portfolio", portfolio.node),
        ("programme", programme.node if programme else None),
        ("unit", unit),
    ):
        if place is not None:
            nodes.refuse_ended(place, name_of)
    why = store.Because(actor.person_id, now, effective_on=effective_on)
    project = _insert(
        actor,
        portfolio,
        why,
        name=name,
        facts=facts,
        unit=unit,
        programme=programme,
        external_id=external_id,
        unknown=unknown or {},
        confidential=confidential,
    )
    named = {} if nodes.is_hidden(project.node_id) else {"ref": project.ref}
    ledger.record(actor, "projects.project.added", on=project, at=now, stream=ledger.stream_of(portfolio.node), **named)
    return project


def _insert(
    actor: Actor,
    portfolio: Portfolio,
    why: store.Because,
    *,
    name: str,
    facts: Mapping[str, Any],
    unit: Node | None,
    programme: Programme | None,
    external_id: str,
    unknown: Mapping[str, str],
    confidential: bool,
) -> Project:
    if programme is not None and programme.portfolio_id != portfolio.pk:
        raise Refused("other_portfolio", "The programme belongs to another portfolio.")
    if programme is not None:
        access.require(actor, rights.ADD_PROJECT, on=programme.node_id, seen_by=rights.SEE_PROJECT)
    _known_facts(facts)
    node = nodes.make_node(
        Node(
            kind="project",
            name=name.strip(),
            ref=_next_ref(portfolio, shut=confidential or (programme is not None and programme.node.confidential)),
            unit=unit,
            within=programme.node if programme else portfolio.node,
            confidential=confidential,
        ),
        why,
        actor=actor,
        noted=False,
    )
    store.reach_back(portfolio, why)
    if programme is not None:
        store.reach_back(programme, why)
    project = Project(
        node=node,
        portfolio=portfolio,
        programme=programme,
        external_id=external_id,
        currency=portfolio.currency,
        unknown=dict(unknown),
        **facts,
    )
    _refuse_wrong_dates(project)
    _set_tier(project)
    return store.create(project, why)


def _next_ref(portfolio: Portfolio, *, shut: bool) -> str:
    """
    The next reference of the portfolio; the row lock lets one transaction at a time take a number.

    shut: the project is hidden from others of its portfolio, so it takes no number that they would miss.
    """
    if shut:
        return f"{portfolio.prefix}-{unguessable()}"
    NumberSeries.objects.filter(portfolio=portfolio).update(last=F("last") + 1)
    number = NumberSeries.objects.values_list("last", flat=True).get(portfolio=portfolio)
    return f"{portfolio.prefix}-{number:04d}"


def _known_facts(facts: Mapping[str, Any]) -> None:
    if strange := sorted(set(facts) - set(FACTS)):
        raise ValueError(f"A project has no fact {', '.join(strange)}.")


def _refuse_wrong_dates(project: Project) -> None:
    actual = {name: getattr(project, name) for name in ("actual_start", "actual_finish")}
    if problems := rules.dates_in_order(actual):
        raise Refused("dates_out_of_order", " ".join(problems.values()), problems)


def _set_tier(project: Project) -> None:
    found = tier_of(project)
    project.tier, project.tier_provisional = found.value, found.provisional


@transaction.atomic
def change_project(
    actor: Actor,
    project: Project,
    changes: Mapping[str, Any],
    *,
    now: datetime,
    reason: str = "",
    name: str | None = None,
    unit: Node | None = None,
    version: int | None = None,
    unknown_because: Mapping[str, str] | None = None,
) -> Outcome:
    """
    Change some facts of a project; a fact somebody enters is no longer unknown.

    version : the project as the actor saw it, where it may have changed since; Conflict when it did.
    unknown_because : why facts are unknown that become so again.
    """
    access.require(actor, rights.CHANGE_PROJECT, on=project.node_id, seen_by=rights.SEE_PROJECT)
    why = store.Because(actor.person_id, now, reason)
    if version is not None:
        project.version = version
    unknown = {key: text for key, text in project.unknown.items() if changes.get(key) in (None, "")}
    unknown |= {key: text for key, text in (unknown_because or {}).items() if changes.get(key) in (None, "")}
    outcome = _apply(actor, project, why, facts=changes, unknown=unknown, name=name, unit=unit, programme=None)
    if outcome.changes:
        ledger.record(
            actor,
            "projects.project.changed",
            on=project,
            at=now,
            stream=ledger.stream_of(project.portfolio.node),
            fields=sorted(outcome.changes),
            reason="" if nodes.is_hidden(project.node_id) else reason,
        )
    return outcome


def _apply(
    actor: Actor,
    project: Project,
    why: store.Because,
    *,
    facts: Mapping[str, Any],
    unknown: Mapping[str, str],
    name: str | None,
    unit: Node | None,
    programme: Programme | None,
    external_id: str | None = None,
    back: bool = False,
) -> Outcome:
    """Write what differs; rows that do not differ are not touched."""
    _known_facts(facts)
    changes: dict[str, tuple[Any, Any]] = {}
    for key, value in facts.items():
        before = getattr(project, key)
        if before != value:
            changes[key] = (before, value)
            setattr(project, key, value)
    written = set(changes)
    if dict(unknown) != project.unknown:
        project.unknown = dict(unknown)
        written.add("unknown")
    if programme is not None and programme.pk != project.programme_id:
        changes["programme"] = (project.programme.name if project.programme else "", programme.name)
        project.programme = programme
        written.add("programme")
    if external_id is not None and external_id != project.external_id:
        changes["external_id"] = (project.external_id, external_id)
        project.external_id = external_id
        written.add("external_id")
    if back and project.left_on is not None:
        changes["left_on"] = (project.left_on, None)
        project.left_on = None
        written.add("left_on")
    _refuse_wrong_dates(project)
    tier_before = (project.tier, project.tier_provisional)
    _set_tier(project)
    if (project.tier, project.tier_provisional) != tier_before:
        written |= {"tier", "tier_provisional"}
        changes["tier"] = (tier_before[0], project.tier)
    if written or (_moves(project, name, unit, programme) and why.day >= (project.effective_on or why.day)):
        # A new name or place counts as a version of the project too, so that nobody saves an old one over it.
        store.save(project, why, fields=sorted(written))
    changes |= _apply_to_node(project, why, name=name, unit=unit, programme=programme)
    return Outcome(project, "updated" if changes else "unchanged", changes)


def _moves(project: Project, name: str | None, unit: Node | None, programme: Programme | None) -> bool:
    """Whether name or place differ from those of the project."""
    node = project.node
    return bool(
        (name is not None and name.strip() and name.strip() != node.name)
        or (unit is not None and unit.pk != node.unit_id)
        or (programme is not None and programme.node_id != node.within_id)
    )


def _apply_to_node(
    project: Project, why: store.Because, *, name: str | None, unit: Node | None, programme: Programme | None
) -> dict[str, tuple[Any, Any]]:
    node = project.node
    changes: dict[str, tuple[Any, Any]] = {}
    fields = []
    if name is not None and name.strip() and name.strip() != node.name:
        changes["name"] = (node.name, name.strip())
        nodes.remember_alias(node, node.name)
        node.name = name.strip()
        fields.append("name")
    if unit is not None and unit.pk != node.unit_id:
        changes["unit"] = (node.unit.name if node.unit else "", unit.name)
        node.unit = unit
        fields.append("unit")
    if programme is not None and node.within_id != programme.node_id:
        node.within = programme.node
        fields.append("within")
    if fields:
        store.save(node, why, fields=fields)
    return changes


@transaction.atomic
def record_project(
    actor: Actor,
    portfolio: Portfolio,
    *,
    external_id: str,
    name: str,
    facts: Mapping[str, Any],
    unknown: Mapping[str, str],
    now: datetime,
    effective_on: date,
    reason: str,
    unit: Node | None = None,
    programme: Programme | None = None,
    confidential: bool = False,
    known: Project | None = None,
    searched: bool = False,
) -> Outcome:
    """
    Take over what a file says of a project on a day: made when its external id is new, otherwise updated.

    Facts that the file does not carry are left alone. A file dated before the row adds to the past and does not
    change the present. known spares the search when the caller has the project already; searched says that the caller
    looked and found none, which the database's own constraint proves again.

    Who may add to a portfolio may not yet change what is confidential in it: the right is asked of what is written.
    """
    why = store.Because(actor.person_id, now, reason, effective_on)
    project = known
    if project is None and not searched:
        project = (
            Project.objects.select_related("node", "node__unit", "programme__node", "portfolio__node")
            .filter(portfolio=portfolio, external_id=external_id)
            .first()
        )
    if project is None:
        access.require(actor, rights.ADD_PROJECT, on=portfolio.node_id, seen_by=rights.SEE_PROJECT)
        made = _insert(
            actor,
            portfolio,
            why,
            name=name,
            facts=facts,
            unit=unit,
            programme=programme,
            external_id=external_id,
            unknown=unknown,
            confidential=confidential,
        )
        return Outcome(made, "created")
    access.require(actor, rights.CHANGE_PROJECT, on=project.node_id, seen_by=rights.SEE_PROJECT)
    if project.portfolio_id != portfolio.pk:
        raise Refused("other_portfolio", "The project belongs to another portfolio.")
    if programme is not None and programme.pk != project.programme_id:
        _may_move(actor, project, programme)
    if project.effective_on is not None and effective_on < project.effective_on:
        project = _as_it_was(project, why)
    kept = {key: text for key, text in project.unknown.items() if key not in facts} | dict(unknown)
    return _apply(actor, project, why, facts=facts, unknown=kept, name=name, unit=unit, programme=programme, back=True)


def _may_move(actor: Actor, project: Project, programme: Programme) -> None:
    """Refuse unless the actor may add to the programme, and open or shut the project where the move does."""
    if programme.portfolio_id != project.portfolio_id:
        raise Refused("other_portfolio", "The programme belongs to another portfolio.")
    access.require(actor, rights.ADD_PROJECT, on=programme.node_id, seen_by=rights.SEE_PROJECT)
    if programme.node.confidential or (project.programme is not None and project.programme.node.confidential):
        access.require(actor, rights.MANAGE_PORTFOLIO, on=project.node_id, seen_by=rights.SEE_PROJECT)


def _as_it_was(project: Project, why: store.Because) -> Project:
    """
    The project as of an earlier day, to be written as a version of that day.

    It keeps the lock and the day of the current row, so that `store` sees that the write belongs to the past.
    """
    for row in (project, project.node, project.portfolio):
        store.reach_back(row, why)
    nodes.reach_back(project.node, why)
    with at(why.day):
        past = Project.objects.select_related("node", "node__unit", "programme__node", "portfolio__node").get(
            pk=project.pk
        )
    past.version, past.effective_on = project.version, project.effective_on
    past.node.version, past.node.effective_on = project.node.version, project.node.effective_on
    return past


@transaction.atomic
def leave_register(actor: Actor, project: Project, *, on: date, now: datetime, reason: str) -> None:
    """Note that a project is no longer in the register; it and its history stay."""
    access.require(actor, rights.CHANGE_PROJECT, on=project.node_id, seen_by=rights.SEE_PROJECT)
    project.left_on = on
    store.save(project, store.Because(actor.person_id, now, reason, on), fields=["left_on"])


@transaction.atomic
def name_holder(
    actor: Actor, project: Project, part: str, person: Person, *, now: datetime, from_on: date | None = None
) -> Holding:
    """Name the sponsor or the manager of a project. The sponsor does not manage their own project."""
    access.require(actor, rights.MANAGE_PORTFOLIO, on=project.node_id, seen_by=rights.SEE_PROJECT)
    role = Role.objects.get(code=HOLDERS[part])
    roles.require_rights_of(actor, role, on=project.node)
    other = Role.objects.get(code=HOLDERS["manager" if part == "sponsor" else "sponsor"])
    if Holding.objects.filter(node_id=project.node_id, role=other, person=person, to_on__isnull=True).exists():
        raise Refused(
            "sponsor_is_manager",
            f"{person.name} is the {other.name.lower()} of this project already. Sponsor and manager are two people.",
        )
    day = from_on or now.date()
    why = store.Because(actor.person_id, now, effective_on=day if from_on else None)
    return roles.hold(person, role, on=project.node, from_on=day, why=why, actor=actor)
