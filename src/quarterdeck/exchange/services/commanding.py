"""A register file is imported in one call, for the command line."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Refused
from quarterdeck.exchange.services.importing import (
    Target,
    Tell,
    apply_plan,
    claim,
    patiently,
    plan_of,
    report_of,
    silent,
    target_of,
)
from quarterdeck.exchange.services.mapping_columns import mapping_of
from quarterdeck.exchange.services.moving import move, require_import
from quarterdeck.exchange.services.planning import Plan
from quarterdeck.exchange.services.reading import table_of, workbook_of
from quarterdeck.exchange.services.uploading import day_of, own_currency, suggestion_for, taken, upload
from quarterdeck.exchange.tabular.errors import FileMissing
from quarterdeck.exchange.tabular.problems import Problem
from quarterdeck.projects import queries as project_queries


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or would do."""

    plan: Plan

    @property
    def problems(self) -> list[Problem]:
        """Those of the file first, then row by row."""
        return [*self.plan.problems, *(problem for row in self.plan.rows for problem in row.problems)]

    def as_json(self) -> dict[str, Any]:
        """Counts, columns that are kept without use, and every problem, as plain JSON types."""
        counts = self.plan.counts
        return {
            "rows": counts["rows"],
            "created": counts["new"],
            "updated": counts["changed"],
            "unchanged": counts["unchanged"],
            "refused": counts["refused"],
            "unmapped_columns": self.plan.unmapped_columns,
            "problems": [
                {
                    "line": problem.line,
                    "column": problem.column or problem.column_letter,
                    "code": problem.code,
                    "message": problem.message,
                }
                for problem in self.problems
            ],
        }


def import_register_file(
    actor: Actor,
    path: Path | str,
    *,
    mapping: str,
    portfolio: str,
    now: datetime,
    as_of: date | None = None,
    dry_run: bool = False,
    tell: Tell = silent,
) -> Report:
    """
    Import a register in one transaction.

    Parameters
    ----------
    mapping : name of a kept or shipped mapping; generic is fitted to the file by names and content.
    portfolio : its reference; the portfolio is made when there is none, with the reference as its name.
    as_of : the day the register tells of; else that of the mapping, of the file name, or today.
    dry_run : only say what would happen.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise Refused(FileMissing.code, FileMissing().message) from problem
    if dry_run:
        return Report(_what_would_happen(actor, path.name, content, mapping, portfolio, as_of, now))
    return Report(_import(actor, path.name, content, mapping, portfolio, as_of, now, tell))


def _what_would_happen(
    actor: Actor, name: str, content: bytes, mapping: str, ref: str, as_of: date | None, now: datetime
) -> Plan:
    own = project_queries.portfolios(actor).filter(node__ref__iexact=ref).first()
    require_import(actor, own)
    if as_of is not None and as_of > now.date():
        raise Refused("day_ahead", _("That day has not come yet. A register tells of today or an earlier day."))
    table = table_of(workbook_of(content))
    chosen, _called, _suggestion = suggestion_for(actor, table, mapping)
    chosen = taken(chosen)
    currency = own.currency if own is not None else chosen.currency or own_currency()
    target = Target(own, own.name if own else ref, own.ref if own else ref, currency)
    return plan_of(actor, table, chosen, target, as_of or day_of(chosen, name, now))


@transaction.atomic
def _import(
    actor: Actor,
    name: str,
    content: bytes,
    mapping: str,
    ref: str,
    as_of: date | None,
    now: datetime,
    tell: Tell,
) -> Plan:
    """All states in one transaction: a command that is killed leaves nothing behind."""
    patiently()
    own = project_queries.portfolios(actor).filter(node__ref__iexact=ref).first()
    found = upload(
        actor,
        file_name=name,
        content=content,
        portfolio=own,
        new_name=ref,
        new_ref=ref,
        as_of=as_of,
        mapping=mapping,
        now=now,
    )
    for step in ("map", "look", "show"):
        move(found, step)
    claim(found)
    target = target_of(found)
    table = table_of(workbook_of(content), sheet=found.sheet, header_line=found.header_line)
    assert found.as_of is not None
    planned = plan_of(actor, table, mapping_of(found), target, found.as_of)
    apply_plan(actor, found, planned, target, report_of(found, planned, target), now=now, tell=tell)
    return planned
