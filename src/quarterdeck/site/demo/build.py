"""Puts the demo organisation into an empty installation, through the same services that people use."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from quarterdeck.core import access, ledger, rights, store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import LedgerEntry, Node, Organisation, Person, Role
from quarterdeck.core.services import accounts, nodes, roles, telling
from quarterdeck.projects import rights as project_rights
from quarterdeck.projects import services as projects
from quarterdeck.projects.models import Portfolio, Programme, Project
from quarterdeck.site.demo import catalogue, story
from quarterdeck.site.demo.story import ProjectStory, Story

SEED = 2026
BUILT = "site.demo.built"
Tell = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What there is. made: by this call, not by an earlier one; digest: SHA-256 of the story."""

    made: bool
    seed: int
    digest: str
    divisions: int
    programmes: int
    projects: int
    people: int
    snapshots: tuple[date, ...]

    @property
    def message(self) -> str:
        """One sentence for a person."""
        if not self.made:
            return _("The demo organisation is here already. Nothing was changed.")
        return _("The demo organisation is ready: %(projects)d projects in %(programmes)d programmes.") % {
            "projects": self.projects,
            "programmes": self.programmes,
        }

    @property
    def facts(self) -> dict[str, Any]:
        """For machines, as plain JSON."""
        return asdict(self) | {"snapshots": [day.isoformat() for day in self.snapshots]}


@dataclass(slots=True)
class _Site:
    """The building site: who builds, and what stands already, by its key in the catalogue."""

    actor: Actor
    now: datetime
    told: Story
    people: dict[str, Person] = field(default_factory=dict)
    units: dict[str, Node] = field(default_factory=dict)
    programmes: dict[str, Programme] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)

    def why(self, on: date, reason: str = "") -> store.Because:
        return store.Because(self.actor.person_id, self.now, reason, on)


@transaction.atomic
def build(actor: Actor, *, now: datetime, seed: int = SEED, progress: Tell | None = None) -> DemoReport:
    """
    Make the demo organisation, all of it or nothing. Where it is already, nothing changes.

    Refused where somebody has begun with units or projects of their own. progress is called with steps done,
    steps in all and a line of text.
    """
    access.require(actor, rights.MANAGE_ORGANISATION, on=None)
    access.require(actor, project_rights.MANAGE_PORTFOLIO, on=None)
    organisation = Organisation.objects.select_for_update().get()
    if organisation.is_demo:
        return _as_built()
    _refuse_beside_own_work()
    told = story.tell(seed, now.date())
    site = _Site(actor, now, told, roles={role.code: role for role in Role.objects.all()})
    steps = _Steps(progress, total=3 + sum(len(each.reports) for each in told.projects))
    _name_organisation(site)
    steps.done(_("People and units"))
    _make_units(site)
    _make_people(site)
    portfolio = _make_portfolio(site)
    _give_roles(site, portfolio)
    steps.done(_("Projects"))
    _make_projects(site, portfolio, steps)
    _rename_units(site)
    _take_snapshots(site, portfolio)
    report = replace(_counted(told), digest=digest(told))
    ledger.record(site.actor, BUILT, on=organisation, at=now, **{k: v for k, v in report.facts.items() if k != "made"})
    # Nobody is written to about the invented years.
    transaction.on_commit(telling.pass_over, robust=True)
    steps.done(_("Done"))
    return report


def digest(told: Story) -> str:
    """SHA-256 of a story's canonical JSON."""
    return hashlib.sha256(ledger.canonical(asdict(told)).encode()).hexdigest()


def _counted(told: Story) -> DemoReport:
    return DemoReport(
        made=True,
        seed=told.seed,
        digest="",
        divisions=sum(1 for unit in catalogue.UNITS if not unit.parent),
        programmes=len(catalogue.PROGRAMMES),
        projects=told.in_register(told.second),
        people=len(catalogue.PEOPLE),
        snapshots=(told.first, told.second),
    )


def _as_built() -> DemoReport:
    """The report of the build that made what is here."""
    entry = LedgerEntry.objects.filter(event=BUILT).latest("pk")
    facts = json.loads(entry.entry)["facts"]
    days = tuple(date.fromisoformat(day) for day in facts.pop("snapshots"))
    return DemoReport(made=False, snapshots=days, **facts)


def _refuse_beside_own_work() -> None:
    if Project.objects.exists() or Portfolio.objects.exists():
        raise Refused(
            "own_projects",
            _("This installation has projects of your own. The demo organisation needs an empty one."),
        )
    if Node.objects.filter(kind="unit", unit__isnull=False).exists():
        raise Refused(
            "own_units",
            _("This installation has units of your own. The demo organisation needs an empty one."),
        )


class _Steps:
    """Counts what is done and tells whoever wants to know."""

    def __init__(self, progress: Tell | None, *, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def done(self, message: str) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._total, message)


