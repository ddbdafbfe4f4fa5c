"""The vocabulary of a portfolio register: every field a column can fill, in a PMO's words."""

from dataclasses import dataclass
from enum import StrEnum


class Holds(StrEnum):
    """What the value of a field is after interpretation."""

    TEXT = "text"
    DATE = "date"
    MONEY = "money"
    CONFIDENCE = "confidence"
    TIER = "tier"
    FLAG = "flag"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Field:
    """
    One field. `noun` stands inside sentences ("The finish is left empty"), `label` above a column.

    `longest` counts characters of a text; `lines` says that its line breaks mean something. `ends` says that a date
    without a day means the last day of its period; `may_be_negative` is about money.
    """

    key: str
    label: str
    help: str
    noun: str
    holds: Holds = Holds.TEXT
    required: bool = False
    ends: bool = False
    may_be_negative: bool = False
    longest: int = 200
    lines: bool = False


def _prose(key: str, label: str, text: str, noun: str) -> Field:
    return Field(key, label, text, noun, longest=100_000, lines=True)


def _date(key: str, label: str, text: str, noun: str, *, ends: bool) -> Field:
    return Field(key, label, text, noun, Holds.DATE, ends=ends)


def _money(key: str, label: str, text: str, noun: str, *, may_be_negative: bool = False) -> Field:
    return Field(key, label, text, noun, Holds.MONEY, may_be_negative=may_be_negative)


_ALL = (
    Field(
        "external_id",
        "Project id",
        "What names the project in the register it comes from. The next import finds the project by it.",
        "id",
        required=True,
    ),
    Field("name", "Project name", "The name people use.", "name", required=True, longest=500),
    Field("unit", "Organisation unit", "The department or unit that answers for the project.", "unit"),
    Field(
        "category", "Category", "How the portfolio groups its projects, for example infrastructure or IT.", "category"
    ),
    Field("programme", "Programme", "The programme the project belongs to.", "programme"),
    _prose("description", "Description", "What the project is for.", "description"),
    Field(
        "tier", "Tier", "1 for the projects that need most attention, 4 for those that need least.", "tier", Holds.TIER
    ),
    Field("approach", "Delivery approach", "Predictive, agile or hybrid, or the name of the method.", "approach"),
    Field("stage", "Stage", "Where in its life cycle the project is.", "stage"),
    Field("sponsor", "Sponsor", "The person who owns the business case and answers for the benefits.", "sponsor"),
    Field("manager", "Project manager", "The person who runs the project day by day.", "manager"),
    Field(
        "sponsor_email",
        "Sponsor's e-mail",
        "Finds the sponsor among the people already known.",
        "sponsor's e-mail",
        Holds.EMAIL,
    ),
    Field(
        "manager_email",
        "Manager's e-mail",
        "Finds the manager among the people already known.",
        "manager's e-mail",
        Holds.EMAIL,
    ),
    _date(
        "baseline_start",
        "Baseline start",
        "The start that was approved first or last re-baselined.",
        "baseline start",
        ends=False,
    ),
    _date(
        "baseline_finish",
        "Baseline finish",
        "The finish that was approved first or last re-baselined.",
        "baseline finish",
        ends=True,
    ),
    _date("forecast_start", "Start", "The start as it is seen today.", "start", ends=False),
    _date("forecast_finish", "Finish", "The finish as it is seen today.", "finish", ends=True),
    _date("actual_start", "Actual start", "The day work began.", "actual start", ends=False),
    _date("actual_finish", "Actual finish", "The day the project ended.", "actual finish", ends=True),
    _money("approved_budget", "Approved budget", "The budget that was decided.", "approved budget"),
    _money(
        "forecast_cost",
        "Forecast cost at completion",
        "What the project will have cost in the end, as seen today.",
        "forecast cost",
    ),
    _money(
        "whole_life_cost",
        "Whole-life cost",
        "What the project costs over its life, running costs included, as agreed.",
        "whole-life cost",
    ),
    _money("spent", "Spent to date", "What has been spent up to the date of the register.", "amount spent"),
    _money(
        "benefits",
        "Benefits in money",
        "What the project is to bring over its life.",
        "benefits figure",
        may_be_negative=True,
    ),
    Field(
        "confidence",
        "Delivery confidence",
        "The declared rating: green to red or high to low, in three or five steps.",
        "delivery confidence",
        Holds.CONFIDENCE,
    ),
    _prose("confidence_note", "Note on confidence", "The words beside the rating.", "note on confidence"),
    _prose("schedule_note", "Note on schedule", "The words beside the dates.", "note on schedule"),
    _prose("cost_note", "Note on cost", "The words beside the money.", "note on cost"),
    _prose("narrative", "Status narrative", "The words on the state of the project as a whole.", "narrative"),
    Field(
        "confidential",
        "Confidential",
        "Yes where the project is known inside its circle only.",
        "mark of confidentiality",
        Holds.FLAG,
    ),
)
FIELDS: dict[str, Field] = {field.key: field for field in _ALL}

# Start and finish of one kind, to be compared within a row.
SPANS = (
    ("baseline_start", "baseline_finish"),
    ("forecast_start", "forecast_finish"),
    ("actual_start", "actual_finish"),
)
