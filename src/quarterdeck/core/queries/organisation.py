"""The organisation, its people and who holds what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from quarterdeck.core import access, objects, rights
from quarterdeck.core.access import Actor
from quarterdeck.core.models import Holding, Job, LedgerEntry, Node, NodePath, Organisation, Person, Role
from quarterdeck.core.time import looking_at


def organisation() -> Organisation | None:
    """The organisation of this installation; None before it is founded."""
    return Organisation.objects.first()


def units(actor: Actor) -> QuerySet[Node]:
    """Units the actor may see, also those that ended."""
    return access.visible_nodes(actor).filter(kind="unit").select_related("unit").order_by("name", "pk")


def nodes_seen(actor: Actor, field: str = "pk") -> Q:
    """The condition of a place that an actor sees, each by the right of its kind. field: where the node is."""
    prefix = "" if field == "pk" else field.removesuffix("_id") + "__"
    seen = Q(pk__in=[])
    for kind in objects.kinds().values():
        if kind.code in Node.Kind.values:
            seen |= access.within_reach(actor, kind.see, field) & Q(**{f"{prefix}kind": kind.code})
    return seen


def nodes_there(actor: Actor, day: date) -> QuerySet[Node]:
    """Places that the actor sees and that are not over on a day: without an end, and under way where they are work."""
    found = Node.objects.filter(nodes_seen(actor), Q(ended_on__isnull=True) | Q(ended_on__gt=day))
    for kind in objects.kinds().values():
        if kind.over is not None:
            found = found.exclude(Q(kind=kind.code) & kind.over(day))
    return found


@dataclass(slots=True)
class Branch:
    """A unit of the tree with what lies below it, as far as the actor sees; counts: of each kind and of `people`."""

    unit: Node
    depth: int
    children: list["Branch"]
    counts: dict[str, int]


def unit_tree(actor: Actor, *, ended: bool = False) -> list[Branch]:
    """
    Units as a tree in four queries: those whose unit above the actor does not see stand at the root.

    ended: with the units that are over.
    """
    moment = looking_at()
    day = actor.on if moment is None else moment.on
    found = units(actor)
    if not ended:
        found = found.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=day))
    branches = {unit.pk: Branch(unit, 0, [], {}) for unit in found}
    for pk, kind, number in _below(actor, day, branches):
        branches[pk].counts[kind] = number
    for pk, number in _people_below(actor, day, branches):
        branches[pk].counts["people"] = number
    roots: list[Branch] = []
    for branch in branches.values():
        parent = branches.get(branch.unit.unit_id or 0)
        (parent.children if parent else roots).append(branch)
    _deepen(roots, 0)
    return roots


def _deepen(branches: list[Branch], depth: int) -> None:
    for branch in branches:
        branch.depth = depth
        _deepen(branch.children, depth + 1)


def flat(branches: list[Branch]) -> list[Branch]:
    """A tree in the order of reading."""
    return [each for branch in branches for each in (branch, *flat(branch.children))]


def _below(actor: Actor, day: date, of: Iterable[int]) -> Iterable[tuple[int, str, int]]:
    """How many places of each kind lie below some units, as far as the actor sees and they are there."""
    there = nodes_there(actor, day).exclude(kind="unit").values("pk")
    return (
        NodePath.objects.filter(ancestor_id__in=list(of), descendant_id__in=there)
        .values_list("ancestor_id", "descendant__kind")
        .annotate(number=Count("descendant_id"))
    )


def _people_below(actor: Actor, day: date, of: Iterable[int]) -> Iterable[tuple[int, int]]:
    """How many people hold a role at some units or below, as far as the actor sees."""
    held = Holding.objects.filter(access.in_force(day), node_id__in=access.reached(actor, rights.SEE_ORGANISATION))
    return (
        held.filter(node__paths_up__ancestor_id__in=list(of))
        .values_list("node__paths_up__ancestor_id")
        .annotate(number=Count("person_id", distinct=True))
    )


def counts_below(actor: Actor, unit: Node) -> dict[str, int]:
    """How many units, portfolios, programmes, projects and people lie below a unit, as far as the actor sees."""
    moment = looking_at()
    day = actor.on if moment is None else moment.on
    counts = {kind: number for _pk, kind, number in _below(actor, day, [unit.pk])}
    counts["unit"] = nodes_there(actor, day).filter(kind="unit", paths_up__ancestor=unit).exclude(pk=unit.pk).count()
    counts["people"] = next((number for _pk, number in _people_below(actor, day, [unit.pk])), 0)
    return counts


def ids_below(node: Node) -> list[int]:
    """A place and everything below it, for forms that must not offer them."""
    return list(NodePath.objects.filter(ancestor=node).values_list("descendant_id", flat=True))


def sees_everybody(actor: Actor) -> bool:
    """
    Whether the actor sees every person: who sees the whole organisation, and who may give roles anywhere.

    People are not confidential; what they hold inside a circle is.
    """
    at_top = actor.top is not None and access.may(actor, rights.SEE_ORGANISATION, on=actor.top)
    return at_top or actor.holds(rights.MANAGE_ORGANISATION)


def people(actor: Actor) -> QuerySet[Person]:
    """People the actor may see: everybody, or who holds or held a role where the actor sees it, and the actor."""
    if sees_everybody(actor):
        return Person.objects.order_by("name", "pk")
    seen = holdings(actor).order_by().values("person_id")
    return Person.objects.filter(Q(pk=actor.person_id) | Q(pk__in=seen)).order_by("name", "pk")


def roles(actor: Actor) -> QuerySet[Role]:
    """Roles, for whoever sees a part of the organisation, also those that ended."""
    if not actor.holds(rights.SEE_ORGANISATION):
        return Role.objects.none()
    return Role.objects.order_by("name", "pk")


def holdings(actor: Actor) -> QuerySet[Holding]:
    """Who holds which role, at nodes the actor may see; what was taken back at once is on its own page only."""
    found = (
        Holding.objects.filter(node_id__in=access.reached(actor, rights.SEE_ORGANISATION))
        .exclude(to_on__lt=F("from_on"))
        .select_related("person", "role", "node")
    )
    # Somebody may have held a role before its place was known: then the past has no place to name.
    return found if looking_at() is None else found.filter(node__ref__isnull=False, role__code__isnull=False)


def holdings_and_taken_back(actor: Actor) -> QuerySet[Holding]:
    """Who holds or held which role, at nodes the actor may see, and the actor's own, also what was taken back."""
    seen = Q(node_id__in=access.reached(actor, rights.SEE_ORGANISATION))
    return (
        Holding.objects.filter(seen | Q(person_id=actor.person_id))
        .select_related("person", "role", "node")
        .order_by("from_on", "pk")
    )


