"""Builders for tests: each makes the least that is true."""

from datetime import UTC, date, datetime
from itertools import count

from quarterdeck.core import access, store
from quarterdeck.core.access import Actor
from quarterdeck.core.models import Account, Holding, Node, Organisation, Person, Role
from quarterdeck.core.services import accounts, roles

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_numbers = count(1)


def why(now: datetime = MONDAY, effective_on: date | None = None) -> store.Because:
    return store.Because(None, now, effective_on=effective_on)


def organisation(now: datetime = MONDAY) -> Organisation:
    """The organisation with its first administrator, Ada Archer."""
    found, _account = accounts.found_organisation(
        name="Norhaven", admin_name="Ada Archer", admin_email="ada@norhaven.example", now=now
    )
    return found


def top() -> Node:
    organisation()
    return Node.objects.get(kind="unit", unit__isnull=True)


def admin(now: datetime = MONDAY) -> Actor:
    organisation()
    return signed_in(accounts.first_administrator(), now=now)


def signed_in(account: Account, now: datetime = MONDAY) -> Actor:
    """Who just proved to be the owner of an account."""
    return access.actor_of_account(account, now=now, confirmed_at=now)


def unit(name: str = "", parent: Node | None = None, effective_on: date | None = None) -> Node:
    number = next(_numbers)
    return store.create(
        Node(kind="unit", ref=f"U{number}", name=name or f"Unit {number}", unit=parent or top()),
        why(effective_on=effective_on),
    )


def secret_unit(name: str = "", parent: Node | None = None) -> Node:
    """A confidential unit with nobody inside its circle."""
    number = next(_numbers)
    return store.create(
        Node(kind="unit", ref=f"U{number}", name=name or f"Unit {number}", unit=parent or top(), confidential=True),
        why(),
    )


def person(name: str = "") -> Person:
    number = next(_numbers)
    return accounts.new_person(name=name or f"Person {number}", email=f"person{number}@norhaven.example", why=why())


def account(of: Person | None = None) -> Account:
    someone = of or person()
    return accounts.new_account(someone, email=someone.email, why=why())


def grant(to: Person, role: str, on: Node, from_on: date = date(2020, 1, 1)) -> Holding:
    organisation()
    return roles.hold(to, Role.objects.get(code=role), on=on, from_on=from_on, why=why(), actor=None)


def actor(role: str = "", on: Node | None = None, name: str = "") -> Actor:
    """Somebody who holds a role at a node (default: at the top), or nothing."""
    someone = person(name)
    if role:
        grant(someone, role, on or top())
    return access.actor_of(someone, now=MONDAY, confirmed_at=MONDAY)
