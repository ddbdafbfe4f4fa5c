"""
Who may do what, decided once.

An actor carries the nodes at which each right is held today. A right held at a node reaches everything below it,
except past a confidential node that shuts the holder out (`NodePath.open`).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from quarterdeck.core import rights
from quarterdeck.core.errors import ConfirmFirst, NotAllowed, NotFound
from quarterdeck.core.models import Account, Holding, Node, NodePath, Person
from quarterdeck.core.rights import Right

NOBODY: frozenset[int] = frozenset()
CONFIRMED_FOR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Actor:
    """
    Somebody who asks or acts: the person, and for each right the nodes at which it is held. top is the whole.

    account_id : the account they signed in with; None where nobody did, as in a job.
    confirmed_at : when they last proved who they are; None for a key of the API, which never does.
    needs_second_factor : a role of theirs asks for a second factor.
    """

    person_id: int
    on: date
    grants: dict[str, frozenset[int]] = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    top: int | None = None
    account_id: int | None = None
    confirmed_at: datetime | None = None
    needs_second_factor: bool = False

    def nodes(self, right: Right) -> frozenset[int]:
        """Nodes at which the right is held, not counting what lies below them."""
        return self.grants.get(right.code, NOBODY)

    def holds(self, right: Right) -> bool:
        """Whether the right is held anywhere."""
        return bool(self.nodes(right))

    @property
    def person(self) -> Person:
        """The person behind the actor."""
        return Person.objects.get(pk=self.person_id)


def in_force(day: date, field: str = "") -> Q:
    """The condition of a holding that counts on a day. field: where the holding is, such as `holdings__`."""
    return Q(**{f"{field}from_on__lte": day}) & (
        Q(**{f"{field}to_on__isnull": True}) | Q(**{f"{field}to_on__gte": day})
    )


def actor_of(
    person: Person | int, *, now: datetime, account_id: int | None = None, confirmed_at: datetime | None = None
) -> Actor:
    """What a person holds on the day of `now`, in one query. Asked in the present, also when reading the past."""
    person_id = person if isinstance(person, int) else person.pk
    today = now.date()
    held = Holding.objects.filter(in_force(today), person_id=person_id).values_list(
        "node_id", "role__rights", "role__name", "role__needs_second_factor"
    )
    needs_second_factor = False
    grants: dict[str, set[int]] = defaultdict(set)
    roles: dict[str, None] = {}
    for node_id, codes, name, asks in held:
        needs_second_factor |= asks
        roles.setdefault(name)
        for code in codes:
            grants[code].add(node_id)
    held_at = {code: frozenset(nodes) for code, nodes in grants.items()}
    return Actor(person_id, today, held_at, tuple(roles), top_id(), account_id, confirmed_at, needs_second_factor)


def actor_of_account(account: Account, *, now: datetime, confirmed_at: datetime | None = None) -> Actor:
    """The actor behind an account. An account that was switched off acts with no right at all."""
    if not account.is_active:
        return Actor(account.person_id, now.date(), account_id=account.pk)
    return actor_of(account.person_id, now=now, account_id=account.pk, confirmed_at=confirmed_at)


def reached(actor: Actor, right: Right) -> "QuerySet[NodePath, int]":
    """Ids of the nodes that a right of the actor reaches, as a subquery."""
    return NodePath.objects.filter(ancestor_id__in=actor.nodes(right), open=True).values_list("descendant_id")  # type: ignore[return-value]


def within_reach(actor: Actor, right: Right, field: str = "node_id") -> Q:
    """
    The condition that a right of the actor reaches the node in a field.

    Who holds it at the top reaches everything but what is shut, which is little; asking for that little keeps a list
    of ten thousand quick.
    """
    held = actor.nodes(right)
    if not held:
        return Q(pk__in=[])
    if actor.top not in held:
        return Q(**{f"{field}__in": reached(actor, right)})
    shut = NodePath.objects.filter(ancestor_id=actor.top, open=False).values_list("descendant_id")
    condition = ~Q(**{f"{field}__in": shut})
    others = held - {actor.top}
    if others:
        inside = NodePath.objects.filter(ancestor_id__in=others, open=True).values_list("descendant_id")
        condition |= Q(**{f"{field}__in": inside})
    return condition


def visible_nodes(actor: Actor, right: Right = rights.SEE_ORGANISATION) -> QuerySet[Node]:
    """Nodes that a right of the actor reaches."""
    return Node.objects.filter(within_reach(actor, right, "pk"))


def may(actor: Actor, right: Right, *, on: Node | int) -> bool:
    """Whether the right reaches the node."""
    held = actor.nodes(right)
    if not held:
        return False
    node_id = on if isinstance(on, int) else on.pk
    return NodePath.objects.filter(ancestor_id__in=held, descendant_id=node_id, open=True).exists()


def require(actor: Actor, right: Right, *, on: Node | int | None, seen_by: Right | None = None) -> None:
    """
    Refuse unless the right reaches the node (None: unless it is held at the top of the organisation).

    seen_by is the right that lets one see the thing: without it the answer is NotFound, so that unknown and
    forbidden look the same; with it the answer is NotAllowed and names the missing right.
    """
    target = top_id() if on is None else on
    if target is not None and may(actor, right, on=target):
        return
    if seen_by is not None and target is not None and not may(actor, seen_by, on=target):
        raise NotFound
    raise NotAllowed(f"You may not do this here. It needs the right “{right.label}”.")


def require_confirmed(actor: Actor, *, now: datetime) -> None:
    """For acts of consequence: refuse unless the actor proved within the last minutes who they are."""
    if actor.confirmed_at is None or now - actor.confirmed_at > CONFIRMED_FOR:
        raise ConfirmFirst


def top_id() -> int | None:
    """The node of the whole organisation."""
    return Node.objects.filter(kind="unit", unit__isnull=True).values_list("pk", flat=True).first()
