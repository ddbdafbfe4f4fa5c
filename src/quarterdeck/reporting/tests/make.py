"""Builders for tests of the dashboard: rows for the rules, and a small portfolio on two days for the pages."""

from datetime import date
from decimal import Decimal
from typing import Any

from quarterdeck.core import access
from quarterdeck.core.models import Account, Node, Person
from quarterdeck.core.tests import make as core
from quarterdeck.projects import services
from quarterdeck.projects.models import Portfolio, Project
from quarterdeck.projects.tests import make as projects
from quarterdeck.reporting.rules import Before, Earlier, Row

THEN, NOW = date(2025, 9, 30), date(2026, 9, 30)


def row(key: int = 1, **facts: Any) -> Row:
    """A project of which nothing is known but its id."""
    empty = Row(key, None, None, "", None, "N", None, None, None, None, None)
    for name in ("cost", "approved"):
        if facts.get(name) is not None:
            facts[name] = Decimal(facts[name])
    return empty._replace(**facts)


def state(*rows: Row) -> dict[int, Row]:
    return {each.id: each for each in rows}


def earlier(*rows: Row, left: tuple[Row, ...] = ()) -> Earlier:
    """An earlier day on which these were there; left are those that are not there any more."""
    there = [*rows, *left]
    return Earlier(
        {each.id: Before(each.id, each.confidence, each.start, each.finish, each.cost) for each in there}, state(*left)
    )


def account(role: str = "", on: Node | None = None, name: str = "") -> Account:
    """Somebody who can sign in, with a role at a node or with none."""
    person: Person = core.person(name)
    if role:
        core.grant(person, role, on or core.top())
    return core.account(person)


def first_day(of: Portfolio) -> None:
    """Four projects on the first day: two with a cost, three with a finish."""
    projects.recorded(
        of, THEN, "A", "Tariff engine", confidence="A", forecast_finish=date(2026, 6, 30), whole_life_cost=100
    )
    projects.recorded(
        of, THEN, "B", "Leakage analytics", confidence="G", forecast_finish=date(2026, 3, 31), whole_life_cost=50
    )
    projects.recorded(of, THEN, "C", "Field crew mobile", confidence="AR", forecast_finish=date(2027, 1, 31))
    projects.recorded(of, THEN, "D", "Pump efficiency", confidence="R", unknown={"forecast_finish": "Under review."})
    services.take_snapshot(core.admin(), of, on=THEN, label="2025.csv", rows=4, now=core.MONDAY, source="import")


def second_day(of: Portfolio) -> None:
    """A slips and grows, B stays, C is renamed and better, D leaves, E is new."""
    projects.recorded(
        of, NOW, "A", "Tariff engine", confidence="R", forecast_finish=date(2027, 3, 31), whole_life_cost=120
    )
    projects.recorded(
        of, NOW, "B", "Leakage analytics", confidence="G", forecast_finish=date(2026, 3, 31), whole_life_cost=50
    )
    projects.recorded(of, NOW, "C", "Field work mobile", confidence="A", forecast_finish=date(2027, 1, 31))
    projects.recorded(of, NOW, "E", "Data centre exit", whole_life_cost=30, unknown={"confidence": "Exempt."})
    gone = Project.objects.get(external_id="D", portfolio=of)
    services.leave_register(core.admin(), gone, on=NOW, now=core.MONDAY, reason="2026.csv")
    services.take_snapshot(core.admin(), of, on=NOW, label="2026.csv", rows=4, now=core.MONDAY, source="import")


def two_days(ref: str = "PF") -> Portfolio:
    """A portfolio with both days."""
    made = projects.portfolio(ref=ref, effective_on=THEN)
    first_day(made)
    second_day(made)
    return made


def actor(of: Account) -> access.Actor:
    return access.actor_of_account(of, now=core.MONDAY)