def may_give(actor: Actor, field: str = "pk") -> Q:
    """The condition of a place at which the actor may say who holds which role. field: where the node is."""
    prefix = "" if field == "pk" else field.removesuffix("_id") + "__"
    found = access.within_reach(actor, rights.MANAGE_ORGANISATION, field)
    for kind in objects.kinds().values():
        if kind.code in Node.Kind.values and kind.manage is not None:
            found |= access.within_reach(actor, kind.manage, field) & Q(**{f"{prefix}kind": kind.code})
    return found


def places_to_give(actor: Actor) -> QuerySet[Node]:
    """Places without an end at which the actor may give a role: units first, projects last."""
    ranks = [When(kind=kind, then=Value(rank)) for rank, kind in enumerate(Node.Kind.values, start=1)]
    order = Case(When(kind="unit", unit__isnull=True, then=Value(0)), *ranks, default=Value(9))
    return Node.objects.filter(may_give(actor), ended_on__isnull=True).order_by(order, "name", "pk")


def ended_by_leaving(actor: Actor, person: Person) -> QuerySet[Holding]:
    """What a person held until the day before they left, at places the actor sees."""
    if person.left_on is None:
        return Holding.objects.none()
    return holdings(actor).filter(person=person, to_on=person.left_on - timedelta(days=1)).order_by("role__name", "pk")


