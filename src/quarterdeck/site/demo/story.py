"""
The demo organisation's two years, from a seed: which projects there are and what was said of each on which day.

Plain values only, so that the same seed and the same days make the same story, whatever database it goes into.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from quarterdeck.site.demo import catalogue, words
from quarterdeck.site.demo.catalogue import Someone
from quarterdeck.site.demo.deal import ORDER, Dealt, deal, hand_over, make_odd, then
from quarterdeck.site.demo.ideas import CUSTOMER, OPERATIONS, PLATFORM, SYSTEMS, WORKS, Idea

Facts = dict[str, Any]

MONTH = 30.4375  # days
YEARLY, QUARTERLY = "Yearly register", "Quarterly status"

NO_BENEFIT_BY_LAW = "The law requires it; nobody counts money for it."
NO_BENEFIT_ALONE = "Benefits are counted for the programme as a whole, not for this project."
NO_BASELINE_YET = "The baseline is approved at the end of planning."
NO_BASELINE_LEFT = "The first plan was overwritten when the schedule moved to another tool."
NO_FORECAST = "The supplier's offer is being negotiated; a forecast follows in the next quarter."


@dataclass(frozen=True, slots=True)
class Report:
    """What was said of a project on a day."""

    on: date
    name: str
    facts: Facts
    unknown: dict[str, str]
    reason: str


@dataclass(frozen=True, slots=True)
class Holder:
    """part: sponsor or manager; person: key in the catalogue."""

    part: str
    person: str
    from_on: date


@dataclass(frozen=True, slots=True)
class ProjectStory:
    """A project of the demo organisation. left: when and why it left the register."""

    external_id: str
    idea: Idea
    reports: tuple[Report, ...]
    holders: tuple[Holder, ...]
    left: tuple[date, str] | None


@dataclass(frozen=True, slots=True)
class Story:
    """first and second: the days of the two snapshots; founded: since when units and roles hold."""

    seed: int
    founded: date
    first: date
    second: date
    unit_renamed_on: date
    projects: tuple[ProjectStory, ...]

    def in_register(self, on: date) -> int:
        """Projects in the register on a day."""
        begun = [each for each in self.projects if each.reports[0].on <= on]
        return sum(1 for each in begun if each.left is None or each.left[0] > on)


def snapshot_days(today: date) -> tuple[date, date]:
    """The two most recent 30 Septembers before today."""
    year = today.year if today > date(today.year, 9, 30) else today.year - 1
    return date(year - 1, 9, 30), date(year, 9, 30)


def tell(seed: int, today: date) -> Story:
    """The story that a seed makes on a day."""
    rng = Random(seed)  # noqa: S311 - makes a story, guards nothing
    first, second = snapshot_days(today)
    dealt = deal(rng)
    make_odd(rng, dealt)
    founded = date(first.year - 4, 1, 1)
    handed = hand_over(rng, dealt)
    days = _Days(first, second, founded)
    projects = tuple(
        _project(rng, days, each, f"{each.idea.division}-{number}", handed.get(each.idea.name, ""))
        for number, each in enumerate(dealt, start=101)
    )
    return Story(seed, founded, first, second, date(second.year, 3, 1), projects)


@dataclass(frozen=True, slots=True)
class _Days:
    first: date
    second: date
    founded: date

    @property
    def quarters(self) -> tuple[date, ...]:
        """Ends of the quarters between the snapshots."""
        return date(self.first.year, 12, 31), date(self.second.year, 3, 31), date(self.second.year, 6, 30)


def _after(day: date, months: float) -> date:
    """A working day about so many months later."""
    later = day + timedelta(days=round(months * MONTH))
    return later - timedelta(days=max(0, later.weekday() - 4))


def _amount(thousands: float) -> Decimal:
    return Decimal(round(thousands)) * 1000


@dataclass(frozen=True, slots=True)
class _State:
    """Confidence as last said and as said now, slip in months, growth as a share."""

    before: str
    now: str
    slip: float
    growth: float


@dataclass(frozen=True, slots=True)
class _Plan:
    """What stays the same of a project over the two years. pace: money spent against a typical curve."""

    dealt: Dealt
    start: date
    baseline_start: date
    baseline_finish: date
    approved: Decimal
    pace: float
    lasting: Facts
    unknown: dict[str, str]


def _plan(rng: Random, days: _Days, dealt: Dealt) -> _Plan:
    idea = dealt.idea
    longest = 40 if idea.size > 20_000 else 33 if idea.size > 8_000 else 27 if idea.size > 3_000 else 22
    months = rng.uniform(longest - 8, longest)
    if not dealt.now:
        begun, known = months - rng.uniform(4, 8), days.first
    elif not dealt.before:
        begun, known = rng.uniform(-2, 8), days.second
    elif dealt.now in ("AR", "R"):
        begun, known = rng.uniform(0.45, 0.8) * months, days.second
    elif dealt.oddity == "stale":
        begun, known = rng.uniform(0.6, 0.9) * months, days.second
    else:
        early = rng.random() < 0.25
        begun, known = (rng.uniform(0.04, 0.22) if early else rng.uniform(0.4, 0.99)) * months, days.second
    start = _after(known, -begun).replace(day=1)
    finish = max(_after(start, months), _after(known, 2))
    approved = _amount(idea.size * rng.uniform(0.95, 1.05))
    unknown: dict[str, str] = {}
    benefits: Decimal | None = _amount(float(approved) / 1000 * rng.uniform(0.6, 2.3))
    if idea.regulatory and rng.random() < 0.6:
        benefits, unknown["benefits"] = None, NO_BENEFIT_BY_LAW
    elif idea.programme and rng.random() < 0.1:
        benefits, unknown["benefits"] = None, NO_BENEFIT_ALONE
    lasting = {
        "category": idea.category,
        "approach": idea.approach,
        "description": idea.purpose,
        "benefits": benefits,
        **_tier_inputs(rng, dealt),
    }
    return _Plan(
        dealt,
        start,
        start if dealt.slip <= 0.5 else _after(start, -rng.uniform(0, 1.2)),
        _after(finish, -dealt.slip),
        approved,
        rng.uniform(0.88, 1.0),
        lasting,
        unknown,
    )


def _tier_inputs(rng: Random, dealt: Dealt) -> Facts:
    """What a person judges for the tier; big projects touch more and matter more."""
    idea = dealt.idea
    weight = 2 if idea.size > 20_000 else 1 if idea.size > 5_000 else 0
    operational = idea.category in (OPERATIONS, PLATFORM)
    facts: Facts = {
        "units_affected": rng.randint(1, 2) + weight * 2,
        "novelty": min(3, rng.choice((0, 0, 1, 1)) + weight),
        "criticality": min(4, rng.choice((0, 0, 1, 1)) + weight + operational),
        "sensitivity": min(3, rng.choice((0, 1)) + (idea.category in (CUSTOMER, SYSTEMS))),
        "external_dependency": min(2, rng.choice((0, 0, 1)) + (idea.category == WORKS)),
        "experience_gap": rng.choice((0, 0, 0, 1, 1, 2)),
        "regulatory_critical": idea.regulatory and idea.size > 10_000,
    }
    if dealt.oddity == "untiered":
        for name in rng.sample(sorted(facts), 3):
            facts[name] = None
    return facts


def _stage(plan: _Plan, on: date, finish: date) -> str:
    share = (on - plan.start).days / (finish - plan.start).days
    for bound, stage in ((0.0, "proposed"), (0.08, "initiating"), (0.2, "planning"), (0.9, "executing")):
        if share < bound:
            return stage
    return "closing"


def _spent(plan: _Plan, on: date, finish: date, forecast: Decimal) -> Decimal:
    """Money follows an S-shaped curve over time."""
    share = min(0.97, max(0.0, (on - plan.start).days / (finish - plan.start).days))
    return _amount(float(forecast) / 1000 * share * share * (3 - 2 * share) * plan.pace)


def _report(rng: Random, plan: _Plan, on: date, state: _State, name: str, reason: str = YEARLY) -> Report:
    """The row of the register on a day."""
    finish = _after(plan.baseline_finish, state.slip)
    forecast = _amount(float(plan.approved) / 1000 * (1 + state.growth))
    stage = _stage(plan, on, finish)
    facts: Facts = {
        "stage": stage,
        "baseline_start": plan.baseline_start,
        "baseline_finish": plan.baseline_finish,
        "forecast_start": plan.start,
        "forecast_finish": finish,
        "actual_start": plan.start if plan.start <= on else None,
        "actual_finish": None,
        "approved_budget": plan.approved,
        "forecast_cost": forecast,
        "spent": _spent(plan, on, finish, forecast),
        "confidence": state.now,
        **plan.lasting,
    }
    unknown = dict(plan.unknown)
    _twist(plan, facts, unknown, first=not state.before, yearly=reason == YEARLY)
    approved, cost = facts["approved_budget"], facts["forecast_cost"]
    baseline = facts["baseline_finish"]
    said = words.notes(
        rng,
        words.Told(
            plan.dealt.idea.category,
            facts["stage"],
            state.before,
            state.now,
            None if baseline is None else round((finish - baseline).days / MONTH),
            None if cost is None else (cost - approved) / approved,
            finish,
        ),
    )
    facts |= {
        "narrative": said.narrative,
        "confidence_note": said.confidence,
        "schedule_note": said.schedule,
        "cost_note": said.cost,
    }
    return Report(on, name, facts, unknown, reason)


def _twist(plan: _Plan, facts: Facts, unknown: dict[str, str], *, first: bool, yearly: bool) -> None:
    """What is odd about the row. first: nothing was said of the project before; yearly: for the yearly register."""
    oddity = plan.dealt.oddity
    if oddity == "no_baseline":
        facts["baseline_start"] = facts["baseline_finish"] = None
        early = facts["stage"] in ("proposed", "initiating", "planning")
        unknown["baseline_finish"] = NO_BASELINE_YET if early else NO_BASELINE_LEFT
    elif oddity == "topped_up" and first:
        facts["approved_budget"] = _amount(float(plan.approved) / 1000 * 0.93)
    if first and plan.dealt.before:
        return
    if oddity.startswith("no_forecast"):
        facts["forecast_cost"] = None
        if oddity == "no_forecast_explained":
            unknown["forecast_cost"] = NO_FORECAST
    elif oddity == "start_mistyped":
        facts["forecast_start"] = plan.start.replace(year=plan.start.year + 10)
    elif oddity == "overspent":
        facts["spent"] = _amount(float(facts["forecast_cost"]) / 1000 * 1.03)
    elif oddity == "on_hold" and yearly:
        facts["stage"] = "on_hold"


def _project(rng: Random, days: _Days, dealt: Dealt, external_id: str, changed: str) -> ProjectStory:
    plan = _plan(rng, days, dealt)
    reports: list[Report] = []
    left = None
    if dealt.before:
        reports = _first_and_quarters(rng, days, plan)
    if not dealt.now:
        left = (days.second, _end(plan, days, reports))
    elif dealt.oddity == "stale":
        reports.append(Report(days.second, reports[0].name, reports[0].facts, reports[0].unknown, YEARLY))
    else:
        reports.append(
            _report(rng, plan, days.second, _State(dealt.before, dealt.now, dealt.slip, dealt.growth), dealt.idea.name)
        )
    return ProjectStory(external_id, dealt.idea, tuple(reports), _holders(rng, days, plan, changed), left)


def _first_and_quarters(rng: Random, days: _Days, plan: _Plan) -> list[Report]:
    """The earlier snapshot, and for projects that fell the quarters in which they did."""
    dealt, name = plan.dealt, plan.dealt.idea.earlier or plan.dealt.idea.name
    slip, growth = then(rng, dealt)
    reports = [_report(rng, plan, days.first, _State("", dealt.before, slip, growth), name)]
    if dealt.now not in ("AR", "R"):
        return reports
    fallen = ORDER.index(dealt.now) - ORDER.index(dealt.before)
    said = dealt.before
    for number, day in enumerate(days.quarters, start=1):
        part = number / 4
        now = ORDER[ORDER.index(dealt.before) + round(fallen * part)]
        state = _State(said, now, slip + (dealt.slip - slip) * part, growth + (dealt.growth - growth) * part)
        reports.append(_report(rng, plan, day, state, name, QUARTERLY))
        said = now
    return reports


def _end(plan: _Plan, days: _Days, reports: list[Report]) -> str:
    """How a project that left ended: finished in June, or stopped in March. Gives the reason."""
    last = reports[-1]
    stopped = plan.dealt.before == "R"
    day = days.quarters[1] if stopped else days.quarters[2]
    facts: Facts = {"stage": "stopped" if stopped else "closed"}
    if stopped:
        facts["narrative"] = words.NEXT["stopped"][0]
    else:
        facts |= {
            "narrative": words.NEXT["closed"][0],
            "actual_finish": _after(day, -0.5),
            "forecast_finish": _after(day, -0.5),
            "spent": last.facts["forecast_cost"],
        }
    reports.append(Report(day, last.name, last.facts | facts, last.unknown, QUARTERLY))
    return "Stopped: the benefits no longer carried the cost." if stopped else "Finished and handed over."


def _holders(rng: Random, days: _Days, plan: _Plan, changed: str) -> tuple[Holder, ...]:
    """Sponsor and manager from the beginning, and who followed where one of them changed."""
    dealt = plan.dealt
    heard = days.first if dealt.before else days.second
    since = min(plan.start, heard)
    found = []
    for part, role in (("sponsor", "sponsor"), ("manager", "project_manager")):
        known = _people(role, dealt.idea.division)
        first, second = rng.sample(known, 2) if len(known) > 1 else (known[0], known[0])
        found.append(Holder(part, first.key, since))
        if part == changed:
            day = date(days.second.year, 2, 1) if part == "sponsor" else date(days.second.year, 5, 1)
            found.append(Holder(part, second.key, day))
    return tuple(found)


def _people(role: str, division: str) -> list[Someone]:
    return [someone for someone in catalogue.PEOPLE if someone.role == role and someone.place == division]