def _name_organisation(site: _Site) -> None:
    """The name holds in the past too, and the organisation says that it is invented."""
    top = Node.objects.get(kind="unit", unit__isnull=True)
    top.name = catalogue.NAME
    store.save(top, site.why(roles.ALWAYS, "Demo organisation"), fields=["name"])
    named = accounts.name_organisation(site.actor, name=catalogue.NAME, currency=catalogue.CURRENCY, now=site.now)
    named.is_demo = True
    named.save(update_fields=["is_demo"])
    site.units[""] = Node.objects.get(pk=top.pk)


def _make_units(site: _Site) -> None:
    for unit in catalogue.UNITS:
        node = Node(kind="unit", ref=unit.ref, name=unit.earlier or unit.name, unit=site.units[unit.parent])
        site.units[unit.ref] = nodes.make_node(node, site.why(site.told.founded), actor=site.actor)


def _rename_units(site: _Site) -> None:
    for unit in catalogue.UNITS:
        if unit.earlier:
            why = site.why(site.told.unit_renamed_on, "Renamed with the new year's organisation")
            nodes.rename(site.units[unit.ref], unit.name, why, actor=site.actor)


def _make_people(site: _Site) -> None:
    for someone in catalogue.PEOPLE:
        person = accounts.add_person(site.actor, name=someone.name, email=someone.email, now=site.now)
        site.people[someone.key] = person
        if someone.signs_in:
            accounts.open_account(site.actor, person, email=someone.email, now=site.now)


def _make_portfolio(site: _Site) -> Portfolio:
    ref, name, prefix = catalogue.PORTFOLIO
    founded = site.told.founded
    portfolio = projects.add_portfolio(
        site.actor, name=name, ref=ref, prefix=prefix, currency=catalogue.CURRENCY, now=site.now, effective_on=founded
    )
    for each in catalogue.PROGRAMMES:
        site.programmes[each.ref] = projects.add_programme(
            site.actor,
            portfolio,
            name=each.name,
            ref=f"{prefix}-{each.ref}",
            unit=site.units[each.unit],
            now=site.now,
            effective_on=founded,
        )
    return portfolio


def _give_roles(site: _Site, portfolio: Portfolio) -> None:
    """Roles held since the founding. Sponsors and project managers get theirs with the projects."""
    places = {"portfolio": portfolio.node} | {ref: each.node for ref, each in site.programmes.items()} | site.units
    for someone in catalogue.PEOPLE:
        if someone.role not in ("sponsor", "project_manager"):
            _hold(site, someone.key, someone.role, places[someone.place], site.told.founded)


def _hold(site: _Site, key: str, role: str, node: Node, since: date) -> None:
    roles.hold(site.people[key], site.roles[role], on=node, from_on=since, why=site.why(since), actor=site.actor)


def _make_projects(site: _Site, portfolio: Portfolio, steps: _Steps) -> None:
    """Reports in the order of their days, as the registers came in."""
    made: dict[str, Project] = {}
    rows = [(report, each) for each in site.told.projects for report in each.reports]
    for report, each in sorted(rows, key=lambda row: row[0].on):
        programme = site.programmes[each.idea.programme] if each.idea.programme else None
        outcome = projects.record_project(
            site.actor,
            portfolio,
            external_id=each.external_id,
            name=report.name,
            facts=report.facts,
            unknown=report.unknown,
            unit=site.units[each.idea.unit],
            programme=programme,
            confidential=each.idea.confidential,
            known=made.get(each.external_id),
            now=site.now,
            effective_on=report.on,
            reason=report.reason,
        )
        if each.external_id not in made:
            _staff(site, outcome.project, each)
        made[each.external_id] = outcome.project
        steps.done(report.name if not each.idea.confidential else "")
    for each in site.told.projects:
        if each.left is not None:
            day, reason = each.left
            projects.leave_register(site.actor, made[each.external_id], on=day, now=site.now, reason=reason)


def _staff(site: _Site, project: Project, each: ProjectStory) -> None:
    """Sponsor and manager; for the confidential project also its circle, which its maker belongs to."""
    if each.idea.confidential:
        since = each.reports[0].on
        person = Person.objects.get(pk=site.actor.person_id)
        roles.hold(
            person,
            site.roles["portfolio_manager"],
            on=project.node,
            from_on=since,
            why=site.why(since),
            actor=site.actor,
        )
        for key, role in catalogue.CIRCLE:
            _hold(site, key, role, project.node, since)
        site.actor = access.actor_of(site.actor.person_id, now=site.now)
    for holder in each.holders:
        projects.name_holder(
            site.actor, project, holder.part, site.people[holder.person], now=site.now, from_on=holder.from_on
        )


def _take_snapshots(site: _Site, portfolio: Portfolio) -> None:
    """
    Known when they were recorded: the versions of this transaction bear the time it began in the database, which
    may be later than now.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        recorded_at: datetime = cursor.fetchone()[0]
    for day in (site.told.first, site.told.second):
        projects.take_snapshot(
            site.actor,
            portfolio,
            on=day,
            label=f"Yearly register {day.year}",
            source="demo",
            rows=site.told.in_register(day),
            now=max(site.now, recorded_at),
        )
