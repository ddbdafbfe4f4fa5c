"""Which fate each project of the demo organisation meets: dealt by chance, but the whole always looks alike."""

from dataclasses import dataclass
from random import Random
from typing import Any

from quarterdeck.site.demo.ideas import IDEAS, Idea

Range = tuple[float, float]

ORDER = ("G", "AG", "A", "AR", "R")

# Projects by declared confidence at the earlier and at the later snapshot; "" is not in the register.
SHIFTS = {
    ("G", "G"): 9, ("G", "AG"): 1, ("G", ""): 2,
    ("AG", "G"): 5, ("AG", "AG"): 4, ("AG", "A"): 4, ("AG", "AR"): 4, ("AG", ""): 1,
    ("A", "AG"): 9, ("A", "A"): 5, ("A", "AR"): 3, ("A", "R"): 2,
    ("AR", "AG"): 2, ("AR", "A"): 3, ("AR", "AR"): 1, ("AR", "R"): 2,
    ("R", ""): 1,
    ("", "G"): 2, ("", "A"): 3, ("", "AR"): 1,
}  # fmt: skip

# Finish against baseline in months, and forecast against approved cost, at the later snapshot.
IN_TIME: Range = (-1.4, 0.0)
SHORT: Range = (0.8, 2.4)
LATE: Range = (2.6, 4.4)
VERY_LATE: Range = (6.1, 8.4)
WORST: Range = (9.1, 10.4)
UNDER: Range = (-0.06, -0.004)
LITTLE: Range = (0.002, 0.049)
MORE: Range = (0.053, 0.098)
MUCH: Range = (0.102, 0.148)
MOST: Range = (0.152, 0.195)
SLIPS = {
    "G": [IN_TIME] * 14 + [SHORT] * 2,
    "AG": [IN_TIME] * 6 + [SHORT] * 7 + [LATE] * 3,
    "A": [IN_TIME] + [SHORT] * 6 + [LATE] * 8,
    "AR": [SHORT] + [LATE] * 3 + [VERY_LATE] * 5,
    "R": [VERY_LATE] * 2 + [WORST] * 2,
}
GROWTHS = {
    "G": [UNDER] * 15 + [LITTLE],
    "AG": [UNDER] * 7 + [LITTLE] * 6 + [MORE] * 3,
    "A": [UNDER] * 4 + [LITTLE] * 6 + [MORE] * 4 + [MUCH],
    # In the order of the slips: of these, all but the fourth break two of three tolerances.
    "AR": [MUCH, MUCH, MOST, MORE, MORE, MUCH, MUCH, MUCH, MOST],
    "R": [MUCH, MOST, MUCH, MOST],
}
BEFORE: dict[str, tuple[Range, Range]] = {
    "G": (IN_TIME, UNDER),
    "AG": ((0.0, 1.5), (-0.02, 0.03)),
    "A": ((1.0, 3.5), (0.01, 0.06)),
    "AR": ((3.0, 6.0), (0.05, 0.11)),
    "R": ((7.0, 9.0), (0.14, 0.18)),
}

TARGET_GROWTH = 0.051
TOLERANCE = 0.002
DEALS = 300  # tries until the total growth is near the target; the nearest one is taken


@dataclass(slots=True)
class Dealt:
    """One project's fate: confidence then and now, slip in months, growth as a share, and what is odd about it."""

    idea: Idea
    before: str
    now: str
    slip: float
    growth: float
    oddity: str = ""

    @property
    def calm(self) -> bool:
        """In the register on both days and neither Amber/Red nor Red."""
        return bool(self.before) and self.now in ("G", "AG", "A")


def deal(rng: Random) -> list[Dealt]:
    """Fates for all ideas, so that the portfolio as a whole grows by about what is aimed at."""
    best: list[Dealt] = []
    nearest = 9.0
    for _try in range(DEALS):
        dealt = _deal_once(rng)
        away = abs(_total_growth(dealt) - TARGET_GROWTH)
        if away < nearest:
            best, nearest = dealt, away
        if nearest <= TOLERANCE:
            break
    return best


