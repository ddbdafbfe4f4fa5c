"""The look at what an import will do, and the import itself: one transaction, all rows that fit or none."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from quarterdeck.core import jobs, ledger, store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Conflict, NotFound, Refused
from quarterdeck.core.models import Job, Node, Person, Role
from quarterdeck.core.services import accounts, nodes, roles
from quarterdeck.exchange import rules
from quarterdeck.exchange.models import Import, ImportRow
from quarterdeck.exchange.services.facts import named_people
from quarterdeck.exchange.services.mapping_columns import mapping_of
from quarterdeck.exchange.services.moving import move, require_own
from quarterdeck.exchange.services.planning import Holder, Plan, PlannedRow, Unit, plain, plan
from quarterdeck.exchange.services.reading import table_of, workbook_of
from quarterdeck.exchange.services.world import see
from quarterdeck.exchange.tabular.header import Table
from quarterdeck.exchange.tabular.mapping import Mapping
from quarterdeck.exchange.tabular.rows import interpret
from quarterdeck.exchange.tabular.stored import problem_to_item
from quarterdeck.projects import services as projects
from quarterdeck.projects.models import Portfolio, Programme, Project, Snapshot

PREVIEW, IMPORT = "exchange.preview", "exchange.import"
Tell = Callable[[int, int, str], None]


def silent(done: int, total: int, message: str = "") -> None:
    """Tells nobody."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a file goes: a portfolio, or the name, reference and currency of the one it makes."""

    portfolio: Portfolio | None
    name: str
    ref: str
    currency: str

    @property
    def key(self) -> str:
        """The reference of the portfolio, made or to be made."""
        return self.portfolio.ref if self.portfolio is not None else self.ref


def target_of(found: Import) -> Target:
    """Where an import goes."""
    if found.portfolio is not None:
        return Target(found.portfolio, found.portfolio.name, found.portfolio.ref, found.portfolio.currency)
    return Target(None, found.new_name, found.new_ref, found.new_currency)


def plan_of(actor: Actor, table: Table, mapping: Mapping, target: Target, as_of: date) -> Plan:
    """What the rows of a table will do, worked out on what is there now."""
    found = interpret(table, replace(mapping, as_of=as_of))
    people = [pair for row in found.rows for pair in named_people(row).values()]
    world = see(
        actor,
        target.portfolio,
        as_of=as_of,
        currency=target.currency,
        names={name for name, _email in people},
        emails={email for _name, email in people if email},
    )
    return plan(table, found, world, continues=mapping.continues)


@transaction.atomic
def start_preview(actor: Actor, found: Import, *, now: datetime) -> Job:
    """Have a job look at what the import will do."""
    require_own(actor, found)
    move(found, "look", failure="", problems=[], counts={}, digest="", looked_at=None)
    found.rows.all().delete()
    job = jobs.enqueue(
        actor,
        PREVIEW,
        _("Reading %(file)s") % {"file": found.file_name},
        {"import": found.pk, "version": found.version},
        now=now,
    )
    Import.objects.filter(pk=found.pk).update(job=job)
    found.job = job
    return job


def preview(actor: Actor, found: Import, *, now: datetime, tell: Tell = silent) -> Import:
    """
    Work out and keep what the import will do, without doing it.

    A file that cannot be read, or does not fit, makes the import fail with the sentence that says so; so does a right
    that its maker lost meanwhile.
    """
    if found.person_id != actor.person_id:
        raise NotFound
    try:
        require_own(actor, found)
        with transaction.atomic():
            return _preview(actor, found, now=now, tell=tell)
    except Conflict:
        raise
    except Refused as refusal:
        move(found, "fail", failure=refusal.message[:500])
        raise
    except Exception:
        move(found, "fail", failure=_("Reading failed. Nothing was imported.")[:500])
        raise


def _preview(actor: Actor, found: Import, *, now: datetime, tell: Tell) -> Import:
    tell(0, 3, _("Reading the file"))
    mapping, target = mapping_of(found), target_of(found)
    assert found.as_of is not None
    table = table_of(workbook_of(bytes(found.file.content)), sheet=found.sheet, header_line=found.header_line)
    tell(1, 3, _("Comparing with what is there"))
    planned = plan_of(actor, table, mapping, target, found.as_of)
    tell(2, 3, _("Keeping the result"))
    _keep(found, planned, {})
    return move(found, "show", looked_at=now, **report_of(found, planned, target))


