"""
What an import will do, worked out without writing: the preview shows it, the import does it.

Both call `plan` on what is there at that moment, so that their counts agree.
"""

import hashlib
from collections.abc import Mapping as Of
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.core import ledger
from quarterdeck.core.models import Node
from quarterdeck.exchange import queries, rules
from quarterdeck.exchange.services.facts import Facts, facts_of, named_people
from quarterdeck.exchange.services.reading import cells_of
from quarterdeck.exchange.services.world import Held, World
from quarterdeck.exchange.tabular.fields import FIELDS
from quarterdeck.exchange.tabular.header import Column, Table
from quarterdeck.exchange.tabular.problems import Level, Problem
from quarterdeck.exchange.tabular.rows import Interpretation, InterpretedRow
from quarterdeck.projects.calculations import tier_of
from quarterdeck.projects.models import Programme, Project
from quarterdeck.projects.rules import CONFIDENCE_ORDER

LONGEST_NAME, REFS = 300, 5
COSTS = ("forecast_cost", "whole_life_cost", "approved_budget")


@dataclass(slots=True)
class Unit:
    """A unit that the file names: known, known under the name it had, or to be made."""

    word: str
    node: Node | None = None
    continues: str = ""
    renames: bool = False


@dataclass(slots=True)
class Holder:
    """Who is to hold a part at a project: somebody known, or a person to be made."""

    name: str
    email: str
    person_id: int | None = None

    @property
    def key(self) -> str:
        """What tells people to be made apart."""
        return self.email.casefold() or self.name.casefold()


