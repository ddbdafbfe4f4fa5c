"""Judgements about projects, on plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

CONFIDENCE_ORDER = ("G", "AG", "A", "AR", "R")

# Points of the tier (domain reference 2.7): upper bounds with the points up to and including them.
COST_BANDS = ((Decimal(100_000), 0), (Decimal(500_000), 1), (Decimal(2_000_000), 2), (Decimal(10_000_000), 3))
DURATION_BANDS = ((3, 0), (9, 1), (18, 2))
HIGHEST = {
    "cost": 4,
    "duration": 3,
    "units_affected": 2,
    "novelty": 3,
    "criticality": 4,
    "sensitivity": 3,
    "external_dependency": 2,
    "experience_gap": 2,
}
TIER_BOUNDS = ((15, 1), (10, 2), (5, 3), (0, 4))


@dataclass(frozen=True, slots=True)
class TierInput:
    """One input of the tier: its points of the highest possible, or None while it is missing."""

    name: str
    value: str
    points: int | None
    highest: int


@dataclass(frozen=True, slots=True)
class Tier:
    """
    1 (heaviest) to 4, or None without any input; provisional while an input is missing.

    at_least and at_most bound the tier whatever the missing inputs turn out to be.
    """

    value: int | None
    provisional: bool
    points: int
    inputs: tuple[TierInput, ...]
    heaviest: int
    lightest: int
    regulatory_critical: bool


def _band(value: Decimal | int, bands: tuple[tuple[Decimal | int, int], ...], above: int) -> int:
    return next((points for bound, points in bands if value <= bound), above)


def months_between(start: date, finish: date) -> int:
    """Whole months from start to finish, begun months counted: 1 January to 31 March is 3."""
    months = (finish.year - start.year) * 12 + finish.month - start.month
    return months + (1 if finish.day >= start.day else 0)


def tier_for(points: int) -> int:
    """The tier of a number of points."""
    return next(tier for bound, tier in TIER_BOUNDS if points >= bound)


def tier(
    *,
    cost: Decimal | None,
    start: date | None,
    finish: date | None,
    units_affected: int | None,
    judged: Mapping[str, int | None],
    regulatory_critical: bool | None,
) -> Tier:
    """
    The tier from size, risk and impact.

    Parameters
    ----------
    cost : whole units of the project's currency; the bands count in that currency.
    judged : novelty, criticality, sensitivity, external_dependency, experience_gap; None while nobody judged.

    Source
    ------
    Domain reference 2.7: points per input, 15 or more tier 1, 10 to 14 tier 2, 5 to 9 tier 3, fewer tier 4;
    regulatory-critical is always tier 1. Provisional while an input is missing.
    """
    found: list[TierInput] = []
    found.append(
        TierInput(
            "cost", "" if cost is None else f"{cost:,.0f}", None if cost is None else _band(cost, COST_BANDS, 4), 4
        )
    )
    months = months_between(start, finish) if start and finish and finish >= start else None
    found.append(
        TierInput(
            "duration",
            "" if months is None else str(months),
            None if months is None else _band(months, DURATION_BANDS, 3),
            3,
        )
    )
    units = None if units_affected is None else 0 if units_affected <= 1 else 1 if units_affected <= 3 else 2
    found.append(TierInput("units_affected", "" if units_affected is None else str(units_affected), units, 2))
    for name in ("novelty", "criticality", "sensitivity", "external_dependency", "experience_gap"):
        points = judged.get(name)
        found.append(TierInput(name, "" if points is None else str(points), points, HIGHEST[name]))

    known = [each.points for each in found if each.points is not None]
    missing = sum(each.highest for each in found if each.points is None)
    points = sum(known)
    if regulatory_critical:
        return Tier(1, False, points, tuple(found), 1, 1, True)
    provisional = bool(missing) or regulatory_critical is None
    heaviest = 1 if regulatory_critical is None else tier_for(points + missing)
    return Tier(
        tier_for(points) if known else None,
        provisional,
        points,
        tuple(found),
        heaviest,
        tier_for(points),
        False,
    )


def months_late(baseline: date | None, forecast: date | None) -> int | None:
    """Months by which a forecast lies after its baseline, to the nearest month; negative is early, None unknown."""
    if baseline is None or forecast is None:
        return None
    return round((forecast - baseline).days / 30.4375)


def growth(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    """Relative growth, 0.10 for a tenth; None when a side is unknown or there is nothing to grow from."""
    if before is None or after is None or before == 0:
        return None
    return (after - before) / before


def steps_worse(before: str, after: str) -> int | None:
    """Steps of confidence lost (positive) or gained (negative) on the scale of five; None when a side is unknown."""
    if before not in CONFIDENCE_ORDER or after not in CONFIDENCE_ORDER:
        return None
    return CONFIDENCE_ORDER.index(after) - CONFIDENCE_ORDER.index(before)


def dates_in_order(facts: Mapping[str, object]) -> dict[str, str]:
    """Field to sentence, for each pair of dates the wrong way round."""
    problems = {}
    for kind in ("baseline", "forecast", "actual"):
        start, finish = facts.get(f"{kind}_start"), facts.get(f"{kind}_finish")
        if isinstance(start, date) and isinstance(finish, date) and finish < start:
            problems[f"{kind}_finish"] = f"The {kind} finish lies before the {kind} start."
    return problems
