"""What project managers of the demo organisation write: two or three sentences that fit the figures."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from quarterdeck.site.demo.ideas import CUSTOMER, DATA, OPERATIONS, PLATFORM, SYSTEMS, WORKS

WORD = {"G": "Green", "AG": "Amber/Green", "A": "Amber", "AR": "Amber/Red", "R": "Red"}
NUMBER = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

CAUSES = {
    OPERATIONS: (
        "the supplier delivers the controllers late",
        "outages for the work are granted only at night",
        "acceptance on site found faults in the interface",
    ),
    SYSTEMS: (
        "the migration of data failed its rehearsal",
        "two interfaces are harder than estimated",
        "the key users were busy with the year-end",
    ),
    CUSTOMER: (
        "the test with customers failed at the sign-in",
        "the review of accessibility asked for changes",
        "the contact centre had nobody free for tests",
    ),
    DATA: (
        "the source data needs more cleaning than planned",
        "the owners of the data agreed late",
        "the pilot district gave too few readings",
    ),
    PLATFORM: (
        "old systems turned out to depend on each other",
        "the security review asked for a second zone",
        "the equipment arrived incomplete",
    ),
    WORKS: (
        "permits for street works take longer than agreed",
        "the contractor is short of crews",
        "the ground is worse than the survey said",
    ),
}
DRIVERS = {
    OPERATIONS: ("spare parts and a second crew", "work at night", "a longer parallel run"),
    SYSTEMS: ("licences and interfaces", "a third rehearsal of the migration", "people from the supplier"),
    CUSTOMER: ("translations and accessibility", "a longer pilot", "training in four contact centres"),
    DATA: ("cleaning of data", "storage and computing time", "field surveys"),
    PLATFORM: ("running old and new side by side", "a second security zone", "licences that became dearer"),
    WORKS: ("traffic management and permits", "steel and cable", "a second contractor"),
}
NEXT = {
    "proposed": ("The business case goes to the board next.", "The charter is being written."),
    "initiating": ("The charter is agreed and the team is being named.", "Next is the plan with its estimates."),
    "planning": ("The baseline goes to the board next.", "The tender is out; offers are due within six weeks."),
    "executing": (
        "The next delivery is accepted with the users present.",
        "The next stage goes live in one district first.",
        "Training of the first users has begun.",
        "The steering group meets every four weeks until the next stage is live.",
        "Half of the deliverables are accepted.",
        "The line has named who takes over.",
    ),
    "closing": (
        "Handover to the line has begun.",
        "Lessons are collected and open points are closed.",
        "The last contract is being settled.",
    ),
    "on_hold": ("Work rests until the board decides in the coming quarter.",),
    "closed": ("Handover is complete.",),
    "stopped": ("The board stopped the project; contracts are being wound up.",),
}
RELIEFS = (
    "after the open points were closed",
    "since the supplier caught up",
    "because the second rehearsal went well",
    "now that the team is complete",
    "after the scope was cut to what is needed first",
)
EARLY = {
    "G": ("Preparation runs to plan.", "The team is complete and the scope is agreed."),
    "AG": ("Preparation runs largely to plan; two questions are open.", "The scope is agreed but for one point."),
    "A": ("Key people are not named yet.", "The estimates rest on assumptions that nobody has tested."),
    "AR": ("The plan does not fit the date that was promised.", "The offers exceed what was assumed."),
    "R": ("Nobody has shown yet how this can be delivered.",),
}
STEADY = {
    "G": ("Delivery runs to plan.", "The team delivers what it promised.", "No help is needed."),
    "AG": ("Delivery runs largely to plan; known issues are in hand.", "Most deliverables are accepted at first try."),
    "A": ("Significant issues are open; the team has a plan for each.", "Delivery is feasible, but needs attention."),
    "AR": ("Delivery is in doubt; a recovery plan is with the sponsor.", "The team cannot recover without a decision."),
    "R": ("Delivery as agreed is not achievable.", "The plan no longer holds; scope or money must change."),
}


@dataclass(frozen=True, slots=True)
class Told:
    """The figures a narrative is about. slip in months, growth as a share; None where unknown."""

    category: str
    stage: str
    before: str
    now: str
    slip: int | None
    growth: Decimal | None
    finish: date


@dataclass(frozen=True, slots=True)
class Notes:
    """The narrative and the notes beside confidence, dates and money."""

    narrative: str
    confidence: str
    schedule: str
    cost: str


def notes(rng: Random, told: Told) -> Notes:
    """Sentences for one project on one day."""
    cause, other_cause = rng.sample(CAUSES[told.category], 2)
    driver = rng.choice(DRIVERS[told.category])
    early = told.stage in ("proposed", "initiating", "planning")
    steady, following = rng.choice((EARLY if early else STEADY)[told.now]), rng.choice(NEXT[told.stage])
    if told.stage in ("closed", "stopped"):
        return Notes(following, "", "", "")
    schedule, cost = _schedule(told, other_cause), _cost(told, driver)
    first = _moved(told, cause, rng.choice(RELIEFS)) or steady
    second = cost if told.growth is not None and told.growth >= Decimal("0.05") else schedule
    sentences = [first, second, following] if told.now != "G" or told.stage == "closing" else [first, second]
    return Notes(
        " ".join(sentences),
        steady if told.now in ("AR", "R") else "",
        schedule if told.slip is not None and told.slip >= 3 else "",
        cost if told.growth is not None and told.growth >= Decimal("0.05") else "",
    )


def _moved(told: Told, cause: str, relief: str) -> str:
    if not told.before or told.before == told.now:
        return ""
    order = list(WORD)
    if order.index(told.now) > order.index(told.before):
        return f"Confidence fell from {WORD[told.before]} to {WORD[told.now]}: {cause}."
    return f"Confidence rose from {WORD[told.before]} to {WORD[told.now]} {relief}."


def _schedule(told: Told, cause: str) -> str:
    month = f"{told.finish:%B %Y}"
    if told.slip is None:
        return f"Finish is expected in {month}; without a baseline nobody can say whether that is late."
    if told.slip < 0:
        return f"The finish in {month} lies ahead of the baseline."
    if told.slip == 0:
        return f"The finish in {month} holds."
    months = "one month" if told.slip == 1 else f"{NUMBER[min(told.slip, 12)]} months"
    return f"The finish is now {month}, {months} after the baseline, because {cause}."


def _cost(told: Told, driver: str) -> str:
    if told.growth is None:
        return "A new forecast of the cost is being made."
    percent = abs(round(told.growth * 100))
    if told.growth >= Decimal("0.01"):
        return f"The forecast lies {percent}% above the approved budget, mostly for {driver}."
    if told.growth <= Decimal("-0.01"):
        return f"The forecast lies {percent}% below the approved budget."
    return "The forecast stays within the approved budget."