def report_of(found: Import, planned: Plan, target: Target) -> dict[str, Any]:
    """What stays with the import: counts, problems of the file, the digest of everything."""
    digest = planned.digest(sha256=found.sha256, mapping=found.mapping, portfolio=target.key)
    return {
        "counts": planned.counts,
        "problems": [problem_to_item(problem) for problem in planned.problems],
        "digest": digest,
        "compared_with": planned.world.compared_with,
    }


def _keep(found: Import, planned: Plan, made: dict[int, Project]) -> None:
    """Write the rows of the report; made: line to the project a row made."""
    found.rows.all().delete()
    rows = [
        ImportRow(
            of=found,
            line=row.line,
            external_id=row.external_id[:200],
            name=row.name[:500],
            outcome=row.outcome,
            project=made.get(row.line) or row.known,
            confidential=row.confidential,
            cells=dict(row.cells),
            unmapped=dict(row.unmapped),
            figures=row.figures,
            changes=plain(row.changes),
            problems=[problem_to_item(problem) for problem in row.problems],
            problem_count=min(len(row.problems), 32_000),
        )
        for row in planned.rows
    ]
    rows += [
        ImportRow(of=found, line=0, external_id=p.external_id, name=p.node.name, outcome="left", project=p)
        for p in planned.leaving
    ]
    ImportRow.objects.bulk_create(rows, batch_size=500)


@transaction.atomic
def start_import(actor: Actor, found: Import, *, now: datetime) -> Job:
    """Have a job do the import. Asked twice, the job that is under way is given back."""
    require_own(actor, found)
    locked = Import.objects.select_for_update(of=("self",)).select_related("job").get(pk=found.pk)
    if locked.state != "previewed":
        raise Conflict(_("Somebody acted on this import first. Look at it again."))
    if locked.job is not None and locked.job.kind == IMPORT and not locked.job.is_over:
        return locked.job
    job = jobs.enqueue(
        actor,
        IMPORT,
        _("Importing %(file)s") % {"file": found.file_name},
        {"import": found.pk, "digest": locked.digest},
        now=now,
    )
    Import.objects.filter(pk=found.pk).update(job=job)
    found.job = job
    return job


@transaction.atomic
def import_all(actor: Actor, found: Import, *, expected: str, now: datetime, tell: Tell = silent) -> Import:
    """
    Do the import that was looked at. Done already, it changes nothing.

    Parameters
    ----------
    expected : digest of what the person saw; another one means that the portfolio changed since, and nothing is done.
    """
    if found.state == "imported":
        return found
    require_own(actor, found)
    patiently()
    mapping, target = mapping_of(found), target_of(found)
    assert found.as_of is not None
    table = table_of(workbook_of(bytes(found.file.content)), sheet=found.sheet, header_line=found.header_line)
    claim(found)
    planned = plan_of(actor, table, mapping, target, found.as_of)
    report = report_of(found, planned, target)
    if report["digest"] != expected:
        raise Conflict(
            _("What the import would do changed since this preview, so nothing was imported. Look at it again."),
            code="preview_outdated",
        )
    return apply_plan(actor, found, planned, target, report, now=now, tell=tell)


def claim(found: Import) -> None:
    """Take the import for this transaction. Another worker with the same import waits here and then finds it gone."""
    move(found, "import")


