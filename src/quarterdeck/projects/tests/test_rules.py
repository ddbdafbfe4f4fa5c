"""Judgements about projects, with exact values."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from quarterdeck.projects import rules

ALL = {"novelty": 1, "criticality": 2, "sensitivity": 1, "external_dependency": 1, "experience_gap": 0}


def tier(**changes: Any) -> rules.Tier:
    given: dict[str, Any] = {
        "cost": Decimal(1_500_000),
        "start": date(2026, 1, 1),
        "finish": date(2026, 12, 31),
        "units_affected": 2,
        "judged": ALL,
        "regulatory_critical": False,
    }
    return rules.tier(**(given | changes))


def test_points_of_all_inputs_add_up_to_a_tier() -> None:
    found = tier()
    # cost 2, duration 12 months 2, units 1, judged 1 + 2 + 1 + 1 + 0
    assert (found.points, found.value, found.provisional) == (10, 2, False)


@pytest.mark.parametrize(
    ("cost", "points"),
    [(100_000, 0), (100_001, 1), (500_000, 1), (500_001, 2), (2_000_000, 2), (10_000_000, 3), (10_000_001, 4)],
)
def test_a_cost_at_the_bound_counts_to_the_lower_band(cost: int, points: int) -> None:
    assert tier(cost=Decimal(cost)).inputs[0].points == points


@pytest.mark.parametrize(("points", "expected"), [(15, 1), (14, 2), (10, 2), (9, 3), (5, 3), (4, 4), (0, 4)])
def test_tiers_change_at_fifteen_ten_and_five_points(points: int, expected: int) -> None:
    assert rules.tier_for(points) == expected


def test_a_tier_with_missing_inputs_is_provisional_and_says_between_what() -> None:
    found = tier(judged={}, units_affected=None, regulatory_critical=None)
    assert (found.value, found.provisional) == (4, True)
    assert (found.heaviest, found.lightest) == (1, 4)


def test_without_any_input_there_is_no_tier() -> None:
    found = tier(cost=None, start=None, judged={}, units_affected=None)
    assert found.value is None


def test_regulatory_critical_is_always_tier_one() -> None:
    assert (tier(cost=Decimal(1), regulatory_critical=True).value, tier(regulatory_critical=True).provisional) == (
        1,
        False,
    )


def test_begun_months_count() -> None:
    assert rules.months_between(date(2026, 1, 1), date(2026, 3, 31)) == 3
    assert rules.months_between(date(2026, 1, 15), date(2026, 1, 20)) == 1


def test_slip_and_growth_are_unknown_without_both_sides() -> None:
    assert rules.months_late(date(2026, 1, 1), date(2026, 7, 2)) == 6
    assert rules.months_late(date(2026, 7, 2), date(2026, 1, 1)) == -6
    assert rules.months_late(None, date(2026, 1, 1)) is None
    assert rules.growth(Decimal(100), Decimal(112)) == Decimal("0.12")
    assert rules.growth(Decimal(0), Decimal(112)) is None
    assert rules.growth(None, Decimal(112)) is None


def test_confidence_is_compared_in_steps() -> None:
    assert rules.steps_worse("G", "A") == 2
    assert rules.steps_worse("R", "AR") == -1
    assert rules.steps_worse("", "R") is None
