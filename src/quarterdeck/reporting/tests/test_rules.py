"""The dashboard worked out, on plain values."""

from datetime import date
from decimal import Decimal

import pytest

from quarterdeck.reporting import rules
from quarterdeck.reporting.rules import Basis, Filters, Hidden
from quarterdeck.reporting.tests.make import earlier, row, state


def test_a_cost_that_is_unknown_is_left_out_and_not_counted_as_nothing() -> None:
    seen = rules.picture(state(row(1, cost=100), row(2), row(3, cost=50)), None)

    assert seen.costs.now == Decimal(150)
    assert (seen.count("cost"), seen.count("projects")) == (2, 3)
    assert seen.members["quality-cost"] == [2]


def test_a_total_over_no_cost_at_all_is_unknown() -> None:
    assert rules.totals(rules.picture(state(row(1)), None)).cost is None


def test_cost_change_is_like_for_like() -> None:
    now = state(row(1, cost=120), row(2, cost=500), row(3))
    seen = rules.picture(now, earlier(row(1, cost=100), row(3, cost=70), left=(row(4, cost=900),)))

    assert seen.members["cost-change"] == [1]
    assert seen.cost_change == Decimal("0.2")


def test_cost_change_without_a_project_on_both_days_is_unknown() -> None:
    assert rules.picture(state(row(1, cost=120)), earlier(row(2, cost=100))).cost_change is None


def test_growth_from_nothing_is_unknown() -> None:
    seen = rules.picture(state(row(1, cost=120)), earlier(row(1, cost=0)))

    assert seen.changed == {}
    assert seen.cost_change is None


def test_lateness_is_measured_against_the_baseline_where_half_of_the_projects_have_one() -> None:
    with_baseline = row(1, finish=date(2027, 3, 31), baseline=date(2026, 9, 30))
    without = row(2, finish=date(2027, 3, 31))
    seen = rules.picture(state(with_baseline, without), earlier(row(1), row(2, finish=date(2026, 3, 31))))

    assert seen.finish_basis is Basis.BASELINE
    assert seen.late == {1: 6}
    assert (seen.members["late"], seen.members["late-known"]) == ([1], [1])


def test_lateness_is_measured_against_the_earlier_day_where_baselines_are_missing() -> None:
    now = state(row(1, finish=date(2027, 3, 31)), row(2, finish=date(2026, 1, 31)), row(3, finish=date(2026, 5, 1)))
    seen = rules.picture(now, earlier(row(1, finish=date(2026, 9, 30)), row(2, finish=date(2026, 1, 31))))

    assert seen.finish_basis is Basis.EARLIER
    assert seen.late == {1: 6, 2: 0}
    assert seen.members["late"] == [1]
    assert seen.median_late == 0


def test_without_baselines_and_earlier_day_lateness_is_not_measured() -> None:
    seen = rules.picture(state(row(1, finish=date(2027, 3, 31))), None)

    assert seen.finish_basis is Basis.NOTHING
    assert seen.late == {}
    assert seen.median_late is None


