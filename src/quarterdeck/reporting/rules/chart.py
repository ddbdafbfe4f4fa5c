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
    x: float | date
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


@dataclass(frozen=True, slots=True)
class Bubbles:
    """The chart. placed are the ids of the points; without those that lack a value; beyond lie outside the axes."""

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
    found: list[tuple[int, float | date, float, Decimal]] = []
    without: list[int] = []
    for key, row in of.rows.items():
        x = _slip(of, row) if by_slip else row.finish
        share = of.grown.get(key) if by_growth else row.cost
        if x is None or share is None or row.cost is None or row.cost <= 0:
            without.append(key)
            continue
        found.append((key, x, round(float(share) * 100, 1) if by_growth else float(share), row.cost))
    x_axis = _axis("slip", [float(x) for _, x, _, _ in found if isinstance(x, float)], 3) if by_slip else Axis("finish")
    y_axis = _axis("growth", [y for _, _, y, _ in found], 5) if by_growth else Axis("cost")
    inside = [each for each in found if _within(x_axis, each[1]) and _within(y_axis, each[2])]
    seen = {each[0] for each in inside}
    drawn = nlargest(most, inside, key=lambda each: (each[3], -each[0]))
    named = {each[0] for each in drawn[:NAMED]}
    shown = {each[0] for each in drawn}
    return Bubbles(
        x=x_axis,
        y=y_axis,
        points=[Point(key, x, y, cost, key in named) for key, x, y, cost in drawn],
        without=without,
        beyond=[each[0] for each in found if each[0] not in seen],
        smaller=[each[0] for each in inside if each[0] not in shown],
    )


def _slip(of: Picture, row: Row) -> float | None:
    """Months of slip to a tenth, so that projects of one month do not hide each other; the lists round to months."""
    before = (of.then or {}).get(row.id)
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


def _within(axis: Axis, value: float | date) -> bool:
    if axis.low is None or axis.high is None or isinstance(value, date):
        return True
    return axis.low <= value <= axis.high


def _axis(scale: Scale, values: list[float], smallest_step: float) -> Axis:
    """Bounds on round steps around the middle nine of ten values, or around all where none lies far out."""
    if not values:
        return Axis(scale)
    ordered = sorted(values)
    last = len(ordered) - 1
    low, high = ordered[math.floor(last * 0.05)], ordered[math.ceil(last * 0.95)]
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
