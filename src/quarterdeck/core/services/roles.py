"""Roles, and people who hold them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from quarterdeck.core import access, ledger, rights, store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Holding, Node, Person, Role
from quarterdeck.core.rights import Right

# What is founded holds on every day that somebody may look back to.
ALWAYS = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class StandardRole:
    """A role every installation begins with."""

    code: str
    name: str
    description: str
    rights: tuple[Right, ...]
    single: bool = False


STANDARD: dict[str, StandardRole] = {}


def standard_role(code: str, name: str, description: str, given: Iterable[Right], *, single: bool = False) -> None:
    """Declare a standard role, or add rights of a higher domain to it."""
    known = STANDARD.get(code)
    if known is None:
        STANDARD[code] = StandardRole(code, name, description, tuple(given), single)
    else:
        STANDARD[code] = StandardRole(
            code, known.name, known.description, tuple(dict.fromkeys((*known.rights, *given))), known.single
        )


def extend_role(codes: Iterable[str], given: Iterable[Right]) -> None:
    """Give rights of a higher domain to standard roles."""
    for code in codes:
        standard_role(code, "", "", given)


def standard_roles_are_current() -> bool:
    """Whether every standard role is there with the rights of this release; true before the founding."""
    kept = dict(Role.objects.filter(code__in=STANDARD).values_list("code", "rights"))
    if not kept:
        return True
    return all({right.code for right in role.rights} <= set(kept.get(code, ())) for code, role in STANDARD.items())


@transaction.atomic
def ensure_standard_roles(*, now: datetime) -> None:
    """Make the standard roles that are missing, and give the existing ones the rights that came with an upgrade."""
    existing = {role.code: role for role in Role.objects.all()}
    why = store.Because(None, now, "Standard roles", ALWAYS)
    for code, standard in STANDARD.items():
        codes = [right.code for right in standard.rights]
        role = existing.get(code)
        if role is None:
            store.create(
                Role(
                    code=code,
                    name=standard.name,
                    description=standard.description,
                    rights=codes,
                    single=standard.single,
                ),
                why,
            )
        elif missing := [right for right in codes if right not in role.rights]:
            role.rights = [*role.rights, *missing]
            store.save(role, store.Because(None, now, "Standard roles"), fields=["rights"])


@transaction.atomic
def give_role(
    actor: Actor,
    person: Person,
    role: Role,
    *,
    on: Node,
    now: datetime,
    from_on: date | None = None,
    acting: bool = False,
) -> Holding:
    """
    Let a person hold a role at a node from a day on.

    A single role passes on: who held it before ends the day before. Nobody gives rights they do not hold there.
    """
    access.require(actor, rights.MANAGE_ORGANISATION, on=on, seen_by=rights.SEE_ORGANISATION)
    require_rights_of(actor, role, on=on)
    day = from_on or now.date()
    return hold(person, role, on=on, from_on=day, acting=acting, why=store.Because(actor.person_id, now), actor=actor)


def require_rights_of(actor: Actor, role: Role, *, on: Node) -> None:
    """Refuse to give a role that carries a right which the giver does not hold at the node."""
    for code in role.rights:
        known = rights.ALL.get(code)
        if known is not None and not access.may(actor, known, on=on):
            raise Refused(
                "more_than_held",
                f"You cannot give the role {role.name} here: it carries the right “{known.label}”, "
                "which you do not hold here yourself.",
            )


def hold(
    person: Person,
    role: Role,
    *,
    on: Node,
    from_on: date,
    why: store.Because,
    actor: Actor | None,
    acting: bool = False,
    to_on: date | None = None,
    noted: bool = True,
) -> Holding:
    """
    Write a holding; for services that have checked the right of who asks. Holding it already changes nothing.

    noted: write it into the ledger; an import writes one entry for all its rows instead.
    """
    running = list(Holding.objects.filter(node=on, role=role, to_on__isnull=True))
    own = next((holding for holding in running if holding.person_id == person.pk), None)
    if own is not None:
        return own
    if role.single and not acting:
        for other in (holding for holding in running if not holding.acting):
            end_holding_on(other, last_day=from_on - timedelta(days=1), why=why, actor=actor, noted=noted)
    holding = store.create(
        Holding(person=person, role=role, node=on, from_on=from_on, to_on=to_on, acting=acting, single=role.single),
        why,
    )
    if not noted:
        return holding
    ledger.record(
        actor,
        "core.role.given",
        on=holding,
        at=why.now,
        person=person.pk,
        role=role.code,
        node=on.pk,
        from_on=from_on,
        acting=acting,
    )
    return holding


def end_holding_on(
    holding: Holding, *, last_day: date, why: store.Because, actor: Actor | None, noted: bool = True
) -> Holding:
    """
    Write the end of a holding; for services that have checked the right of who asks.

    One that ends before it begins never counts: access that was given by mistake is gone with the next request.
    """
    holding.to_on = max(last_day, holding.from_on - timedelta(days=1))
    store.save(holding, why, fields=["to_on"])
    if noted:
        ledger.record(actor, "core.role.ended", on=holding, at=why.now, person=holding.person_id, to_on=holding.to_on)
    return holding


@transaction.atomic
def end_holding(actor: Actor, holding: Holding, *, last_day: date | None = None, now: datetime) -> Holding:
    """End a holding on a day (default: yesterday, so that the access ends with the next request)."""
    access.require(actor, rights.MANAGE_ORGANISATION, on=holding.node_id, seen_by=rights.SEE_ORGANISATION)
    if holding.role.code == "administrator" and not _another_administrator(holding, now.date()):
        raise Refused(
            "last_administrator",
            "This is the last administrator. Give the role to somebody else first.",
        )
    if holding.to_on is not None:
        raise Refused("ended_already", f"This holding ended on {holding.to_on:%-d %b %Y}.")
    day = last_day or date.fromordinal(now.date().toordinal() - 1)
    return end_holding_on(holding, last_day=day, why=store.Because(actor.person_id, now), actor=actor)


def _another_administrator(holding: Holding, today: date) -> bool:
    return (
        Holding.objects.filter(role=holding.role, node_id=holding.node_id, from_on__lte=today)
        .filter(Q(to_on__isnull=True) | Q(to_on__gt=today))
        .exclude(pk=holding.pk)
        .exists()
    )
