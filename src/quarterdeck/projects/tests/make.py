"""Builders for tests about projects."""

from datetime import date, datetime
from typing import Any

from quarterdeck.core.access import Actor
from quarterdeck.core.models import Node
from quarterdeck.core.tests import make as core
from quarterdeck.projects import services
from quarterdeck.projects.models import Portfolio, Programme, Project

MONDAY = core.MONDAY


def portfolio(name: str = "Norhaven IT", ref: str = "", **more: Any) -> Portfolio:
    number = Portfolio.objects.count() + 1
    return services.add_portfolio(
        core.admin(), name=name, ref=ref or f"P{number}", currency="EUR", prefix=f"N{number}", now=MONDAY, **more
    )


def programme(of: Portfolio, name: str = "One Norhaven", **more: Any) -> Programme:
    number = Programme.objects.count() + 1
    return services.add_programme(core.admin(), of, name=name, ref=f"PG{number}", now=MONDAY, **more)


def project(of: Portfolio | None = None, name: str = "Tariff engine", unit: Node | None = None, **more: Any) -> Project:
    facts = more.pop("facts", {})
    return services.add_project(
        more.pop("by", None) or core.admin(), of or portfolio(), name=name, facts=facts, now=MONDAY, unit=unit, **more
    )


def recorded(
    of: Portfolio,
    on: date,
    external_id: str = "X-1",
    name: str = "Tariff engine",
    by: Actor | None = None,
    now: datetime = MONDAY,
    unknown: dict[str, str] | None = None,
    **facts: Any,
) -> services.Outcome:
    """What a file of a day says about one project."""
    return services.record_project(
        by or core.admin(),
        of,
        external_id=external_id,
        name=name,
        facts=facts,
        unknown=unknown or {},
        now=now,
        effective_on=on,
        reason="register.csv",
    )
