"""
Who may see and do what, and why.

Told from the very holdings and paths by which `access` decides: a right counts through a holding in force whose role
carries it, from the place where it is held down every path that nothing confidential shuts.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, QuerySet

from quarterdeck.core import access, rights
from quarterdeck.core.access import Actor
from quarterdeck.core.models import Holding, Node, NodePath, Person
from quarterdeck.core.queries import organisation
from quarterdeck.core.rights import Right


@dataclass(frozen=True, slots=True)
class Ground:
    """
    A holding that bears on a question.

    way : the places from where it is held down to the one in question. shut_by : what is confidential above or at that
    one and does not hold the place of the holding, so that it does not reach in; empty: it reaches.
    """

    holding: Holding
    open: bool
    way: tuple[Node, ...] = ()
    shut_by: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a person may, and through what; the grounds that open come first."""

    right: Right
    node: Node
    grounds: tuple[Ground, ...]

    @property
    def may(self) -> bool:
        return any(ground.open for ground in self.grounds)


def holdings_that_carry(right: Right, *, on: date) -> QuerySet[Holding]:
    """Holdings that count on a day and whose role carries a right."""
    return Holding.objects.filter(access.in_force(on), role__rights__contains=[right.code]).select_related(
        "person", "role", "node"
    )


def explain(person: Person, right: Right, node: Node, *, on: date, among: Q | None = None) -> Answer:
    """
    Whether a person may do something at a place, with every holding that bears on it.

    among : only these holdings, such as those that a reader sees.
    """
    held = holdings_that_carry(right, on=on).filter(person=person)
    if among is not None:
        held = held.filter(among)
    return Answer(right, node, tuple(_grounds(list(held.order_by("from_on", "pk")), node)))


def _grounds(held: Sequence[Holding], node: Node) -> list[Ground]:
    """The holdings at a place or above it, those that reach it first."""
    reaches = dict(
        NodePath.objects.filter(ancestor_id__in={holding.node_id for holding in held}, descendant=node).values_list(
            "ancestor_id", "open"
        )
    )
    above = _Above(node) if reaches else None
    found = [
        Ground(
            holding,
            reaches[holding.node_id],
            above.way_from(holding.node_id),
            () if reaches[holding.node_id] else above.shutting_out(holding.node_id),
        )
        for holding in held
        if above is not None and holding.node_id in reaches
    ]
    return sorted(found, key=lambda ground: not ground.open)


class _Above:
    """A place and everything above it, in two queries."""

    def __init__(self, node: Node) -> None:
        self.node = node
        ids = NodePath.objects.filter(descendant=node).values("ancestor_id")
        self.nodes = {each.pk: each for each in Node.objects.filter(pk__in=ids)} | {node.pk: node}
        self.above: dict[int, set[int]] = defaultdict(set)
        pairs = NodePath.objects.filter(descendant_id__in=self.nodes).values_list("ancestor_id", "descendant_id")
        for up, down in pairs:
            self.above[down].add(up)

    def way_from(self, held: int) -> tuple[Node, ...]:
        """The shortest way down from a place."""
        ways: list[tuple[int, ...]] = [(self.node.pk,)]
        seen = {self.node.pk}
        while ways:
            way = ways.pop(0)
            if way[0] == held:
                return tuple(self.nodes[pk] for pk in way)
            here = self.nodes.get(way[0])
            for parent in (here.within_id, here.unit_id) if here is not None else ():
                if parent is not None and parent not in seen and held in self.above[parent]:
                    seen.add(parent)
                    ways.append((parent, *way))
        return (self.nodes[held], self.node) if held in self.nodes else (self.node,)

    def shutting_out(self, held: int) -> tuple[Node, ...]:
        """What is confidential and holds the place in question, but not the one of the holding."""
        outside = self.above[self.node.pk] - self.above[held]
        shut = [self.nodes[pk] for pk in outside if self.nodes[pk].confidential]
        return tuple(sorted(shut, key=lambda node: (len(self.above[node.pk]), node.pk)))


@dataclass(frozen=True, slots=True)
class Access:
    """What a person may at a place: for each right asked for the holdings that open it, and those that are shut."""

    person: Person
    grounds: dict[str, list[Ground]] = field(default_factory=dict)

    def opened(self, right: Right) -> list[Ground]:
        return [ground for ground in self.grounds.get(right.code, []) if ground.open]

    @property
    def may_anything(self) -> bool:
        return any(ground.open for grounds in self.grounds.values() for ground in grounds)

    @property
    def all_grounds(self) -> list[Ground]:
        """Each holding once, those that open first."""
        found = {ground.holding.pk: ground for grounds in self.grounds.values() for ground in grounds}
        return sorted(found.values(), key=lambda ground: (not ground.open, ground.holding.from_on, ground.holding.pk))


