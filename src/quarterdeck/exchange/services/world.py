"""What is there before a file comes in: projects, units, programmes, people, and what the actor may do."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Min, Q
from django.db.models.functions import Lower

from quarterdeck.core import access
from quarterdeck.core import rights as core_rights
from quarterdeck.core.access import Actor
from quarterdeck.core.history import version_model
from quarterdeck.core.models import Holding, NodeAlias, NodePath, Person, Role
from quarterdeck.core.time import at
from quarterdeck.projects import queries, rights
from quarterdeck.projects.models import Portfolio, Project, Snapshot

JOINED = ("node", "node__unit", "programme__node", "portfolio__node")
PARTS = {"sponsor": "sponsor", "manager": "project_manager"}


@dataclass(slots=True)
class Named:
    """Things that files call by name: exact names, references and aliases, without regard to case."""

    by_name: defaultdict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    by_ref: dict[str, Any] = field(default_factory=dict)
    by_alias: dict[str, Any] = field(default_factory=dict)

    def add(self, thing: Any, name: str, ref: str) -> None:
        self.by_name[name.casefold()].append(thing)
        self.by_ref[ref.casefold()] = thing

    def find(self, word: str) -> Any:
        """The one thing a word means; None when there is none, or several and no reference or alias decides."""
        key = word.casefold()
        called = self.by_name.get(key, [])
        if len(called) == 1:
            return called[0]
        return self.by_ref.get(key) or self.by_alias.get(key) or (called[0] if called else None)


@dataclass(frozen=True, slots=True)
class Held:
    """Who holds a part at a project today, and since when."""

    person_id: int
    name: str
    from_on: date


@dataclass(slots=True)
class World:
    """
    Everything a plan compares a file with, read in a handful of queries.

    projects: by external id in lower case, those the actor may change; hidden: external ids of the others. managed:
    nodes of projects whose people the actor may name; open: those that nothing hides from who sees the portfolio.
    then: the state of projects that were written after the day of the file, as of that day. next_on: the day of the
    first snapshot after it, and next_states the projects as of that day.
    """

    actor: Actor
    portfolio: Portfolio | None
    as_of: date
    currency: str
    may_manage: bool
    may_organise: bool
    may_name: bool = False
    projects: dict[str, Project] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    managed: frozenset[int] = frozenset()
    open: frozenset[int] = frozenset()
    then: dict[int, Project] = field(default_factory=dict)
    latest: Snapshot | None = None
    compared_with: Snapshot | None = None
    next_on: date | None = None
    next_states: dict[int, Project] = field(default_factory=dict)
    units: Named = field(default_factory=Named)
    programmes: Named = field(default_factory=Named)
    people_by_email: dict[str, Person] = field(default_factory=dict)
    people_by_name: dict[str, list[Person]] = field(default_factory=dict)
    held: dict[tuple[int, str], Held] = field(default_factory=dict)

    def state(self, project: Project) -> Project:
        """The project on the day of the file: today's row, or the one of then where it was written since."""
        return self.then.get(project.pk, project)

    def may_manage_it(self, known: Project | None) -> bool:
        """Whether the actor may name the people of a project and hide it; None stands for one that is new."""
        return self.may_manage if known is None else known.node_id in self.managed

    def people_called(self, name: str, email: str) -> list[Person]:
        """People a file may mean: by address first, else by name; a known other address means somebody else."""
        if email and (found := self.people_by_email.get(email.casefold())):
            return [found]
        called = self.people_by_name.get(name.casefold(), [])
        return [person for person in called if not email or not person.email]


def see(
    actor: Actor,
    portfolio: Portfolio | None,
    *,
    as_of: date,
    currency: str,
    names: Iterable[str],
    emails: Iterable[str],
) -> World:
    """
    Look at what is there.

    Parameters
    ----------
    portfolio : None where the import makes one.
    names, emails : of the people in the file.
    """
    may_organise = _may_at_top(actor, core_rights.MANAGE_ORGANISATION)
    may_manage = (
        access.may(actor, rights.MANAGE_PORTFOLIO, on=portfolio.node_id)
        if portfolio is not None
        else _may_at_top(actor, rights.MANAGE_PORTFOLIO)
    )
    may_name = may_manage and _may_give(actor, portfolio)
    world = World(
        actor, portfolio, as_of, portfolio.currency if portfolio else currency, may_manage, may_organise, may_name
    )
    _units(world)
    _people(world, names, emails)
    if portfolio is not None:
        _snapshots(world, portfolio)
        _projects(world, portfolio)
        _programmes(world, portfolio)
    return world


def _may_at_top(actor: Actor, right: core_rights.Right) -> bool:
    top = access.top_id()
    return top is not None and access.may(actor, right, on=top)


