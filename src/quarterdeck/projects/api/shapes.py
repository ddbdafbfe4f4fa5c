"""Shapes of portfolios, programmes and projects, as they are sent and answered."""

from typing import Annotated, Literal

from pydantic import Field

from quarterdeck.core.api import (
    Amount,
    AmountText,
    Day,
    DayText,
    Given,
    Line,
    Name,
    PersonNamed,
    Reason,
    Ref,
    Sent,
    Uid,
    UidText,
    Words,
)

TAGS = ["Projects"]
Approach = Literal["predictive", "agile", "hybrid"]
Stage = Literal["proposed", "initiating", "planning", "executing", "closing", "closed", "on_hold", "stopped"]
Confidence = Literal["G", "AG", "A", "AR", "R"]
Judged2 = Annotated[int, Field(ge=0, le=2)]
Judged3 = Annotated[int, Field(ge=0, le=3)]
Judged4 = Annotated[int, Field(ge=0, le=4)]
Count = Annotated[int, Field(ge=0, le=32_767)]
ProjectName = Annotated[Line, Field(max_length=300)]
Short = Annotated[Words, Field(max_length=120)]
Long = Annotated[Words, Field(max_length=20_000)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
# Null clears them; the tables keep an empty text.
CHOICES = ("approach", "stage", "confidence")


class ProjectGiven(Given):
    """A project with everything that is declared about it. What is unknown is null, its reason in unknown."""

    ref: str
    name: str
    portfolio: str
    programme: str | None
    unit: str | None
    external_id: str
    category: str
    approach: Approach | None
    stage: Stage | None
    confidence: Confidence | None
    confidence_note: str
    schedule_note: str
    cost_note: str
    description: str
    narrative: str
    baseline_start: DayText | None
    baseline_finish: DayText | None
    forecast_start: DayText | None
    forecast_finish: DayText | None
    actual_start: DayText | None
    actual_finish: DayText | None
    currency: str
    approved_budget: AmountText | None
    whole_life_cost: AmountText | None
    forecast_cost: AmountText | None
    spent: AmountText | None
    benefits: AmountText | None
    units_affected: int | None
    novelty: int | None
    criticality: int | None
    sensitivity: int | None
    external_dependency: int | None
    experience_gap: int | None
    regulatory_critical: bool | None
    tier: int | None
    tier_provisional: bool
    unknown: dict[str, str]
    sponsor: PersonNamed | None
    manager: PersonNamed | None
    confidential: bool
    left_on: DayText | None
    version: int
    page: str


class PortfolioGiven(Given):
    """Projects that are looked at and decided on together."""

    ref: str
    name: str
    currency: str
    prefix: str
    unit: str | None
    confidential: bool
    ended_on: DayText | None
    version: int
    page: str


class ProgrammeGiven(Given):
    """Related projects of a portfolio, managed for a common outcome."""

    ref: str
    name: str
    portfolio: str
    unit: str | None
    confidential: bool
    ended_on: DayText | None
    version: int
    page: str


class HolderGiven(Given):
    """Who is sponsor or manager of a project, and since when."""

    uid: UidText
    part: Literal["sponsor", "manager"]
    person: PersonNamed
    from_on: DayText


class Facts(Sent):
    """What is declared about a project. What is left out stays as it is; null says that it is unknown."""

    category: Short = ""
    approach: Approach | None = None
    stage: Stage | None = None
    confidence: Confidence | None = None
    confidence_note: Long = ""
    schedule_note: Long = ""
    cost_note: Long = ""
    description: Long = ""
    narrative: Long = ""
    baseline_start: Day | None = None
    baseline_finish: Day | None = None
    forecast_start: Day | None = None
    forecast_finish: Day | None = None
    actual_start: Day | None = None
    actual_finish: Day | None = None
    approved_budget: Amount | None = None
    whole_life_cost: Amount | None = None
    forecast_cost: Amount | None = None
    spent: Amount | None = None
    benefits: Amount | None = None
    units_affected: Count | None = None
    novelty: Judged3 | None = Field(None, description="Technology: 0 known to us to 3 new to everybody.")
    criticality: Judged4 | None = Field(None, description="0 nobody would notice to 4 the business stops.")
    sensitivity: Judged3 | None = Field(None, description="Data: 0 public to 3 special categories.")
    external_dependency: Judged2 | None = Field(None, description="On outsiders: 0 none to 2 on the critical path.")
    experience_gap: Judged2 | None = Field(None, description="Missing in the team: 0 done before to 2 first time.")
    regulatory_critical: bool | None = None


class ProjectSent(Facts):
    """A new project: portfolio and name are enough."""

    portfolio: Ref
    name: ProjectName
    programme: Ref | None = None
    unit: Ref | None = None
    external_id: Short = ""


class ProjectChange(Facts):
    """
    Some facts of a project, its name or unit, and why; where it lies: in a portfolio, and there in a programme or none.

    left_on takes it out of its register on a day, null brings it back.
    """

    name: ProjectName | None = None
    unit: Ref | None = None
    portfolio: Ref | None = None
    programme: Ref | None = None
    left_on: Day | None = None
    reason: Reason = ""


class PortfolioChange(Sent):
    """Another name, another unit, an end (null takes it away); from a day on and why."""

    name: Name | None = None
    unit: Ref | None = None
    ended_on: Day | None = None
    effective_on: Day | None = None
    reason: Reason = ""


class ProgrammeChange(Sent):
    """Another name, another portfolio, an end (null takes it away); from a day on and why."""

    name: Name | None = None
    portfolio: Ref | None = None
    ended_on: Day | None = None
    effective_on: Day | None = None
    reason: Reason = ""


class PortfolioSent(Sent):
    """A new portfolio."""

    name: Name
    ref: Ref
    currency: Currency
    unit: Ref | None = None
    confidential: bool = False


class ProgrammeSent(Sent):
    """A new programme of a portfolio."""

    portfolio: Ref
    name: Name
    ref: Ref
    unit: Ref | None = None
    confidential: bool = False


class HolderSent(Sent):
    """Who is to be sponsor or manager."""

    part: Literal["sponsor", "manager"]
    person: Uid
    from_on: Day | None = None


class CircleSent(Sent):
    """Whether a project exists only for those named in it."""

    confidential: bool