def _total_growth(dealt: list[Dealt]) -> float:
    counted = [each for each in dealt if each.now]
    return sum(each.idea.size * each.growth for each in counted) / sum(each.idea.size for each in counted)


def _deal_once(rng: Random) -> list[Dealt]:
    passing = [pair for pair, count in SHIFTS.items() for _ in range(count) if "" in pair]
    staying = [pair for pair, count in SHIFTS.items() for _ in range(count) if "" not in pair]
    small = [i for i in IDEAS if i.size <= 12_000 and not (i.earlier or i.confidential or i.regulatory)]
    chosen = rng.sample(small, len(passing))
    others = [idea for idea in IDEAS if idea not in chosen]
    rng.shuffle(staying)
    pairs = dict(zip([idea.name for idea in (*chosen, *others)], (*passing, *staying), strict=True))
    fates = {now: _fates(rng, now) for now in ORDER}
    dealt = []
    for idea in IDEAS:
        before, now = pairs[idea.name]
        slip, growth = fates[now].pop() if now else (rng.uniform(*BEFORE[before][0]), rng.uniform(*BEFORE[before][1]))
        dealt.append(Dealt(idea, before, now, slip, growth))
    return dealt


def _fates(rng: Random, now: str) -> list[tuple[float, float]]:
    slips, growths = list(SLIPS[now]), list(GROWTHS[now])
    if now in ("G", "AG", "A"):
        rng.shuffle(growths)
    fates = [(rng.uniform(*slip), rng.uniform(*growth)) for slip, growth in zip(slips, growths, strict=True)]
    rng.shuffle(fates)
    return fates


def make_odd(rng: Random, dealt: list[Dealt]) -> None:
    """A few rows are as rows are in real registers: stale, incomplete, contradictory."""
    wanted: list[tuple[str, int, Any]] = [
        ("stale", 4, lambda each: each.calm and each.before == each.now and each.now != "G"),
        ("no_baseline", 3, lambda each: bool(each.now) and each.slip <= 0),
        ("no_forecast", 1, lambda each: each.calm and each.now != "A" and each.idea.size <= 8_000),
        ("no_forecast_explained", 1, lambda each: each.calm and each.now != "A" and each.idea.size <= 8_000),
        ("start_mistyped", 1, lambda each: each.calm),
        ("overspent", 2, lambda each: each.calm and each.now != "G"),
        ("untiered", 6, lambda each: bool(each.now)),
        ("topped_up", 3, lambda each: each.calm),
        ("on_hold", 1, lambda each: bool(each.before) and each.now == "AR"),
    ]
    for oddity, count, fits in wanted:
        free = [each for each in dealt if not each.oddity and not each.idea.earlier and fits(each)]
        for each in rng.sample(free, count):
            each.oddity = oddity


def hand_over(rng: Random, dealt: list[Dealt]) -> dict[str, str]:
    """Names of projects whose sponsor or manager changed between the snapshots, with the part that changed."""
    staying = [each for each in dealt if each.before and each.now and not each.idea.confidential]
    troubled = [each.idea.name for each in staying if each.now in ("AR", "R")]
    with_choice = [each.idea.name for each in staying if each.now == "A" and each.idea.division != "WS"]
    return dict.fromkeys(rng.sample(troubled, 3), "manager") | dict.fromkeys(rng.sample(with_choice, 2), "sponsor")


def then(rng: Random, dealt: Dealt) -> tuple[float, float]:
    """Slip and growth at the earlier snapshot, from what became of the project."""
    if not dealt.now or dealt.oddity == "stale":
        return dealt.slip, dealt.growth
    step = ORDER.index(dealt.now) - ORDER.index(dealt.before)
    if step > 0:
        return dealt.slip * rng.uniform(0.1, 0.45), dealt.growth - rng.uniform(0.03, 0.07)
    if step < 0:
        return dealt.slip + rng.uniform(0, 1.5), dealt.growth + rng.uniform(0.005, 0.03)
    return dealt.slip - rng.uniform(0, 0.8), dealt.growth - rng.uniform(-0.005, 0.015)
