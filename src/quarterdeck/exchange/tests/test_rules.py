"""Judgements about what a register says."""

from datetime import date
from decimal import Decimal

import pytest

from quarterdeck.exchange import rules


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("Delivery", "executing"),
        ("in the delivery phase", "executing"),
        ("On hold", "on_hold"),
        ("on_hold", "on_hold"),
        ("Abgeschlossen", "closed"),
        ("Cancelled", "stopped"),
        ("Planning and delivery", ""),
        ("Gate 3", ""),
        ("", ""),
    ],
)
def test_a_stage_is_known_by_its_words(text: str, stage: str) -> None:
    assert rules.stage_of(text) == stage


@pytest.mark.parametrize(
    ("text", "approach"),
    [("Scrum", "agile"), ("Waterfall", "predictive"), ("Agile / hybrid", ""), ("PRINCE2", "predictive")],
)
def test_an_approach_is_known_by_its_words(text: str, approach: str) -> None:
    assert rules.approach_of(text) == approach


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("register-2026-09-30.xlsx", date(2026, 9, 30)),
        ("register_20260930.csv", date(2026, 9, 30)),
        ("GMPP_AR_Data_March_2022.csv", date(2022, 3, 31)),
        ("Portfolio Februar 2024.xlsx", date(2024, 2, 29)),
        ("2026-02-31.csv", None),
        ("register.csv", None),
        ("project 2026.csv", None),
    ],
)
def test_the_name_of_a_file_may_tell_its_day(name: str, day: date | None) -> None:
    assert rules.day_in(name) == day


def test_an_amount_is_kept_to_four_places_and_below_the_largest() -> None:
    assert rules.kept_amount(Decimal("1.00005")) == Decimal("1.0000")
    assert rules.kept_amount(Decimal(10) ** 14) is None
    assert rules.kept_amount(-(Decimal(10) ** 14) + 1) == -(Decimal(10) ** 14) + 1


def test_a_reference_is_made_of_a_name_and_differs_from_all_others() -> None:
    assert rules.reference_of("Energy Networks", set()) == "ENERGY-NETWORKS"
    assert rules.reference_of("Energy Networks", {"energy-networks", "energy-networks-2"}) == "ENERGY-NETWORKS-3"
    assert rules.reference_of("—", set()) == "X"
    assert len(rules.reference_of("a" * 300, set())) <= 40


def test_a_project_moves_in_finish_cost_and_confidence() -> None:
    changes = {
        "forecast_finish": (date(2027, 1, 1), date(2028, 1, 1)),
        "whole_life_cost": (Decimal(10), Decimal(9)),
        "confidence": ("G", "AR"),
    }
    assert rules.moved(changes, ("G", "AG", "A", "AR", "R")) == {"later", "cheaper", "worse"}


def test_what_was_or_became_unknown_did_not_move() -> None:
    changes = {
        "forecast_finish": (None, date(2028, 1, 1)),
        "whole_life_cost": (Decimal(10), None),
        "confidence": ("", "R"),
    }
    assert rules.moved(changes, ("G", "AG", "A", "AR", "R")) == set()
