"""A small organisation in which every service can be tried."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from quarterdeck.core import access, rights, store
from quarterdeck.core.access import Actor
from quarterdeck.core.models import Account, Holding, Node, Person, Role
from quarterdeck.core.rights import Right
from quarterdeck.core.tests import make as core
from quarterdeck.projects.models import Portfolio, Programme, Project
from quarterdeck.projects.tests import make

NOW = core.MONDAY
TODAY = NOW.date()


@dataclass
class World:
    """
    What rows act on. A domain that needs more makes it in `given`.

    owner is the person of every trial, before their rights are cut down to those of the trial; actor is the same person
    (or another one, for trials by others) as they act.
    """

    admin: Actor
    top: Node
    unit: Node
    below: Node
    elsewhere: Node
    portfolio: Portfolio
    programme: Programme
    project: Project
    person: Person
    account: Account
    other: Portfolio
    places: dict[str, Node] = field(default_factory=dict)
    owner: Actor = None  # type: ignore[assignment]
    owner_account: Account = None  # type: ignore[assignment]
    actor: Actor = None  # type: ignore[assignment]


def build() -> World:
    """The world, made by the first administrator; call it inside a transaction."""
    admin = core.admin()
    top = core.top()
    unit = core.unit("Works", top)
    below = core.unit("Streets", unit)
    elsewhere = core.unit("Parks", top)
    portfolio = make.portfolio("Roads", ref="ROADS", unit=unit)
    programme = make.programme(portfolio, "Bridges")
    project = make.project(portfolio, "Bridge", programme=programme)
    other = make.portfolio("Gardens", ref="GARDENS", unit=elsewhere)
    person = core.person("Paula Plain")
    world = World(
        admin, top, unit, below, elsewhere, portfolio, programme, project, person, core.account(person), other
    )
    world.places = {
        "top": top, "unit": unit, "portfolio": portfolio.node, "programme": programme.node, "project": project.node,
        "elsewhere": elsewhere, "other": other.node,
    }  # fmt: skip
    return world


def holder(given: set[Right], place: Node, *, known: Person | None = None) -> tuple[Person, Holding]:
    """Somebody who holds exactly these rights at one place."""
    someone = known or core.person()
    number = Role.objects.count()
    role = store.create(
        Role(code=f"trial-{number}", name=f"Trial {number}", rights=sorted(each.code for each in given)), core.why()
    )
    held = store.create(Holding(person=someone, role=role, node=place, from_on=date(2020, 1, 1)), core.why())
    return someone, held


def everything() -> set[Right]:
    return set(rights.ALL.values())


def acting(account: Account, *, confirmed: bool = True) -> Actor:
    return access.actor_of_account(account, now=NOW, confirmed_at=NOW if confirmed else None)


def of(found: Any) -> Any:
    """The same thing, read again, as a page would find it."""
    return type(found)._default_manager.get(pk=found.pk)