def _may_give(actor: Actor, portfolio: Portfolio | None) -> bool:
    """Whether the actor holds every right that comes with the parts a file names; nobody gives more."""
    on = portfolio.node_id if portfolio is not None else access.top_id()
    carried = {
        code
        for codes in Role.objects.filter(code__in=PARTS.values()).values_list("rights", flat=True)
        for code in codes
    }
    known = [core_rights.ALL[code] for code in carried if code in core_rights.ALL]
    return on is not None and all(access.may(actor, right, on=on) for right in known)


def _units(world: World) -> None:
    found = {node.pk: node for node in queries.units_to_choose(world.actor).select_related("unit")}
    for node in found.values():
        world.units.add(node, node.name, node.ref)
    _aliases(world.units, "unit", found)


def _aliases(named: Named, kind: str, found: dict[int, Any]) -> None:
    for alias, node_id in NodeAlias.objects.filter(kind=kind).values_list("alias", "node_id"):
        if node_id in found:
            named.by_alias[alias.casefold()] = found[node_id]


def _programmes(world: World, portfolio: Portfolio) -> None:
    found = {one.node_id: one for one in queries.programmes_to_add_to(world.actor).filter(portfolio=portfolio)}
    for programme in found.values():
        world.programmes.add(programme, programme.node.name, programme.node.ref)
    _aliases(world.programmes, "programme", found)


def _people(world: World, names: Iterable[str], emails: Iterable[str]) -> None:
    wanted, addresses = {name.lower() for name in names}, {email.lower() for email in emails}
    if not wanted and not addresses:
        return
    # Case is folded by the database, so that its index is used; casefold differs for letters like ß, which is rare.
    found = Person.objects.alias(lower=Lower("name"), address=Lower("email")).filter(
        Q(lower__in=wanted) | Q(address__in=addresses)
    )
    for person in found.order_by("pk"):
        if person.email:
            world.people_by_email[person.email.casefold()] = person
        world.people_by_name.setdefault(person.name.casefold(), []).append(person)


def _snapshots(world: World, portfolio: Portfolio) -> None:
    known = Snapshot.objects.filter(portfolio=portfolio)
    world.latest = known.order_by("-on", "-known_at", "-pk").first()
    world.compared_with = known.filter(on__lt=world.as_of).order_by("-on", "-known_at", "-pk").first()
    if world.latest is not None and world.as_of < world.latest.on:
        world.next_on = known.filter(on__gt=world.as_of).order_by("on").values_list("on", flat=True).first()


def _projects(world: World, portfolio: Portfolio) -> None:
    """The portfolio's projects that came from a register; ids that differ only in case are one project."""
    everything = Project.objects.filter(portfolio=portfolio).exclude(external_id="")
    seen = Q(node_id__in=access.reached(world.actor, rights.SEE_PROJECT))
    own = seen & Q(node_id__in=access.reached(world.actor, rights.CHANGE_PROJECT))
    for project in everything.filter(own).select_related(*JOINED):
        world.projects[project.external_id.casefold()] = project
    managed = everything.filter(node_id__in=access.reached(world.actor, rights.MANAGE_PORTFOLIO))
    world.managed = frozenset(managed.values_list("node_id", flat=True))
    reached = NodePath.objects.filter(ancestor_id=portfolio.node_id, open=True)
    world.open = frozenset(reached.values_list("descendant_id", flat=True))
    hidden = everything.exclude(own).values_list("external_id", flat=True)
    world.hidden = frozenset(external_id.casefold() for external_id in hidden)
    since = [p for p in world.projects.values() if p.effective_on is not None and p.effective_on > world.as_of]
    world.then = _states(since, world.as_of)
    if world.next_on is not None:
        world.next_states = _states(list(world.projects.values()), world.next_on, or_first=False)
    holdings = Holding.objects.filter(
        node_id__in=[p.node_id for p in world.projects.values()],
        role__code__in=PARTS.values(),
        to_on__isnull=True,
        acting=False,
    ).select_related("person", "role")
    parts = {role: part for part, role in PARTS.items()}
    for holding in holdings:
        named_on = max(holding.from_on, holding.effective_on or holding.from_on)
        held = Held(holding.person_id, holding.person.name, named_on)
        world.held[holding.node_id, parts[holding.role.code]] = held


def _states(projects: list[Project], day: date, *, or_first: bool = True) -> dict[int, Project]:
    """Projects as of a day; or_first: those not yet known then, as they were first known."""
    wanted = {project.pk for project in projects}
    found = _as_of(wanted, day)
    missing = wanted - set(found)
    if not missing or not or_first:
        return found
    first = (
        version_model(Project)
        ._default_manager.filter(id__in=missing)
        .order_by()
        .values("id")
        .annotate(day=Min("effective_on"))
        .values_list("day", "id")
    )
    days: defaultdict[date, set[int]] = defaultdict(set)
    for first_day, pk in first:
        days[first_day].add(pk)
    for first_day, pks in days.items():
        found |= _as_of(pks, first_day)
    return found


def _as_of(wanted: set[int], day: date) -> dict[int, Project]:
    if not wanted:
        return {}
    with at(day):
        return {p.pk: p for p in Project.objects.filter(pk__in=wanted).select_related(*JOINED)}