def patiently() -> None:
    """An import waits for another one into the same portfolio, and no statement of it is cut off."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '10min'; SET LOCAL statement_timeout = '10min'")


def apply_plan(
    actor: Actor, found: Import, planned: Plan, target: Target, report: dict[str, Any], *, now: datetime, tell: Tell
) -> Import:
    """Write everything a plan says, in the transaction of the caller, and finish the import."""
    portfolio = target.portfolio or _new_portfolio(actor, target, planned, now)
    made = _Writer(actor, portfolio, planned, found.file_name, now, tell).write()
    _keep(found, planned, made)
    snapshot = _snapshot(actor, portfolio, found, planned)
    counts = report["counts"]
    ledger.record(
        actor,
        "exchange.register.imported",
        on=found,
        at=now,
        stream=ledger.stream_of(portfolio.node),
        file_sha256=found.sha256,
        report_sha256=report["digest"],
        as_of=found.as_of,
        mapping=found.mapping_name,
        counts={key: counts[key] for key in ("rows", "new", "changed", "unchanged", "refused", "left", "problems")},
    )
    return move(found, "finish", portfolio=portfolio, snapshot=snapshot, imported_at=now, **report)


def _new_portfolio(actor: Actor, target: Target, planned: Plan, now: datetime) -> Portfolio:
    return projects.add_portfolio(
        actor,
        name=target.name,
        ref=target.ref,
        currency=target.currency,
        now=now,
        effective_on=planned.world.as_of,
    )


def _snapshot(actor: Actor, portfolio: Portfolio, found: Import, planned: Plan) -> Snapshot | None:
    """
    The dated snapshot of the portfolio. The same file again adds none.

    What is known counts from the moment after the last row was written.
    """
    counts, as_of = planned.counts, planned.world.as_of
    taken = counts["rows"] - counts["refused"]
    # Everybody who sees the portfolio sees this number, so what is hidden from some of them is not in it.
    hidden = sum(1 for row in planned.rows if row.outcome != "refused" and _is_hidden(row, planned))
    same = Snapshot.objects.filter(portfolio=portfolio, on=as_of).order_by("-known_at", "-pk").first()
    if same is not None and not counts["new"] and not counts["changed"] and not counts["left"]:
        return same
    if not taken:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        ((known_at,),) = cursor.fetchall()
    return projects.take_snapshot(
        actor, portfolio, on=as_of, label=found.file_name, rows=taken - hidden, now=known_at, source="import"
    )


def _is_hidden(row: PlannedRow, planned: Plan) -> bool:
    """Whether a row is about a project that is, or will be, hidden from some who see the portfolio."""
    programme = row.programme if isinstance(row.programme, Programme) else None
    return (
        row.confidential
        or (row.known is not None and row.known.node_id not in planned.world.open)
        or (programme is not None and programme.node.confidential)
    )


class _Writer:
    """Writes a plan row by row through the services of projects; what rows share is made once."""

    def __init__(
        self, actor: Actor, portfolio: Portfolio, planned: Plan, reason: str, now: datetime, tell: Tell
    ) -> None:
        self.actor, self.portfolio, self.plan, self.now, self.tell = actor, portfolio, planned, now, tell
        self.world = planned.world
        self.reason = reason
        self.why = store.Because(actor.person_id, now, reason, self.world.as_of)
        self.units: dict[str, Node] = {}
        self.programmes: dict[str, Programme] = {}
        self.people: dict[str, Person] = {}
        self.roles = {
            role.code: role
            for role in Role.objects.filter(code__in=["sponsor", "project_manager", "portfolio_manager"])
        }
        self.taken: dict[str, set[str]] = {}

    def write(self) -> dict[int, Project]:
        """Every row that is not refused, then the projects that left. Gives the project of each line."""
        done: dict[int, Project] = {}
        rows = [row for row in self.plan.rows if row.outcome != "refused"]
        total = len(rows) + len(self.plan.leaving)
        for number, row in enumerate(rows):
            self.tell(number, total, row.name)
            done[row.line] = self._row(row)
        for number, project in enumerate(self.plan.leaving, start=len(rows)):
            self.tell(number, total, project.node.name)
            projects.leave_register(self.actor, project, on=self.world.as_of, now=self.now, reason=self.reason)
        return done

    def _row(self, row: PlannedRow) -> Project:
        programme = self._programme(row.programme)
        outcome = projects.record_project(
            self.actor,
            self.portfolio,
            external_id=row.external_id,
            name=row.name,
            facts=row.facts.values,
            unknown=row.facts.unknown,
            now=self.now,
            effective_on=self.world.as_of,
            reason=self.reason,
            unit=self._unit(row.unit),
            programme=programme,
            confidential=row.confidential,
            known=row.known,
            searched=True,
        )
        self._agrees(row, outcome)
        project = outcome.project
        if row.known is None and row.confidential:
            # Who brings a confidential project in stays inside its circle.
            roles.hold(
                self.actor.person,
                self.roles["portfolio_manager"],
                on=project.node,
                from_on=self.world.as_of,
                why=self.why,
                actor=self.actor,
                noted=False,
            )
        elif "confidential" in row.changes:
            projects.make_confidential(self.actor, project, confidential=True, now=self.now)
        for part, holder in row.holders.items():
            self._hold(project, part, holder)
        if self.world.next_on is not None:
            self._leave_the_later_days(row, project, self.world.next_on)
        return project

    def _agrees(self, row: PlannedRow, outcome: projects.Outcome) -> None:
        """What is written is what was shown; a difference is a fault of ours, and nothing of it is kept."""
        promised = {key: pair for key, pair in row.changes.items() if key not in {"sponsor", "manager", "confidential"}}
        result = "created" if row.outcome == "new" else "updated" if promised else "unchanged"
        if (outcome.result, plain(outcome.changes)) != (result, plain(promised)):
            raise RuntimeError(
                f"Line {row.line} would be {outcome.result} with {sorted(outcome.changes)}, "
                f"but was shown as {result} with {sorted(promised)}."
            )

    def _leave_the_later_days(self, row: PlannedRow, project: Project, next_on: date) -> None:
        """An older file tells of its own time only: from the next snapshot on, everything is as it was."""
        if row.known is None:
            projects.leave_register(self.actor, project, on=next_on, now=self.now, reason=self.reason)
            return
        later = self.world.next_states.get(row.known.pk)
        if later is None or later.left_on is not None or row.outcome == "unchanged":
            return
        keys = list(row.facts.values)
        projects.record_project(
            self.actor,
            self.portfolio,
            external_id=row.external_id,
            name=later.node.name,
            facts={key: getattr(later, key) for key in keys},
            unknown={key: later.unknown[key] for key in keys if key in later.unknown},
            now=self.now,
            effective_on=next_on,
            reason=self.reason,
            unit=later.node.unit,
            programme=later.programme,
            known=row.known,
        )

    def _refs(self, kind: str) -> set[str]:
        """References of a kind in lower case, so that a new one differs from all."""
        if kind not in self.taken:
            found = Node.objects.filter(kind=kind).values_list(Lower("ref"), flat=True)
            self.taken[kind] = set(found)
        return self.taken[kind]

    def _new_ref(self, kind: str, name: str) -> str:
        taken = self._refs(kind)
        ref = rules.reference_of(name, taken)
        taken.add(ref.casefold())
        return ref

    def _unit(self, unit: Unit | None) -> Node | None:
        if unit is None:
            return None
        key = unit.word.casefold()
        if key not in self.units:
            self.units[key] = self._find_or_make_unit(unit)
        return self.units[key]

    def _find_or_make_unit(self, unit: Unit) -> Node:
        if unit.node is not None:
            node = Node.objects.get(pk=unit.node.pk)
            return nodes.rename(node, unit.word, self.why, actor=self.actor) if unit.renames else node
        parent = Node.objects.get(kind="unit", unit__isnull=True)
        node = nodes.make_node(
            Node(kind="unit", ref=self._new_ref("unit", unit.word), name=unit.word, unit=parent),
            self.why,
            actor=self.actor,
            noted=False,
        )
        if unit.continues:
            nodes.remember_alias(node, unit.continues)
        return node

    def _programme(self, programme: Programme | str | None) -> Programme | None:
        if not isinstance(programme, str):
            return programme
        key = programme.casefold()
        if key not in self.programmes:
            self.programmes[key] = projects.add_programme(
                self.actor,
                self.portfolio,
                name=programme,
                ref=self._new_ref("programme", programme),
                now=self.now,
                effective_on=self.world.as_of,
            )
        return self.programmes[key]

    def _hold(self, project: Project, part: str, holder: Holder) -> None:
        person = self._person(holder)
        role = self.roles["sponsor" if part == "sponsor" else "project_manager"]
        roles.hold(person, role, on=project.node, from_on=self.world.as_of, why=self.why, actor=self.actor, noted=False)

    def _person(self, holder: Holder) -> Person:
        key = str(holder.person_id) if holder.person_id is not None else f"new {holder.key}"
        if key not in self.people:
            self.people[key] = (
                Person.objects.get(pk=holder.person_id)
                if holder.person_id is not None
                else accounts.new_person(name=holder.name, email=holder.email, why=self.why)
            )
        return self.people[key]


def import_of_job(arguments: dict[str, Any]) -> Import:
    """The import a job is about, with everything it needs."""
    return Import.objects.select_related("portfolio__node", "file").get(pk=arguments["import"])
