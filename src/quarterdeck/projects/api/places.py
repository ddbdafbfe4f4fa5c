"""Operations on portfolios and programmes."""

from typing import Any

from quarterdeck.core import objects
from quarterdeck.core.api import Answer, Call, check_unchanged, get, made, named, patch, post
from quarterdeck.projects import queries, services
from quarterdeck.projects.api.shapes import (
    TAGS,
    PortfolioChange,
    PortfolioGiven,
    PortfolioSent,
    ProgrammeChange,
    ProgrammeGiven,
    ProgrammeSent,
)
from quarterdeck.projects.api.units import unit_named, unit_of
from quarterdeck.projects.models import Portfolio, Programme


@get("/portfolios/{ref}", PortfolioGiven, name="api_portfolio", tags=TAGS)
def portfolio(request: Call, ref: str) -> Answer:
    """A portfolio."""
    return Answer(portfolio_data(queries.portfolio(request.actor, ref)))


@post("/portfolios", PortfolioGiven, name="api_portfolios", tags=TAGS)
def add_portfolio(request: Call, body: PortfolioSent) -> Answer:
    """Make a portfolio below a unit; without one, below the whole organisation."""
    new = services.add_portfolio(
        request.actor,
        name=body.name,
        ref=body.ref,
        currency=body.currency,
        unit=unit_named(request, body.unit),
        confidential=body.confidential,
        now=request.now,
    )
    return made(portfolio_data(new), "api_portfolio", new.ref)


@patch("/portfolios/{ref}", PortfolioGiven, name="api_portfolio", tags=TAGS)
def change_portfolio(request: Call, ref: str, body: PortfolioChange) -> Answer:
    """Rename a portfolio, put it elsewhere, end it or bring it back."""
    found = queries.portfolio(request.actor, ref)
    check_unchanged(request, portfolio_data(found))
    _change_place(request, found, body)
    if body.unit is not None:
        unit = named(request, "unit", body.unit, "unit")
        services.move_portfolio(request.actor, found, unit=unit, **_when(request, body))
    return Answer(portfolio_data(queries.portfolio(request.actor, ref)))


@get("/programmes/{ref}", ProgrammeGiven, name="api_programme", tags=TAGS)
def programme(request: Call, ref: str) -> Answer:
    """A programme."""
    return Answer(programme_data(objects.find(request.actor, "programme", ref)))


@patch("/programmes/{ref}", ProgrammeGiven, name="api_programme", tags=TAGS)
def change_programme(request: Call, ref: str, body: ProgrammeChange) -> Answer:
    """Rename a programme, put it into another portfolio, end it or bring it back."""
    found = objects.find(request.actor, "programme", ref)
    check_unchanged(request, programme_data(found))
    _change_place(request, found, body)
    if body.portfolio is not None:
        target = named(request, "portfolio", body.portfolio, "portfolio")
        services.move_programme(request.actor, found, to=target, **_when(request, body))
    return Answer(programme_data(objects.find(request.actor, "programme", ref)))


def _change_place(request: Call, found: Portfolio | Programme, body: PortfolioChange | ProgrammeChange) -> None:
    if body.name is not None:
        services.rename_place(request.actor, found, name=body.name, **_when(request, body))
    if body.ended_on is not None:
        services.end_place(request.actor, found, on=body.ended_on, reason=body.reason, now=request.now)
    elif "ended_on" in body.model_fields_set:
        services.bring_back_place(request.actor, found, reason=body.reason, now=request.now)


def _when(request: Call, body: PortfolioChange | ProgrammeChange) -> dict[str, Any]:
    return {"effective_on": body.effective_on, "reason": body.reason, "now": request.now}


@post("/programmes", ProgrammeGiven, name="api_programmes", tags=TAGS)
def add_programme(request: Call, body: ProgrammeSent) -> Answer:
    """Make a programme within a portfolio."""
    new = services.add_programme(
        request.actor,
        named(request, "portfolio", body.portfolio, "portfolio"),
        name=body.name,
        ref=body.ref,
        unit=unit_named(request, body.unit),
        confidential=body.confidential,
        now=request.now,
    )
    return made(programme_data(new), "api_programme", new.node.ref)


def portfolio_data(found: Portfolio) -> dict[str, Any]:
    return {
        "ref": found.ref,
        "name": found.name,
        "currency": found.currency,
        "prefix": found.prefix,
        "unit": unit_of(found.node),
        "confidential": found.node.confidential,
        "ended_on": found.node.ended_on,
        "version": found.version,
        "page": objects.kind("portfolio").address(found),
    }


def programme_data(found: Programme) -> dict[str, Any]:
    return {
        "ref": found.node.ref,
        "name": found.name,
        "portfolio": found.portfolio.ref,
        "unit": unit_of(found.node),
        "confidential": found.node.confidential,
        "ended_on": found.node.ended_on,
        "version": found.version,
        "page": objects.kind("programme").address(found),
    }