def of_reader(reader: Actor) -> Q:
    """The condition of a holding that a reader may know of: where they see the organisation, and their own."""
    return Q(node_id__in=access.reached(reader, rights.SEE_ORGANISATION)) | Q(person_id=reader.person_id)


def who_may(reader: Actor, node: Node, asked: Iterable[Right]) -> list[Access]:
    """
    Everybody with a role at a place or above it that carries one of the rights, by name, as far as the reader sees.

    Who is shut out by something confidential is listed too, with no ground that opens.
    """
    if not access.may(reader, rights.SEE_ORGANISATION, on=node):
        return []
    wanted = list(dict.fromkeys(asked))
    carries = Q(pk__in=[])
    for right in wanted:
        carries |= Q(role__rights__contains=[right.code])
    above = NodePath.objects.filter(descendant=node).values("ancestor_id")
    held = (
        Holding.objects.filter(access.in_force(reader.on), of_reader(reader), carries, node_id__in=above)
        .select_related("person", "role", "node")
        .order_by("person__name", "person_id", "from_on", "pk")
    )
    found: dict[int, Access] = {}
    for ground in _grounds(list(held), node):
        holding = ground.holding
        one = found.setdefault(holding.person_id, Access(holding.person))
        for right in wanted:
            if right.code in holding.role.rights:
                one.grounds.setdefault(right.code, []).append(ground)
    return sorted(found.values(), key=lambda one: (one.person.name.casefold(), one.person.pk))


@dataclass(frozen=True, slots=True)
class Held:
    """Where a person holds a right, and what confidential places below it shut them out."""

    right: Right
    holdings: tuple[Holding, ...]
    shut: tuple[Node, ...]


def rights_of(reader: Actor, person: Person) -> list[Held]:
    """Every right of a person today with where it is held and through which role, as far as the reader sees."""
    held = list(
        Holding.objects.filter(access.in_force(reader.on), of_reader(reader), person=person)
        .select_related("role", "node", "person")
        .order_by("node__kind", "node__name", "from_on", "pk")
    )
    circles = _circles_below(reader, {holding.node_id for holding in held})
    found = []
    for right in rights.ALL.values():
        carrying = [holding for holding in held if right.code in holding.role.rights]
        if not carrying:
            continue
        places = {holding.node_id for holding in carrying}
        shut = [
            circle
            for circle, reaches in circles
            if any(place in reaches for place in places) and not any(reaches.get(place) for place in places)
        ]
        found.append(Held(right, tuple(carrying), tuple(shut)))
    return found


def _circles_below(reader: Actor, places: set[int]) -> list[tuple[Node, dict[int, bool]]]:
    """What is confidential below some places and seen by the reader, with the places and whether they reach in."""
    paths = NodePath.objects.filter(ancestor_id__in=places, descendant__confidential=True)
    reaches: dict[int, dict[int, bool]] = defaultdict(dict)
    for up, down, is_open in paths.values_list("ancestor_id", "descendant_id", "open"):
        reaches[down][up] = is_open
    seen = seen_by(reader, reaches)
    circles = sorted((seen[pk] for pk in reaches if pk in seen), key=lambda node: (node.name, node.pk))
    return [(node, reaches[node.pk]) for node in circles]


def seen_by(reader: Actor, ids: Iterable[int]) -> dict[int, Node]:
    """Those of some places whose names the reader may know: what they see of the organisation and of each kind."""
    wanted = set(ids)
    if not wanted:
        return {}
    seen = access.within_reach(reader, rights.SEE_ORGANISATION, "pk") | organisation.nodes_seen(reader)
    return {node.pk: node for node in Node.objects.filter(seen, pk__in=wanted)}


def own_answer(reader: Actor, person: Person, right: Right, node: Node) -> Answer:
    """Whether a person may, told to a reader: only of holdings that they may know of."""
    return explain(person, right, node, on=reader.on, among=of_reader(reader))


def places_called(reader: Actor, ref: str) -> list[Node]:
    """Places of a reference that the reader sees the organisation at, one for each kind at most."""
    return list(access.visible_nodes(reader).filter(ref__iexact=ref.strip()).order_by("kind", "pk")[:4])
