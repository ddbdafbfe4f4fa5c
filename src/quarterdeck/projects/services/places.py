"""Portfolios, programmes and projects are renamed, put elsewhere, ended and brought back."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from quarterdeck.core import access, ledger, store
from quarterdeck.core import rights as core_rights
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotAllowed, NotFound, Refused
from quarterdeck.core.models import Holding, Node, Person, Role
from quarterdeck.core.services import days, nodes
from quarterdeck.projects import queries, rights
from quarterdeck.projects.models import Portfolio, Programme, Project

Place = Portfolio | Programme
AMOUNTS = ("approved_budget", "whole_life_cost", "forecast_cost", "spent", "benefits")
OVER = (Project.Stage.CLOSED, Project.Stage.STOPPED)


def project_is_over(day: date) -> Q:
    """The condition of a node whose project left its register by a day, or was closed or stopped."""
    return Q(project__left_on__lte=day) | Q(project__stage__in=OVER)


def sponsor_is_not_manager(person: Person, role: Role, node: Node, first: date, last: date | None) -> None:
    """Sponsor and manager of a project are two people, whoever names them where."""
    others = {"sponsor": "project_manager", "project_manager": "sponsor"}
    if node.kind != "project" or role.code not in others:
        return
    held = Holding.objects.filter(Q(to_on__isnull=True) | Q(to_on__gte=first), node=node, person=person)
    if last is not None:
        held = held.filter(from_on__lte=last)
    other = held.filter(role__code=others[role.code]).select_related("role").first()
    if other is not None:
        sentence = _("%(person)s is the %(role)s of this project already. Sponsor and manager are two people.")
        raise Refused("sponsor_is_manager", sentence % {"person": person.name, "role": other.role.name.lower()})


def _manage(actor: Actor, node_id: int) -> None:
    access.require(actor, rights.MANAGE_PORTFOLIO, on=node_id, seen_by=rights.SEE_PROJECT)


def _let_go(actor: Actor, node: Node) -> None:
    """Refuse to take something away from a place where the actor may not."""
    if not access.may(actor, rights.MANAGE_PORTFOLIO, on=node):
        sentence = _("You may not take this away from where it lies. That needs the right “%(right)s” there too.")
        raise NotAllowed(sentence % {"right": rights.MANAGE_PORTFOLIO.label})


def _stream(place: Place) -> str:
    return ledger.stream_of(place.node if isinstance(place, Portfolio) else place.portfolio.node)


@transaction.atomic
def rename_place(
    actor: Actor, place: Place, *, name: str, now: datetime, effective_on: date | None = None, reason: str = ""
) -> Place:
    """Give a portfolio or programme another name from a day on; files that use the old one still find it."""
    _manage(actor, place.node_id)
    why = days.day_of_change(actor, place.node, effective_on, now=now, reason=reason)
    nodes.rename(place.node, " ".join(name.split()), why, actor=actor)
    return place


@transaction.atomic
def move_portfolio(
    actor: Actor, portfolio: Portfolio, *, unit: Node, now: datetime, effective_on: date | None = None, reason: str = ""
) -> Portfolio:
    """
    Put a portfolio with everything in it below another unit, from a day on.

    It changes who sees it from above, so it needs the right on it, where it lies and where it comes to.
    """
    _manage(actor, portfolio.node_id)
    if not access.may(actor, rights.MANAGE_PORTFOLIO, on=unit):
        _refuse_destination(actor, unit, core_rights.SEE_ORGANISATION)
    if portfolio.node.unit is not None:
        _let_go(actor, portfolio.node.unit)
    why = days.day_of_change(actor, portfolio.node, effective_on, now=now, reason=reason)
    nodes.move(portfolio.node, why=why, actor=actor, unit=unit, stream=_stream(portfolio))
    return portfolio


def _refuse_destination(actor: Actor, node: Node, seen_by: core_rights.Right) -> None:
    """The same answer for a place that is hidden and for one that is not there."""
    if not access.may(actor, seen_by, on=node):
        raise NotFound
    sentence = _("You may not put this into %(name)s. That needs the right “%(right)s” there.")
    raise NotAllowed(sentence % {"name": node.name, "right": rights.MANAGE_PORTFOLIO.label})


@transaction.atomic
def move_programme(
    actor: Actor, programme: Programme, *, to: Portfolio, now: datetime, effective_on: date | None = None,
    reason: str = "",
) -> Programme:  # fmt: skip
    """
    Put a programme with all its projects into another portfolio, from a day on.

    Both portfolios count in one currency, or the sums of the new one would add up unlike amounts. References stay as
    they are: they are in papers and addresses. A file of the old portfolio no longer finds the projects.
    """
    _manage(actor, programme.node_id)
    _manage(actor, to.node_id)
    _let_go(actor, programme.portfolio.node)
    if to.pk == programme.portfolio_id:
        return programme
    if to.currency != programme.portfolio.currency:
        sentence = _("%(name)s counts in %(currency)s. A programme moves between portfolios of one currency.")
        sentence %= {"name": to.name, "currency": to.currency}
        raise Refused("other_currency", sentence, {"portfolio": sentence})
    moving = list(Project.objects.filter(programme=programme).select_related("node").order_by("pk"))
    _refuse_same_external_id(actor, moving, to)
    _refuse_earlier(actor, [programme, *moving], effective_on, now)
    stream = _stream(programme)
    why = days.day_of_change(actor, programme.node, effective_on, now=now, reason=reason)
    store.reach_back(to, why)
    nodes.move(programme.node, why=why, actor=actor, within=to.node, stream=stream)
    programme.portfolio = to
    store.save(programme, why, fields=["portfolio"])
    for project in moving:
        project.portfolio = to
        store.save(project, why, fields=["portfolio"])
    return programme


def _refuse_earlier(actor: Actor, rows: list[Programme | Project], effective_on: date | None, now: datetime) -> None:
    """Refuse a day before the last change of any row that goes along."""
    for row in rows:
        days.day_of_change(actor, row, effective_on, now=now)


def _refuse_same_external_id(actor: Actor, moving: list[Project], to: Portfolio) -> None:
    """An external id names one project of a portfolio, or a file would not know which one it means."""
    ids = [project.external_id for project in moving if project.external_id]
    taken = Project.objects.filter(portfolio=to, external_id__in=ids).exclude(pk__in=[project.pk for project in moving])
    if taken.exists():
        seen = queries.all_projects(actor).filter(pk__in=taken).first()
        named = _("%(ref)s %(name)s") % {"ref": seen.ref, "name": seen.name} if seen else _("a project")
        sentence = _("%(project)s of %(portfolio)s has the same external id. Change one of the two first.")
        sentence %= {"project": named, "portfolio": to.name}
        raise Refused("same_external_id", sentence, {"portfolio": sentence})


@transaction.atomic
def move_project(
    actor: Actor,
    project: Project,
    *,
    to: Place,
    now: datetime,
    unit: Node | None = None,
    effective_on: date | None = None,
    reason: str = "",
) -> Project:
    """
    Put a project into another programme or portfolio, and below another unit (None: it stays), from a day on.

    It needs the right to run the project, which comes from above it or from inside its circle, and the right to add
    projects where it comes to. Its reference stays; a later file finds it by its external id in the new portfolio.
    """
    portfolio = to if isinstance(to, Portfolio) else to.portfolio
    programme = to if isinstance(to, Programme) else None
    elsewhere = portfolio.pk != project.portfolio_id or (programme.pk if programme else None) != project.programme_id
    if elsewhere:
        _manage(actor, project.node_id)
        access.require(actor, rights.ADD_PROJECT, on=to.node_id, seen_by=rights.SEE_PROJECT)
        nodes.refuse_ended(portfolio.node, "place")
    else:
        access.require(actor, rights.CHANGE_PROJECT, on=project.node_id, seen_by=rights.SEE_PROJECT)
    if unit is not None and unit.pk != project.node.unit_id:
        access.require(actor, core_rights.SEE_ORGANISATION, on=unit, seen_by=core_rights.SEE_ORGANISATION)
    elif not elsewhere:
        return project
    stream = ledger.stream_of(project.portfolio.node)
    why = days.day_of_change(actor, project, effective_on, now=now, reason=reason)
    days.day_of_change(actor, project.node, effective_on, now=now)
    fields = _take_over(actor, project, portfolio, programme) if elsewhere else []
    for row in (portfolio, programme) if elsewhere else ():
        if row is not None:
            store.reach_back(row, why)
    store.save(project, why, fields=fields)
    nodes.move(project.node, why=why, actor=actor, unit=unit, within=to.node if elsewhere else None, stream=stream)
    return project


def _take_over(actor: Actor, project: Project, portfolio: Portfolio, programme: Programme | None) -> list[str]:
    """What a project takes over from where it comes to; gives the fields that change."""
    fields = ["programme"]
    if portfolio.pk != project.portfolio_id:
        _refuse_same_external_id(actor, [project], portfolio)
        if portfolio.currency != project.currency:
            if any(getattr(project, name) is not None for name in AMOUNTS):
                sentence = _(
                    "Its amounts are in %(own)s, %(name)s counts in %(theirs)s. Take the amounts out first and enter "
                    "them again there."
                )
                sentence %= {"own": project.currency, "name": portfolio.name, "theirs": portfolio.currency}
                raise Refused("other_currency", sentence, {"place": sentence})
            project.currency = portfolio.currency
            fields.append("currency")
        project.portfolio = portfolio
        fields.append("portfolio")
    project.programme = programme
    return fields


@transaction.atomic
def end_place(actor: Actor, place: Place, *, now: datetime, on: date | None = None, reason: str = "") -> Place:
    """
    End a portfolio or programme: from the day on (default: today) nothing new comes into it.

    Refused while a project in it that the actor sees is under way. Roles held at it run on, so that its people still
    read it.
    """
    _manage(actor, place.node_id)
    day = on or now.date()
    nodes.end(place.node, on=day, now=now, actor=actor, reason=reason, field="within", stream=_stream(place))
    return place


@transaction.atomic
def bring_back_place(actor: Actor, place: Place, *, now: datetime, reason: str = "") -> Place:
    """Take the end of a portfolio or programme away."""
    _manage(actor, place.node_id)
    nodes.bring_back(place.node, now=now, actor=actor, reason=reason, stream=_stream(place))
    return place


@transaction.atomic
def bring_back_project(actor: Actor, project: Project, *, now: datetime, reason: str = "") -> Project:
    """Put a project that left into its register again."""
    access.require(actor, rights.CHANGE_PROJECT, on=project.node_id, seen_by=rights.SEE_PROJECT)
    if project.left_on is None:
        raise Refused("not_left", _("This project is in its register."))
    nodes.refuse_ended(project.portfolio.node)
    project.left_on = None
    store.save(project, store.Because(actor.person_id, now, reason), fields=["left_on"])
    ledger.record(
        actor, "projects.project.brought_back", on=project, at=now, stream=ledger.stream_of(project.portfolio.node)
    )
    return project


@transaction.atomic
def take_out_project(
    actor: Actor, project: Project, *, now: datetime, on: date | None = None, reason: str = ""
) -> Project:
    """Take a project out of its register from a day on (default: today); it and its history stay."""
    access.require(actor, rights.CHANGE_PROJECT, on=project.node_id, seen_by=rights.SEE_PROJECT)
    if project.left_on is not None:
        sentence = _("This project left its register on %(day)s already.")
        raise Refused("left_already", sentence % {"day": days.said(project.left_on)})
    why = days.day_of_change(actor, project, on, now=now, reason=reason)
    project.left_on = why.day
    store.save(project, why, fields=["left_on"])
    ledger.record(
        actor,
        "projects.project.left",
        on=project,
        at=now,
        stream=ledger.stream_of(project.portfolio.node),
        left_on=why.day,
    )
    return project
