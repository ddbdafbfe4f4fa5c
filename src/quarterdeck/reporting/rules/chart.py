"""Cost against time: which axes the data allow, which projects have a place on them, and how far the axes reach."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from heapq import nlargest
from typing import Literal

from quarterdeck.reporting.rules.picture import Picture, figures
from quarterdeck.reporting.rules.states import Basis, Row

MOST_POINTS = 250
NAMED = 5
DAYS_A_MONTH = 30.4375
# Part of a step that stays free at the ends, so that large marks do not leave the frame.
HEADROOM = 0.3
CHART = ("chart", "chart-without", "chart-beyond", "chart-smaller")
Scale = Literal["slip", "finish", "growth", "cost"]


@dataclass(frozen=True, slots=True)
class Point:
    """A project on the chart. x is months to a tenth or a day, y percent or an amount; named ones carry their name."""

    id: int
    x: float | date | None
    y: float
    cost: Decimal
    named: bool


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis shows; low, high and step where it has bounds of its own."""

    scale: Scale
    low: float | None = None
    high: float | None = None
    step: float | None = None


FINISH, COST = Axis("finish"), Axis("cost")


@dataclass(frozen=True, slots=True)
class Bubbles:
    """The chart. placed are the ids of the points; without those that lack a value; beyond lie outside the
    axes, smaller were too many to draw."""

    x: Axis
    y: Axis
    points: Sequence[Point]
    without: Sequence[int]
    beyond: Sequence[int]
    smaller: Sequence[int]


def bubbles(of: Picture, most: int = MOST_POINTS) -> Bubbles:
    """
    Slip and growth where at least half of the projects allow them, otherwise the finish and the cost themselves.

    A handful far out would press all others together: the axes end around nine of ten projects, and those beyond are
    named by number.
    """
    dated = sum(1 for row in of.rows.values() if row.finish is not None)
    by_slip = bool(of.late) and 2 * len(of.late) >= dated
    by_growth = bool(of.grown) and 2 * len(of.grown) >= of.count("cost")
    late, grown = of.late, of.grown
    # Largest first, and of two as large the one that was there first: the id counts down.
    found = [
        (row.cost, -key)
        for key, row in of.rows.items()
        if row.cost
        and row.cost > 0
        and (key in late if by_slip else row.finish is not None)
        and (key in grown or not by_growth)
    ]
    placed = {-key for _cost, key in found}
    largest = [(-key, cost) for cost, key in nlargest(most, found)]
    x = {key: _slip(of, of.rows[key]) if by_slip else of.rows[key].finish for key, _cost in largest}
    y = {key: round(float(grown[key]) * 100, 1) if by_growth else float(cost) for key, cost in largest}
    x_axis = _axis("slip", [months for months in x.values() if isinstance(months, float)], 3) if by_slip else FINISH
    y_axis = _axis("growth", list(y.values()), 5) if by_growth else COST
    drawn = [(key, cost) for key, cost in largest if _within(x_axis, x[key]) and _within(y_axis, y[key])]
    shown = {key for key, _cost in drawn}
    tried = {key for key, _cost in largest}
    return Bubbles(
        x=x_axis,
        y=y_axis,
        points=[Point(key, x[key], y[key], cost, rank < NAMED) for rank, (key, cost) in enumerate(drawn)],
        without=[key for key in of.rows if key not in placed],
        beyond=[key for key, _cost in largest if key not in shown],
        smaller=[key for key in placed if key not in tried],
    )


def _slip(of: Picture, row: Row) -> float | None:
    """Months of slip to a tenth, so that projects of one month do not hide each other; the lists round to months."""
    before = of.then.rows.get(row.id) if of.then else None
    origin = row.baseline if of.finish_basis is Basis.BASELINE else before.finish if before else None
    if row.finish is None or origin is None:
        return None
    return round((row.finish - origin).days / DAYS_A_MONTH, 1)


def members(of: Picture, figure: str) -> list[int] | None:
    """Ids of the projects that a figure counts, in the order of the page where it has one; None for no figure."""
    if figure == "movers":
        return of.movers()
    if figure == "attention":
        return of.attention()
    if figure in CHART:
        drawn = bubbles(of)
        return {
            "chart": [point.id for point in drawn.points],
            "chart-without": list(drawn.without),
            "chart-beyond": list(drawn.beyond),
            "chart-smaller": list(drawn.smaller),
        }[figure]
    return list(of.members.get(figure, ())) if figure in figures() else None


def _within(axis: Axis, value: float | date | None) -> bool:
    if axis.low is None or axis.high is None or not isinstance(value, float):
        return True
    return axis.low <= value <= axis.high


def _axis(scale: Scale, values: list[float], smallest_step: float) -> Axis:
    """Bounds on round steps around the middle nine of ten values, or around all where none lies far out."""
    if not values:
        return Axis(scale)
    ordered = sorted(values)
    last = len(ordered) - 1
    low, high = ordered[round(last * 0.05)], ordered[round(last * 0.95)]
    width = max(high - low, smallest_step)
    low = ordered[0] if ordered[0] >= low - width / 2 else low
    high = ordered[-1] if ordered[-1] <= high + width / 2 else high
    low, high = min(low, 0.0), max(high, 0.0)
    step = _step((high - low) / 6, smallest_step)
    return Axis(scale, math.floor(low / step - HEADROOM) * step, math.ceil(high / step + HEADROOM) * step, step)


def _step(width: float, smallest: float) -> float:
    """The next of 1, 2 or 4 times the smallest step, and tens of them."""
    step = smallest
    factors = (1, 2, 4, 10)
    decade = 1.0
    while True:
        for factor in factors[:-1]:
            step = smallest * factor * decade
            if step >= width:
                return step
        decade *= factors[-1]