def node_of(node_id: int | None) -> Node | None:
    """The place that something hangs on, for whoever found the thing through a question."""
    return Node.objects.filter(pk=node_id).first() if node_id is not None else None


def holdings_at(node: Node) -> QuerySet[Holding]:
    """Who holds or held a role at a place, for whoever found the place through a question."""
    found = Holding.objects.filter(node=node).exclude(to_on__lt=F("from_on"))
    return found.select_related("person", "role", "node").order_by("role__name", "acting", "from_on", "person__name")


def to_run(actor: Actor, held: Iterable[Holding]) -> set[int]:
    """Ids, of some holdings, of those that the actor may end."""
    ids = [holding.pk for holding in held]
    return set(Holding.objects.filter(may_give(actor, "node_id"), pk__in=ids).values_list("pk", flat=True))


def may_give_at(actor: Actor, node: Node) -> bool:
    """Whether the actor may say who holds which role at a place."""
    return Node.objects.filter(may_give(actor), pk=node.pk).exists()


def people_to_choose(actor: Actor) -> QuerySet[Person]:
    """People who are here, for whoever may give a role somewhere."""
    runs = [kind.manage for kind in objects.kinds().values() if kind.manage is not None]
    if not any(actor.holds(right) for right in (rights.MANAGE_ORGANISATION, *runs)):
        return Person.objects.none()
    return Person.objects.exclude(left_on__lte=actor.on).order_by("name", "pk")


def roles_to_give(actor: Actor, node: Node | None = None) -> QuerySet[Role]:
    """Roles that the actor may give at a place (None: somewhere): those that carry nothing the actor does not hold."""
    above = None
    if node is not None:
        above = set(NodePath.objects.filter(descendant=node, open=True).values_list("ancestor_id", flat=True))
    held = {code for code, nodes in actor.grants.items() if (nodes if above is None else nodes & above)}
    offered = Role.objects.filter(ended_on__isnull=True).order_by("name", "pk")
    return offered.filter(
        pk__in=[role.pk for role in offered if held.issuperset(code for code in role.rights if code in rights.ALL)]
    )


def number_of(found: QuerySet[Any], by: str, count: str = "pk") -> Coalesce:
    """
    How many different values a question has for the row it is asked of; by: its field that names that row.

    Not a count by joining: the past is read from views, which name no key to group by.
    """
    those = found.order_by().filter(**{by: OuterRef("pk")}).values(by).annotate(number=Count(count, distinct=True))
    return Coalesce(Subquery(those.values("number")[:1]), 0)


def overlapping(role: Role, node: Node, first: date, last: date | None) -> QuerySet[Holding]:
    """
    Holdings of a role at a node that share a day with those from a first to a last (None: without end), in order.

    For services and pages that have found the node through a question; what was taken back shares no day.
    """
    found = Holding.objects.filter(Q(to_on__isnull=True) | Q(to_on__gte=first), role=role, node=node)
    found = found.exclude(to_on__lt=F("from_on"))
    return (found if last is None else found.filter(from_on__lte=last)).order_by("from_on", "pk")


def own_holdings(actor: Actor) -> QuerySet[Holding]:
    """What the actor holds today."""
    return (
        Holding.objects.filter(Q(to_on__isnull=True) | Q(to_on__gte=actor.on), person_id=actor.person_id)
        .select_related("role", "node")
        .order_by("role__name", "node__name")
    )


def own_jobs(actor: Actor) -> QuerySet[Job]:
    """The actor's own jobs, newest first."""
    return Job.objects.filter(person_id=actor.person_id).order_by("-created_at")


def ledger_entries(actor: Actor) -> QuerySet[LedgerEntry]:
    """The whole ledger, for those who hold the right at the top of the organisation."""
    top = access.top_id()
    if top is None or not access.may(actor, rights.SEE_LEDGER, on=top):
        return LedgerEntry.objects.none()
    return LedgerEntry.objects.exclude(seq=None).order_by("-sealed_at", "-pk")
