"""The state of a portfolio on one day."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.functions import Coalesce, NullIf

from quarterdeck.core.access import Actor
from quarterdeck.core.models import Node
from quarterdeck.core.time import at
from quarterdeck.projects import queries as projects
from quarterdeck.projects.models import Portfolio, Project
from quarterdeck.reporting.rules import NO_DATA, Before, Earlier, Row, State


def state_of(actor: Actor, portfolio: Portfolio) -> State:
    """
    Projects of a portfolio that the actor sees and that are in the register, on the day that is looked at.

    Filters are applied afterwards: the whole is needed to offer them, and to tell what left the portfolio from what
    only left a filter. An amount in another currency is unknown here.
    """
    found = _tuples(_rows(_seen(actor, portfolio), portfolio))
    return {row.id: row for row in map(_as_row, found)}


def state_on(actor: Actor, portfolio: Portfolio, day: date, *, known_at: datetime | None, now: State) -> Earlier:
    """
    The state on an earlier day, as known at the moment at which the page is looked at.

    Only projects that are not in `now` are read whole: to join the past of the tree to all of them doubles the cost.
    """
    with at(day, known_at):
        found = _tuples(_seen(actor, portfolio).values_list("pk", _LEVEL, _START, _FINISH, _cost(portfolio)))
        rows = {row.id: row for row in map(_as_before, found)}
        gone = rows.keys() - now.keys()
        left = _tuples(_rows(_seen(actor, portfolio).filter(pk__in=gone), portfolio)) if gone else []
    return Earlier(rows, {row.id: row for row in map(_as_row, left)})


def _seen(actor: Actor, portfolio: Portfolio) -> QuerySet[Project]:
    return projects.projects(actor).filter(portfolio_id=portfolio.pk).select_related(None).order_by()


# As Row._make and Before._make, without a call of Python for each of ten thousand rows.
_as_row: Callable[[tuple[Any, ...]], Row] = partial(tuple.__new__, Row)
_as_before: Callable[[tuple[Any, ...]], Before] = partial(tuple.__new__, Before)
_LEVEL = Coalesce(NullIf("confidence", Value("")), Value(NO_DATA))
_START = Coalesce("actual_start", "forecast_start", "baseline_start")
_FINISH = Coalesce("actual_finish", "forecast_finish")


def _cost(portfolio: Portfolio) -> Case:
    return Case(When(currency=portfolio.currency, then=Coalesce("forecast_cost", "whole_life_cost")))


def _rows(found: QuerySet[Project], portfolio: Portfolio) -> QuerySet[Project, Any]:
    """The columns of a Row, in its order."""
    return found.values_list(
        "pk",
        "node__unit_id",
        "programme_id",
        "category",
        "tier",
        _LEVEL,
        _START,
        _FINISH,
        "baseline_finish",
        _cost(portfolio),
        Case(When(currency=portfolio.currency, then=F("approved_budget"))),
    )


def _tuples(found: QuerySet[Any, Any]) -> list[tuple[Any, ...]]:
    """The rows as the driver gives them. Django would convert each amount to what it is already, at twice the time."""
    statement, parameters = found.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


@dataclass(frozen=True, slots=True)
class Named:
    """Units and programmes by id: reference and name, as they are called on the day that is looked at."""

    units: dict[int, tuple[str, str]] = field(default_factory=dict)
    programmes: dict[int, tuple[str, str]] = field(default_factory=dict)

    def unit(self, key: int | None) -> str:
        """The name of a unit; empty for none."""
        return self.units[key][1] if key in self.units else ""


def names(actor: Actor, portfolio: Portfolio, *states: State) -> Named:
    """Names of the units and programmes that projects in these states belong to: who sees a project sees these."""
    units = {row.unit for state in states for row in state.values() if row.unit is not None}
    programmes = {row.programme for state in states for row in state.values() if row.programme is not None}
    found = Node.objects.filter(kind="unit", pk__in=units).values_list("pk", "ref", "name")
    held = projects.programmes(actor).filter(portfolio_id=portfolio.pk, pk__in=programmes).select_related(None)
    return Named(
        units={pk: (ref, name) for pk, ref, name in found},
        programmes={pk: (ref, name) for pk, ref, name in held.values_list("pk", "node__ref", "node__name")}
        if programmes
        else {},
    )


@dataclass(frozen=True, slots=True)
class Label:
    """What a project is called, and why facts of it are unknown."""

    ref: str
    name: str
    unknown: dict[str, str]
    tier_provisional: bool = False


def labels(actor: Actor, keys: Collection[int]) -> dict[int, Label]:
    """Reference, name and reasons of some projects, also of those that left; the actor's own only."""
    if not keys:
        return {}
    found = projects.all_projects(actor).filter(pk__in=keys).order_by().select_related(None)
    return {
        pk: Label(*facts)
        for pk, *facts in found.values_list("pk", "node__ref", "node__name", "unknown", "tier_provisional")
    }
