"""A unit in which people talk, and the people."""

from dataclasses import dataclass

from quarterdeck.core import access
from quarterdeck.core.access import Actor
from quarterdeck.core.models import Node, Person
from quarterdeck.core.tests import make
from quarterdeck.core.tests.make import MONDAY


@dataclass
class Place:
    """The unit Works: Keir leads projects there, Ann analyses for the whole, Vera only reads, Olga sees nothing."""

    unit: Node
    keir: Person
    ann: Person
    vera: Person
    olga: Person

    @property
    def key(self) -> str:
        return self.unit.ref


def able(name: str, role: str = "", on: Node | None = None) -> Person:
    """Somebody who can sign in, with a role or without."""
    person = make.person(name)
    make.account(person)
    if role:
        make.grant(person, role, on or make.top())
    return person


def acting(person: Person) -> Actor:
    return access.actor_of(person, now=MONDAY)


def works() -> Place:
    """The unit Works with its people."""
    unit = make.unit("Works")
    return Place(
        unit,
        able("Keir Abelard", "programme_manager", unit),
        able("Ann Bell", "pmo_analyst"),
        able("Vera Cole", "viewer", unit),
        able("Olga Dahl"),
    )