@pytest.mark.parametrize(
    ("months", "bar"), [(-4, 0), (0, 0), (1, 1), (2, 1), (3, 2), (5, 2), (6, 3), (8, 3), (9, 4), (40, 4)]
)
def test_bars_of_lateness(months: int, bar: int) -> None:
    finish = date(2026 + (5 + months) // 12, (5 + months) % 12 + 1, 15)
    seen = rules.picture(state(row(1, finish=finish, baseline=date(2026, 6, 15))), None)

    assert seen.late == {1: months}
    assert [seen.count(f"lateness-{each}") for each in range(5)] == [int(each == bar) for each in range(5)]


@pytest.mark.parametrize(
    ("cost", "bar"), [(99, 0), (100, 1), (104, 1), (105, 2), (109, 2), (110, 3), (114, 3), (115, 4), (300, 4)]
)
def test_bars_of_growth(cost: int, bar: int) -> None:
    seen = rules.picture(state(row(1, cost=cost, approved=100)), None)

    assert [seen.count(f"growth-{each}") for each in range(5)] == [int(each == bar) for each in range(5)]


def test_the_confidence_matrix_counts_each_project_once() -> None:
    now = state(row(1, confidence="R"), row(2, confidence="G"), row(3, confidence="A"), row(4, confidence="A"), row(5))
    then = earlier(
        row(1, confidence="A"),
        row(2, confidence="AG"),
        row(3, confidence="A"),
        row(5, confidence="G"),
        left=(row(6, confidence="AR"),),
    )
    seen = rules.picture(now, then)

    assert seen.members["worse"] == [1]
    assert seen.members["better"] == [2]
    assert seen.members["same"] == [3]
    assert seen.members["shift-unknown"] == [5]
    assert seen.members["shift-A-R"] == [1]
    assert seen.members["shift-new-A"] == [4]
    assert seen.members["shift-AR-left"] == [6]
    assert seen.worse == {1: 2, 2: -1}


def test_the_mix_holds_those_without_data() -> None:
    seen = rules.totals(rules.picture(state(row(1, confidence="G"), row(2)), None))

    assert seen.confidence == {"G": 1, "AG": 0, "A": 0, "AR": 0, "R": 0, "N": 1}


def test_attention_needs_two_of_three_signals() -> None:
    late, grown = {"finish": date(2027, 4, 30), "baseline": date(2026, 9, 30)}, {"cost": 120, "approved": 100}
    now = state(
        row(1, confidence="R", **late),
        row(2, confidence="R"),
        row(3, **late, **grown),
        row(4, confidence="AR", **late, **grown),
    )
    seen = rules.picture(now, None)

    assert seen.signals.at_least == 2
    assert seen.attention() == [4, 3, 1]


def test_attention_orders_equal_signals_by_cost() -> None:
    late = {"finish": date(2027, 4, 30), "baseline": date(2026, 9, 30)}
    now = state(row(1, confidence="R", cost=10, **late), row(2, confidence="R", cost=90, **late))

    assert rules.picture(now, None).attention() == [2, 1]
    assert rules.picture(now, None).attention(1) == [2]


def test_one_signal_is_enough_where_the_data_give_only_one() -> None:
    seen = rules.picture(state(row(1, confidence="R"), row(2, confidence="A")), None)

    assert (seen.signals.confidence, seen.signals.finish, seen.signals.cost) == (True, False, False)
    assert seen.signals.at_least == 1
    assert not seen.signals.five_levels
    assert seen.attention() == [1]


def test_data_without_a_signal_call_for_no_attention() -> None:
    assert rules.picture(state(row(1), row(2)), None).attention() == []


def test_movers_are_ordered_by_confidence_then_finish_then_cost() -> None:
    day = date(2026, 6, 30)
    now = state(
        row(1, confidence="A", finish=day, cost=100),
        row(2, confidence="G", finish=date(2027, 6, 30), cost=100),
        row(3, confidence="G", finish=day, cost=130),
        row(4, confidence="G", finish=date(2026, 7, 30), cost=101),
        row(5, confidence="G", finish=day, cost=100),
    )
    then = earlier(*(row(key, confidence="R" if key == 5 else "G", finish=day, cost=100) for key in range(1, 6)))
    seen = rules.picture(now, then)

    assert seen.movers() == [1, 2, 3, 5]
    assert seen.movers(2) == [1, 2]
    assert seen.moved[4] == 1
    assert seen.changed[4] == Decimal("0.01")


def test_a_project_that_stayed_as_it_was_is_stale_and_one_without_facts_is_not() -> None:
    facts = {"start": date(2025, 1, 1), "finish": date(2026, 1, 1), "cost": 5}
    now = state(row(1, **facts), row(2), row(3, **facts | {"cost": 6}))
    seen = rules.picture(now, earlier(row(1, **facts), row(2), row(3, **facts)))

    assert seen.members["quality-unchanged"] == [1]


def test_a_finish_before_its_start_is_contradictory() -> None:
    now = state(
        row(1, start=date(2026, 2, 1), finish=date(2026, 1, 1)), row(2, start=date(2026, 1, 1), finish=date(2026, 1, 1))
    )

    assert rules.picture(now, None).members["quality-dates"] == [1]


def test_clean_are_those_without_any_doubt() -> None:
    whole = {"confidence": "G", "start": date(2025, 1, 1), "finish": date(2026, 1, 1), "cost": 5}
    seen = rules.picture(state(row(1, **whole), row(2, **whole | {"cost": None})), None)

    assert (seen.members["clean"], seen.members["quality"]) == ([1], [2])


def test_a_project_that_changed_its_unit_is_neither_new_nor_gone() -> None:
    now = state(row(1, unit=8), row(2, unit=7))
    then = earlier(row(1, unit=7), row(2, unit=7), left=(row(3, unit=8), row(4, unit=7)))
    seen = rules.picture(now, then, Filters(units=frozenset({8})))

    assert seen.members["projects"] == [1]
    assert seen.members["new"] == []
    assert seen.members["left"] == [3]


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        (Filters(), [1, 2, 3]),
        (Filters(units=frozenset({7})), [1]),
        (Filters(units=frozenset({7, None})), [1, 3]),
        (Filters(categories=frozenset({"ICT"})), [1, 2]),
        (Filters(categories=frozenset({"ICT"}), tiers=frozenset({2})), [2]),
        (Filters(programmes=frozenset({0})), []),
    ],
)
def test_filters_narrow_together(keep: Filters, kept: list[int]) -> None:
    now = state(row(1, unit=7, category="ICT", tier=1), row(2, unit=8, category="ICT", tier=2), row(3))

    assert rules.picture(now, None, keep).members["projects"] == kept


