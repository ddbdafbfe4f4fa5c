"""Operations on portfolios, programmes and projects."""

from typing import Annotated, Any, Literal

from django.urls import reverse
from django.utils.translation import gettext as _
from pydantic import Field

from quarterdeck.core import access, objects
from quarterdeck.core.api import (
    Amount,
    Answer,
    Call,
    Day,
    Given,
    Line,
    Name,
    Reason,
    Ref,
    Sent,
    Uid,
    Words,
    check_unchanged,
    get,
    patch,
    post,
)
from quarterdeck.core.errors import NotFound, Refused
from quarterdeck.core.models import Holding, Node
from quarterdeck.projects import queries, services
from quarterdeck.projects.models import Portfolio, Programme, Project
from quarterdeck.projects.services.projects import FACTS, HOLDERS

TAGS = ["Projects"]
Approach = Literal["predictive", "agile", "hybrid"]
Stage = Literal["proposed", "initiating", "planning", "executing", "closing", "closed", "on_hold", "stopped"]
Confidence = Literal["G", "AG", "A", "AR", "R"]
Count = Annotated[int, Field(ge=0, le=32_767)]
ProjectName = Annotated[Line, Field(max_length=300)]
Short = Annotated[Words, Field(max_length=120)]
Long = Annotated[Words, Field(max_length=20_000)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
# Null clears them; the tables keep an empty text.
CHOICES = ("approach", "stage", "confidence")


class PersonNamed(Given):
    """A person, as others name them."""

    uid: str
    name: str


class ProjectGiven(Given):
    """A project with everything that is declared about it. What is unknown is null, its reason in `unknown`."""

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
    baseline_start: str | None
    baseline_finish: str | None
    forecast_start: str | None
    forecast_finish: str | None
    actual_start: str | None
    actual_finish: str | None
    currency: str
    approved_budget: str | None
    whole_life_cost: str | None
    forecast_cost: str | None
    spent: str | None
    benefits: str | None
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
    left_on: str | None
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
    version: int
    page: str


class ProgrammeGiven(Given):
    """Related projects of a portfolio, managed for a common outcome."""

    ref: str
    name: str
    portfolio: str
    unit: str | None
    confidential: bool
    version: int
    page: str


class HolderGiven(Given):
    """Who is sponsor or manager of a project, and since when."""

    uid: str
    part: Literal["sponsor", "manager"]
    person: PersonNamed
    from_on: str


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
    novelty: Annotated[int, Field(ge=0, le=3)] | None = None
    criticality: Annotated[int, Field(ge=0, le=4)] | None = None
    sensitivity: Annotated[int, Field(ge=0, le=3)] | None = None
    external_dependency: Annotated[int, Field(ge=0, le=2)] | None = None
    experience_gap: Annotated[int, Field(ge=0, le=2)] | None = None
    regulatory_critical: bool | None = None


class ProjectSent(Facts):
    """A new project: portfolio and name are enough."""

    portfolio: Ref
    name: ProjectName
    programme: Ref | None = None
    unit: Ref | None = None
    external_id: Short = ""


class ProjectChange(Facts):
    """Some facts of a project, its name or its unit, and why."""

    name: ProjectName | None = None
    unit: Ref | None = None
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


@get("/projects/{ref}", ProjectGiven, name="api_project", tags=TAGS)
def project(request: Call, ref: str) -> Answer:
    """A project."""
    return Answer(project_data(queries.project(request.actor, ref)))


@post("/projects", ProjectGiven, name="api_projects", tags=TAGS)
def add_project(request: Call, body: ProjectSent) -> Answer:
    """Add a project to a portfolio."""
    made = services.add_project(
        request.actor,
        named(request, "portfolio", body.portfolio, "portfolio"),
        name=body.name,
        facts=_facts(body),
        unit=unit_named(request, body.unit),
        programme=named(request, "programme", body.programme, "programme") if body.programme else None,
        external_id=body.external_id,
        now=request.now,
    )
    return _made(project_data(queries.project(request.actor, made.ref)), "api_project", made.ref)


@patch("/projects/{ref}", ProjectGiven, name="api_project", tags=TAGS)
def change_project(request: Call, ref: str, body: ProjectChange) -> Answer:
    """Change some facts of a project."""
    found = queries.project(request.actor, ref)
    check_unchanged(request, project_data(found))
    services.change_project(
        request.actor,
        found,
        _facts(body),
        name=body.name,
        unit=unit_named(request, body.unit),
        reason=body.reason,
        now=request.now,
    )
    return Answer(project_data(queries.project(request.actor, ref)))


@post("/projects/{ref}/holders", HolderGiven, name="api_project_holders", tags=TAGS)
def name_holder(request: Call, ref: str, body: HolderSent) -> Answer:
    """Name the sponsor or the manager of a project."""
    held = services.name_holder(
        request.actor,
        queries.project(request.actor, ref),
        body.part,
        named(request, "person", body.person, "person"),
        from_on=body.from_on,
        now=request.now,
    )
    return Answer(
        {"uid": held.uid, "part": body.part, "person": person_data(held), "from_on": held.from_on},
        status=201,
        single=False,
    )


@post("/projects/{ref}/circle", ProjectGiven, name="api_project_circle", status=200, tags=TAGS)
def circle(request: Call, ref: str, body: CircleSent) -> Answer:
    """Hide a project from all outside its circle, or open it."""
    found = queries.project(request.actor, ref)
    services.make_confidential(request.actor, found, confidential=body.confidential, now=request.now)
    # Who hides a project holds a role in its circle from now on.
    actor = access.actor_of_account(request.account, now=request.now)
    return Answer(project_data(queries.project(actor, ref)))


@get("/portfolios/{ref}", PortfolioGiven, name="api_portfolio", tags=TAGS)
def portfolio(request: Call, ref: str) -> Answer:
    """A portfolio."""
    return Answer(portfolio_data(queries.portfolio(request.actor, ref)))


@post("/portfolios", PortfolioGiven, name="api_portfolios", tags=TAGS)
def add_portfolio(request: Call, body: PortfolioSent) -> Answer:
    """Make a portfolio below a unit; without one, below the whole organisation."""
    made = services.add_portfolio(
        request.actor,
        name=body.name,
        ref=body.ref,
        currency=body.currency,
        unit=unit_named(request, body.unit),
        confidential=body.confidential,
        now=request.now,
    )
    return _made(portfolio_data(made), "api_portfolio", made.ref)


@get("/programmes/{ref}", ProgrammeGiven, name="api_programme", tags=TAGS)
def programme(request: Call, ref: str) -> Answer:
    """A programme."""
    return Answer(programme_data(objects.find(request.actor, "programme", ref)))


@post("/programmes", ProgrammeGiven, name="api_programmes", tags=TAGS)
def add_programme(request: Call, body: ProgrammeSent) -> Answer:
    """Make a programme within a portfolio."""
    made = services.add_programme(
        request.actor,
        named(request, "portfolio", body.portfolio, "portfolio"),
        name=body.name,
        ref=body.ref,
        unit=unit_named(request, body.unit),
        confidential=body.confidential,
        now=request.now,
    )
    return _made(programme_data(made), "api_programme", made.node.ref)


def named(request: Call, kind: str, key: str, field: str) -> Any:
    """What a field of the body names; refused alike for what does not exist and what is hidden."""
    try:
        return objects.find(request.actor, kind, key)
    except NotFound as refusal:
        sentence = _("There is no such thing, or you have no access to it.")
        raise Refused("not_found", sentence, {field: sentence}) from refusal


def unit_named(request: Call, ref: str | None) -> Node | None:
    """The unit of a reference, among those that a project can belong to."""
    if ref is None:
        return None
    found = queries.units_to_choose(request.actor).filter(ref__iexact=ref).first()
    if found is None:
        sentence = _("There is no such thing, or you have no access to it.")
        raise Refused("not_found", sentence, {"unit": sentence})
    return found


def _facts(body: Facts) -> dict[str, Any]:
    """The facts that were sent."""
    given = body.model_dump(include=set(FACTS), exclude_unset=True)
    return {name: "" if value is None and name in CHOICES else value for name, value in given.items()}


def _made(data: dict[str, Any], route: str, key: str) -> Answer:
    return Answer(data, status=201, location=reverse(route, args=[key]))


def person_data(held: Holding) -> dict[str, Any]:
    return {"uid": held.person.uid, "name": held.person.name}


def _unit(node: Node) -> str | None:
    return node.unit.ref if node.unit else None


def project_data(found: Project) -> dict[str, Any]:
    """A project as it is answered. The question brought who holds what."""
    data: dict[str, Any] = {name: getattr(found, name) for name in FACTS}
    data |= {name: data[name] or None for name in CHOICES}
    held = {part: _holder(found, role) for part, role in HOLDERS.items()}
    return {
        "ref": found.ref,
        "name": found.name,
        "portfolio": found.portfolio.ref,
        "programme": found.programme.node.ref if found.programme else None,
        "unit": _unit(found.node),
        "external_id": found.external_id,
        **data,
        "currency": found.currency,
        "tier": found.tier,
        "tier_provisional": found.tier_provisional,
        "unknown": found.unknown,
        **held,
        "confidential": found.node.confidential,
        "left_on": found.left_on,
        "version": found.version,
        "page": reverse("project", args=[found.ref]),
    }


def _holder(found: Project, role: str) -> dict[str, Any] | None:
    held = next((each for each in found.node.held if each.role.code == role), None)  # type: ignore[attr-defined]
    return person_data(held) if held else None


def portfolio_data(found: Portfolio) -> dict[str, Any]:
    return {
        "ref": found.ref,
        "name": found.name,
        "currency": found.currency,
        "prefix": found.prefix,
        "unit": _unit(found.node),
        "confidential": found.node.confidential,
        "version": found.version,
        "page": objects.kind("portfolio").address(found),
    }


def programme_data(found: Programme) -> dict[str, Any]:
    return {
        "ref": found.node.ref,
        "name": found.name,
        "portfolio": found.portfolio.ref,
        "unit": _unit(found.node),
        "confidential": found.node.confidential,
        "version": found.version,
        "page": objects.kind("programme").address(found),
    }
