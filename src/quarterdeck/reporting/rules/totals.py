"""Totals that may include confidential projects the reader does not see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from quarterdeck.reporting.rules.picture import Picture
from quarterdeck.reporting.rules.states import COLUMNS


@dataclass(frozen=True, slots=True)
class Hidden:
    """Confidential projects that are counted and not shown: how many, with a cost, what they cost, how they stand."""

    projects: int = 0
    with_cost: int = 0
    cost: Decimal = Decimal(0)
    confidence: Mapping[str, int] = field(default_factory=dict)


NOTHING_HIDDEN = Hidden()


@dataclass(frozen=True, slots=True)
class Totals:
    """Number, cost with its coverage, and mix of confidence; hidden says what of them is not shown by name."""

    projects: int
    with_cost: int
    cost: Decimal | None
    confidence: Mapping[str, int]
    hidden: Hidden


def totals(of: Picture, hidden: Hidden = NOTHING_HIDDEN) -> Totals:
    """The totals of a picture together with what is hidden from its reader. No cost known is None, not zero."""
    with_cost = of.count("cost") + hidden.with_cost
    return Totals(
        projects=of.count("projects") + hidden.projects,
        with_cost=with_cost,
        cost=of.costs.now + hidden.cost if with_cost else None,
        confidence={state: of.count(f"confidence-{state}") + hidden.confidence.get(state, 0) for state in COLUMNS},
        hidden=hidden,
    )