def test_a_filter_does_not_change_what_is_measured_against() -> None:
    now = state(
        row(1, unit=7, finish=date(2027, 3, 31), baseline=date(2026, 9, 30)), row(2, unit=8, finish=date(2027, 1, 1))
    )
    seen = rules.picture(now, earlier(row(2, finish=date(2026, 1, 1))), Filters(units=frozenset({8})))

    assert seen.finish_basis is Basis.BASELINE
    assert seen.late == {}


def test_hidden_projects_are_in_the_totals_only() -> None:
    hidden = Hidden(projects=2, with_cost=1, cost=Decimal(40), confidence={"R": 1, "N": 1})
    seen = rules.totals(rules.picture(state(row(1, cost=100, confidence="R")), None), hidden)

    assert (seen.projects, seen.with_cost, seen.cost) == (3, 2, Decimal(140))
    assert seen.confidence == {"G": 0, "AG": 0, "A": 0, "AR": 0, "R": 2, "N": 1}


def test_every_figure_has_its_list() -> None:
    seen = rules.picture(state(row(1, confidence="G")), earlier(row(1, confidence="G")))

    for figure in rules.figures():
        assert len(rules.members(seen, figure) or []) == seen.count(figure), figure
    assert rules.members(seen, "nonsense") is None


def test_the_chart_shows_finish_and_cost_where_nothing_is_measured() -> None:
    drawn = rules.bubbles(rules.picture(state(row(1, finish=date(2027, 1, 1), cost=5), row(2, cost=5), row(3)), None))

    assert (drawn.x.scale, drawn.y.scale) == ("finish", "cost")
    assert [(point.id, point.x, point.y) for point in drawn.points] == [(1, date(2027, 1, 1), 5.0)]
    assert drawn.without == [2, 3]


def test_the_chart_shows_slip_and_growth_where_most_projects_allow_it() -> None:
    now = state(row(1, finish=date(2027, 3, 31), baseline=date(2026, 9, 30), cost=110, approved=100))
    drawn = rules.bubbles(rules.picture(now, None))

    assert (drawn.x.scale, drawn.y.scale) == ("slip", "growth")
    assert [(point.x, point.y, point.cost, point.named) for point in drawn.points] == [(6.0, 10.0, Decimal(110), True)]


def test_the_chart_names_the_five_largest_and_leaves_out_the_smallest() -> None:
    now = state(*(row(key, finish=date(2027, 1, 1), cost=key) for key in range(1, 11)))
    drawn = rules.bubbles(rules.picture(now, None), most=7)

    assert [point.id for point in drawn.points] == [10, 9, 8, 7, 6, 5, 4]
    assert [point.id for point in drawn.points if point.named] == [10, 9, 8, 7, 6]
    assert sorted(drawn.smaller) == [1, 2, 3]


def test_a_value_far_out_does_not_press_the_others_together() -> None:
    now = state(
        *(
            row(key, finish=date(2026, 10, 1 + key), baseline=date(2026, 9, 1), cost=100 + key, approved=100)
            for key in range(1, 20)
        ),
        row(20, finish=date(2026, 10, 1), baseline=date(2026, 9, 1), cost=4000, approved=100),
    )
    drawn = rules.bubbles(rules.picture(now, None))

    assert drawn.beyond == [20]
    assert len(drawn.points) == 19
    assert (drawn.y.low, drawn.y.high, drawn.y.step) == (-5, 25, 5)


def test_the_worked_example_of_the_methods_page() -> None:
    """docs/methods/comparisons.md, “Worked example”."""
    a = {"finish": date(2027, 9, 30), "cost": 12, "confidence": "A"}
    b = {"finish": date(2027, 6, 30), "cost": 21, "confidence": "A"}
    c = {"finish": date(2028, 1, 31), "cost": 5, "confidence": "AG"}
    e = {"finish": date(2029, 1, 31), "cost": 30, "confidence": "G"}
    then = earlier(
        row(1, **a | {"finish": date(2027, 3, 31), "cost": 10, "confidence": "G"}),
        row(2, **b | {"cost": 20}),
        row(3, confidence="AG"),
        left=(row(4, finish=date(2026, 5, 31), cost=8, confidence="R"),),
    )
    seen = rules.picture(state(row(1, **a), row(2, **b), row(3, **c), row(5, **e)), then)

    assert (seen.members["new"], seen.members["left"], seen.costs.now) == ([5], [4], Decimal(68))
    assert seen.cost_change == Decimal("0.1")
    assert seen.late == {1: 6, 2: 0}
    assert (seen.members["late"], seen.median_late) == ([1], 0)
    assert seen.grown == {1: Decimal("0.2"), 2: Decimal("0.05")}
    assert (seen.count("better"), seen.members["same"], seen.members["worse"]) == (0, [2, 3], [1])
    assert seen.movers() == [1, 2]
    assert (seen.attention(), seen.signs) == ([1], {1: 2})
