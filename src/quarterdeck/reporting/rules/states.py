"""A portfolio on one day, which projects of it are looked at, and what they can be compared with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

NO_DATA = "N"
# Confidence in the order of the page, best first, and what is said where there is none.
COLUMNS = ("G", "AG", "A", "AR", "R", NO_DATA)


class Row(NamedTuple):
    """
    One project on one day, as far as the dashboard needs it.

    A named tuple and not a dataclass: ten thousand of them are made twice for every page. start and finish are the
    actual day where there is one, otherwise the forecast; cost the forecast at completion, otherwise the declared
    whole-life cost. What is unknown is None, an unknown confidence is N.
    """

    id: int
    unit: int | None
    programme: int | None
    category: str
    tier: int | None
    confidence: str
    start: date | None
    finish: date | None
    baseline: date | None
    cost: Decimal | None
    approved: Decimal | None


class Before(NamedTuple):
    """The same project on the earlier day: only what a comparison reads."""

    id: int
    confidence: str
    start: date | None
    finish: date | None
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Columns:
    """
    The same facts by column, one place a project: what is done to all of them goes through a column in half the time.

    baselines and approved are those of today only.
    """

    ids: Sequence[int] = ()
    levels: Sequence[str] = ()
    starts: Sequence[date | None] = ()
    finishes: Sequence[date | None] = ()
    costs: Sequence[Decimal | None] = ()
    baselines: Sequence[date | None] = ()
    approved: Sequence[Decimal | None] = ()


def columns(rows: Sequence[Row]) -> Columns:
    """Projects by column, in their order."""
    if not rows:
        return Columns()
    ids, _unit, _programme, _category, _tier, levels, starts, finishes, baselines, costs, approved = zip(
        *rows, strict=True
    )
    return Columns(ids, levels, starts, finishes, costs, baselines, approved)


def columns_before(rows: Sequence[Before]) -> Columns:
    """Projects on the earlier day by column, in their order."""
    return Columns(*zip(*rows, strict=True))


# The projects that are in the register on a day, by id: names and units may change, the project is the same.
State = dict[int, Row]


@dataclass(frozen=True, slots=True)
class Earlier:
    """The register on an earlier day; left are those of its projects that are not in the register any more."""

    rows: dict[int, Before] = field(default_factory=dict)
    left: State = field(default_factory=dict)


class Basis(Enum):
    """What a finish or a cost is measured against."""

    BASELINE = "baseline"
    EARLIER = "earlier"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which projects are looked at. An empty set lets everything through; None stands for “has none”."""

    units: frozenset[int | None] = frozenset()
    programmes: frozenset[int | None] = frozenset()
    categories: frozenset[str] = frozenset()
    tiers: frozenset[int | None] = frozenset()

    @property
    def any(self) -> bool:
        """Whether anything is left out."""
        return bool(self.units or self.programmes or self.categories or self.tiers)

    def keeps(self, row: Row) -> bool:
        """Whether a project is looked at."""
        return (
            (not self.units or row.unit in self.units)
            and (not self.programmes or row.programme in self.programmes)
            and (not self.categories or row.category in self.categories)
            and (not self.tiers or row.tier in self.tiers)
        )

    def of(self, rows: Iterable[Row]) -> list[Row]:
        """The projects that are looked at."""
        return [row for row in rows if self.keeps(row)] if self.any else list(rows)


EVERYTHING = Filters()


def finish_basis(now: State, then: Earlier | None) -> Basis:
    """
    What finishes are measured against: one thing for the whole portfolio, so that a filter does not change it.

    The baseline, when at least half of the projects with a finish have one or nothing else is known; otherwise the
    finish on the earlier day.
    """
    dated = [row for row in now.values() if row.finish is not None]
    with_baseline = sum(1 for row in dated if row.baseline is not None)
    if with_baseline and 2 * with_baseline >= len(dated):
        return Basis.BASELINE
    if then and any((before := then.rows.get(row.id)) and before.finish for row in dated):
        return Basis.EARLIER
    return Basis.BASELINE if with_baseline else Basis.NOTHING


def cost_basis(now: State, then: Earlier | None) -> Basis:
    """What costs are measured against: the approved budget or the cost on the earlier day, chosen as above."""
    priced = [row for row in now.values() if row.cost is not None]
    with_budget = sum(1 for row in priced if row.approved)
    if with_budget and 2 * with_budget >= len(priced):
        return Basis.BASELINE
    if then and any((before := then.rows.get(row.id)) and before.cost for row in priced):
        return Basis.EARLIER
    return Basis.BASELINE if with_budget else Basis.NOTHING
