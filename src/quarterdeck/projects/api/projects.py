"""Operations on projects."""

from typing import Any

from django.urls import reverse

from quarterdeck.core import access
from quarterdeck.core.api import Answer, Call, check_unchanged, get, made, named, patch, person_named, post
from quarterdeck.projects import queries, services
from quarterdeck.projects.api.shapes import (
    CHOICES,
    TAGS,
    CircleSent,
    Facts,
    HolderGiven,
    HolderSent,
    ProjectChange,
    ProjectGiven,
    ProjectSent,
)
from quarterdeck.projects.api.units import unit_named, unit_of
from quarterdeck.projects.models import Portfolio, Programme, Project
from quarterdeck.projects.services.projects import FACTS, HOLDERS


@get("/projects/{ref}", ProjectGiven, name="api_project", tags=TAGS)
def project(request: Call, ref: str) -> Answer:
    """A project."""
    return Answer(project_data(queries.project(request.actor, ref)))


@post("/projects", ProjectGiven, name="api_projects", tags=TAGS)
def add_project(request: Call, body: ProjectSent) -> Answer:
    """Add a project to a portfolio."""
    new = services.add_project(
        request.actor,
        named(request, "portfolio", body.portfolio, "portfolio"),
        name=body.name,
        facts=_facts(body),
        unit=unit_named(request, body.unit),
        programme=named(request, "programme", body.programme, "programme") if body.programme else None,
        external_id=body.external_id,
        now=request.now,
    )
    return made(project_data(queries.project(request.actor, new.ref)), "api_project", new.ref)


@patch("/projects/{ref}", ProjectGiven, name="api_project", tags=TAGS)
def change_project(request: Call, ref: str, body: ProjectChange) -> Answer:
    """Change some facts of a project."""
    found = queries.project(request.actor, ref)
    check_unchanged(request, project_data(found))
    when: dict[str, Any] = {"now": request.now, "reason": body.reason}
    services.change_project(
        request.actor, found, _facts(body), name=body.name, unit=unit_named(request, body.unit), **when
    )
    if {"portfolio", "programme"} & body.model_fields_set:
        services.move_project(request.actor, found, to=_place(request, found, body), **when)
    if body.left_on is not None:
        services.take_out_project(request.actor, found, on=body.left_on, **when)
    elif "left_on" in body.model_fields_set:
        services.bring_back_project(request.actor, found, **when)
    return Answer(project_data(queries.project(request.actor, ref)))


def _place(request: Call, found: Project, body: ProjectChange) -> Portfolio | Programme:
    """Where a project is to lie."""
    if body.programme is not None:
        return named(request, "programme", body.programme, "programme")  # type: ignore[no-any-return]
    if body.portfolio is not None:
        return named(request, "portfolio", body.portfolio, "portfolio")  # type: ignore[no-any-return]
    return found.portfolio


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
        {"uid": held.uid, "part": body.part, "person": person_named(held.person), "from_on": held.from_on},
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


def _facts(body: Facts) -> dict[str, Any]:
    """The facts that were sent."""
    given = body.model_dump(include=set(FACTS), exclude_unset=True)
    return {name: "" if value is None and name in CHOICES else value for name, value in given.items()}


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
        "unit": unit_of(found.node),
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
    return person_named(held.person) if held else None