@dataclass(slots=True)
class PlannedRow:
    """One row of the file and what it will do."""

    line: int
    external_id: str
    name: str
    outcome: str
    facts: Facts
    known: Project | None = None
    unit: Unit | None = None
    programme: Programme | str | None = None
    holders: dict[str, Holder] = field(default_factory=dict)
    confidential: bool = False
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    cells: Of[str, str] = field(default_factory=dict)
    unmapped: Of[str, str] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """All rows, the projects that will be marked as left, and the problems of the file as a whole."""

    world: World
    rows: list[PlannedRow]
    leaving: list[Project]
    problems: list[Problem]
    unmapped_columns: list[str]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each outcome, how many problems, and in which ways known projects moved."""
        found = dict.fromkeys(("new", "changed", "unchanged", "refused"), 0)
        moved = dict.fromkeys(queries.MOVES, 0)
        for row in self.rows:
            found[row.outcome] += 1
            if row.outcome == "changed":
                for way in row.figures.get("moved", []):
                    moved[way] += 1
        problems = len(self.problems) + sum(len(row.problems) for row in self.rows)
        return found | moved | {"rows": len(self.rows), "left": len(self.leaving), "problems": problems}

    def digest(self, *, sha256: str, mapping: Of[str, Any], portfolio: str) -> str:
        """SHA-256 of the canonical report: file, mapping, day, and of each row what becomes of it and why."""
        report = {
            "file": sha256,
            "mapping": mapping,
            "as_of": self.world.as_of,
            "portfolio": portfolio,
            "rows": [
                [
                    row.line,
                    row.external_id,
                    row.outcome,
                    plain(row.changes),
                    [[problem.code, problem.column] for problem in row.problems],
                ]
                for row in self.rows
            ],
            "left": sorted(project.external_id for project in self.leaving),
            "problems": [problem.code for problem in self.problems],
        }
        return hashlib.sha256(ledger.canonical(report).encode()).hexdigest()


def plain(changes: Of[str, tuple[Any, Any]]) -> dict[str, list[Any]]:
    """Changes as JSON types: dates in ISO form, amounts without needless zeros."""
    return {key: [_plain(before), _plain(after)] for key, (before, after) in changes.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize() + 0, "f")
    return value.isoformat() if isinstance(value, date) else value


def plan(table: Table, found: Interpretation, world: World, *, continues: Of[str, str]) -> Plan:
    """
    What each row will do to what is there.

    Parameters
    ----------
    continues : new name of a unit to the one it had before.
    """
    return _Planner(table, found, world, continues).plan()


class _Planner:
    """Goes through the rows once; what rows share (units and programmes to be made) is decided once."""

    def __init__(self, table: Table, found: Interpretation, world: World, continues: Of[str, str]) -> None:
        self.table, self.found, self.world, self.continues = table, found, world, continues
        self.columns = {column.label: column for column in table.columns}
        self.lines = {row.line: row for row in table.rows}
        self.units: dict[str, Unit | None] = {}
        self.cost = next((key for key in COSTS if key in found.columns), "")

    def plan(self) -> Plan:
        rows = [self._row(row) for row in self.found.rows]
        places = {column.label: column.index for column in self.table.columns}
        for row in rows:
            # What refuses the row first, then in the order of the columns.
            row.problems.sort(key=lambda problem: (problem.level is not Level.ROW, places.get(problem.column, -1)))
        used = {label for labels in self.found.columns.values() for label in labels}
        unmapped = [column.label for column in self.table.columns if column.label not in used]
        leaving = self._leaving(rows)
        return Plan(self.world, rows, leaving, self._file_problems(rows), unmapped)

    def _file_problems(self, rows: list[PlannedRow]) -> list[Problem]:
        problems = list(self.found.problems)
        world = self.world
        if world.next_on is not None and world.latest is not None:
            problems.append(Problem(0, "", "", Level.FILE, "older_file", {"day": long_date(world.latest.on)}))
        # Others read this too: it names only what nothing hides from them. The rows themselves say so of each.
        since = [p for p in world.projects.values() if p.pk in world.then and p.node_id in world.open]
        if since and world.next_on is None:
            refs = sorted(project.ref for project in since)
            listed = ", ".join(refs[:REFS]) + (" …" if len(refs) > REFS else "")
            details = {"day": long_date(world.as_of), "count": str(len(refs)), "refs": listed}
            problems.append(Problem(0, "", "", Level.FILE, "changed_since", details))
        return problems

    def _leaving(self, rows: list[PlannedRow]) -> list[Project]:
        """
        Projects of the register that the file no longer has.

        An older file makes nobody leave; nor does one that somebody outdated by changing the project since. A refused
        row is no reason to leave either.
        """
        world = self.world
        if world.next_on is not None or not any(row.outcome != "refused" for row in rows):
            return []
        told = {row.external_id.casefold() for row in rows}
        leaving = [
            project
            for key, project in world.projects.items()
            if key not in told and project.left_on is None and project.pk not in world.then
        ]
        return sorted(leaving, key=lambda project: project.external_id)

    def _row(self, row: InterpretedRow) -> PlannedRow:
        facts = facts_of(row, self.world.currency)
        name = _text(row, "name")
        planned = PlannedRow(
            row.line,
            rules.kept_id(row.external_id),
            name,
            "refused",
            facts,
            problems=[],
            cells=cells_of(self.table, self.lines[row.line]),
            unmapped=row.unmapped,
            confidential=_is_true(row, "confidential"),
        )
        replaced = {(problem.code, problem.column) for problem in facts.instead_of}
        planned.problems = [p for p in row.problems if (p.code, p.column) not in replaced]
        planned.problems += [self._placed(row, problem) for problem in facts.problems]
        planned.figures = self._figures(row, facts)
        if row.refused or self._refused(planned, row):
            return planned
        key = planned.external_id.casefold()
        planned.known = self.world.projects.get(key)
        planned.unit = self._unit(planned, row)
        planned.programme = self._programme(planned, row)
        self._actual_dates(planned, row)
        self._holders(planned, row)
        self._compare(planned)
        return planned

    def _placed(self, row: InterpretedRow, problem: Problem) -> Problem:
        column = self.columns.get(problem.column)
        return replace(problem, line=row.line, column_letter=column.letter if column else "")

    def _problem(
        self, planned: PlannedRow, row: InterpretedRow, key: str, code: str, level: Level = Level.CELL, **details: str
    ) -> None:
        value = row.values.get(key)
        column: Column | None = self.columns.get(value.column) if value else None
        planned.problems.append(
            Problem(
                row.line,
                column.letter if column else "",
                column.label if column else "",
                level,
                code,
                {"noun": FIELDS[key].noun, **details},
                value.as_written if value else "",
            )
        )

    def _refused(self, planned: PlannedRow, row: InterpretedRow) -> bool:
        """Whether the row, which reads well, does not fit."""
        before = len(planned.problems)
        if len(planned.name) > LONGEST_NAME:
            details = {"count": str(len(planned.name)), "limit": str(LONGEST_NAME)}
            self._problem(planned, row, "name", "name_too_long", Level.ROW, **details)
        if planned.external_id.casefold() in self.world.hidden:
            self._problem(planned, row, "external_id", "no_access", Level.ROW)
        elif planned.confidential and not self.world.may_manage_it(
            self.world.projects.get(planned.external_id.casefold())
        ):
            self._problem(planned, row, "confidential", "confidential_row", Level.ROW)
        return len(planned.problems) > before

    def _unit(self, planned: PlannedRow, row: InterpretedRow) -> Unit | None:
        word = _text(row, "unit")
        if not word:
            return None
        key = word.casefold()
        if key not in self.units:
            self.units[key] = self._find_unit(word)
        unit = self.units[key]
        if unit is None:
            self._problem(planned, row, "unit", "unknown_unit", text=rules.excerpt(word))
        return unit

    def _find_unit(self, word: str) -> Unit | None:
        world = self.world
        if (node := world.units.find(word)) is not None:
            return Unit(word, node)
        before = next((old for new, old in self.continues.items() if new.casefold() == word.casefold()), "")
        if before and (node := world.units.find(before)) is not None:
            return Unit(word, node, before, renames=world.may_organise and world.next_on is None)
        return Unit(word, None, before) if world.may_organise else None

    def _programme(self, planned: PlannedRow, row: InterpretedRow) -> Programme | str | None:
        word = _text(row, "programme")
        if not word:
            return None
        known: Programme | None = self.world.programmes.find(word)
        if known is not None and self._may_move(planned.known, known):
            return known
        if known is None and self.world.may_manage and self._may_move(planned.known, None):
            return word
        self._problem(planned, row, "programme", "unknown_programme", text=rules.excerpt(word))
        return None

    def _may_move(self, project: Project | None, programme: Programme | None) -> bool:
        """Whether the project may go to a programme (None: a new one); out of or into a hidden one it is a decision."""
        if project is None or (programme is not None and programme.pk == project.programme_id):
            return True
        hidden = [each.node.confidential for each in (project.programme, programme) if each is not None]
        return not any(hidden) or self.world.may_manage_it(project)

    def _actual_dates(self, planned: PlannedRow, row: InterpretedRow) -> None:
        """Actual dates the wrong way round, also together with what is known already, are not taken over."""
        facts, unknown = planned.facts.values, planned.facts.unknown
        state = self.world.state(planned.known) if planned.known else None
        start = facts.get("actual_start", state.actual_start if state else None)
        finish = facts.get("actual_finish", state.actual_finish if state else None)
        if start is None or finish is None or not rules.dates_wrong(start, finish):
            return
        said = [key for key in ("actual_start", "actual_finish") if facts.get(key) is not None]
        columns = {row.values[key].column for key in said}
        planned.problems = [p for p in planned.problems if not (p.code == "start_after_finish" and p.column in columns)]
        self._problem(planned, row, said[-1], "actual_dates", start=long_date(start), finish=long_date(finish))
        for key in said:
            del facts[key]
            unknown.pop(key, None)
            if state is None:
                unknown[key] = _("In the file: “%(text)s”, the wrong way round.") % {
                    "text": rules.excerpt(row.values[key].as_written)
                }

    def _holders(self, planned: PlannedRow, row: InterpretedRow) -> None:
        """Who is named, unless the file may not name them or somebody was named since."""
        world = self.world
        found = {}
        for part, (name, email) in named_people(row).items():
            holder = self._holder(planned, row, part, name, email)
            if holder is not None:
                found[part] = holder
        held = {part: self._held(planned, part) for part in ("sponsor", "manager")}
        for part in list(found):
            today = held[part]
            if today is None or today.person_id == found[part].person_id:
                continue
            if today.from_on > world.as_of or world.next_on is not None:
                self._problem(planned, row, part, "named_since")
                del found[part]
        for part in ("manager", "sponsor"):
            after = {each: found.get(each) or held[each] for each in ("sponsor", "manager")}
            if part in found and _same(after["sponsor"], after["manager"]):
                self._problem(planned, row, part, "same_person")
                del found[part]
        for part, holder in found.items():
            today = held[part]
            if today is None or today.person_id != holder.person_id:
                planned.holders[part] = holder
                planned.changes[part] = (today.name if today else "", holder.name)

    def _holder(self, planned: PlannedRow, row: InterpretedRow, part: str, name: str, email: str) -> Holder | None:
        world = self.world
        may_manage = world.may_name and world.may_manage_it(planned.known)
        people = world.people_called(name, email) if may_manage else []
        if len(people) > 1:
            self._problem(planned, row, part, "several_people", text=rules.excerpt(name))
            return None
        if people:
            return Holder(people[0].name, email, people[0].pk)
        if may_manage and world.may_organise:
            return Holder(name, email)
        self._problem(planned, row, part, "may_not_name")
        return None

    def _held(self, planned: PlannedRow, part: str) -> Held | None:
        return self.world.held.get((planned.known.node_id, part)) if planned.known else None

    def _compare(self, planned: PlannedRow) -> None:
        """What differs from the project on the day of the file, exactly as the service that records it sees it."""
        if planned.known is None:
            planned.outcome = "new"
            planned.changes = {}
            return
        state = self.world.state(planned.known)
        changes: dict[str, tuple[Any, Any]] = {}
        after = copy(state)
        for key, value in planned.facts.values.items():
            before = getattr(state, key)
            if before != value:
                changes[key] = (before, value)
                setattr(after, key, value)
        changes |= self._place_changes(planned, state)
        if state.left_on is not None:
            changes["left_on"] = (state.left_on, None)
        tier = tier_of(after)
        if (tier.value, tier.provisional) != (state.tier, state.tier_provisional):
            changes["tier"] = (state.tier, tier.value)
        if planned.name != state.node.name:
            changes["name"] = (state.node.name, planned.name)
        if planned.confidential and not planned.known.node.confidential:
            changes["confidential"] = (False, True)
        planned.changes = changes | planned.changes
        planned.outcome = "changed" if planned.changes else "unchanged"
        if moved := sorted(rules.moved(planned.changes, CONFIDENCE_ORDER)):
            planned.figures["moved"] = moved
        if planned.known.pk in self.world.then:
            planned.figures["past"] = True

    def _place_changes(self, planned: PlannedRow, state: Project) -> dict[str, tuple[Any, Any]]:
        changes: dict[str, tuple[Any, Any]] = {}
        if isinstance(planned.programme, str):
            changes["programme"] = (state.programme.name if state.programme else "", planned.programme)
        elif planned.programme is not None and planned.programme.pk != state.programme_id:
            changes["programme"] = (state.programme.name if state.programme else "", planned.programme.name)
        if planned.unit is not None:
            before = state.node.unit.name if state.node.unit else ""
            if planned.unit.node is None:
                changes["unit"] = (before, planned.unit.word)
            elif planned.unit.node.pk != state.node.unit_id:
                name = planned.unit.word if planned.unit.renames else planned.unit.node.name
                changes["unit"] = (before, name)
        return changes

    def _figures(self, row: InterpretedRow, facts: Facts) -> dict[str, Any]:
        """What the list of rows shows: confidence, finish and cost, or the cell where it has no such value."""
        found: dict[str, Any] = {}
        for name, key in (("confidence", "confidence"), ("finish", "forecast_finish"), ("cost", self.cost)):
            if key not in facts.values:
                continue
            value = facts.values[key]
            if value not in (None, ""):
                found[name] = _plain(value)
            elif (cell := row.values[key]).reason in {"unusable", "withheld"} or key in facts.unused:
                found[f"{name}_written"] = rules.excerpt(cell.as_written, 40)
        return found


def _same(one: Holder | Held | None, other: Holder | Held | None) -> bool:
    """Whether both are one person, known or to be made."""
    if one is None or other is None:
        return False
    if one.person_id is not None or other.person_id is not None:
        return one.person_id == other.person_id
    return isinstance(one, Holder) and isinstance(other, Holder) and one.key == other.key


def _text(row: InterpretedRow, key: str) -> str:
    value = row.values[key].value if key in row.values else None
    return value.strip() if isinstance(value, str) else ""


def _is_true(row: InterpretedRow, key: str) -> bool:
    return key in row.values and row.values[key].value is True


def long_date(day: date) -> str:
    """A day in an English sentence."""
    return f"{day.day} {day:%B %Y}"
