"""A register is uploaded: its table found, its columns matched, nothing imported yet."""

import hashlib
import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Organisation, Person
from quarterdeck.exchange import queries, rules
from quarterdeck.exchange.models import Import, ImportFile
from quarterdeck.exchange.services.moving import move, require_import, require_own
from quarterdeck.exchange.services.reading import look_at, table_of, workbook_of
from quarterdeck.exchange.tabular.header import Table
from quarterdeck.exchange.tabular.mapping import Mapping, from_json, generic, match, to_json
from quarterdeck.exchange.tabular.suggestion import Suggestion, suggest
from quarterdeck.exchange.tabular.workbook import MEGABYTE, USUAL, Workbook
from quarterdeck.projects.models import Portfolio
from quarterdeck.projects.services import check_reference

# A declared tier is kept with the row: the tier of a project is worked out from its facts.
NOT_TAKEN = ("tier",)


@transaction.atomic
def upload(
    actor: Actor,
    *,
    file_name: str,
    content: bytes,
    now: datetime,
    portfolio: Portfolio | None = None,
    new_name: str = "",
    new_ref: str = "",
    new_currency: str = "",
    as_of: date | None = None,
    mapping: str = "",
) -> Import:
    """
    Keep a file, find its table and suggest what its columns mean.

    Parameters
    ----------
    portfolio : where it goes; None makes the one that new_name, new_ref and new_currency describe.
    as_of : the day it tells of; None takes the day of the mapping, of the file name, or today.
    mapping : name of a kept or shipped mapping; empty takes the one that fits best.
    """
    require_import(actor, portfolio)
    if len(content) > USUAL.file_bytes:
        sentence = _("The file has %(size)d MB; %(limit)d MB is the most that is read.") % {
            "size": -(-len(content) // MEGABYTE),
            "limit": USUAL.file_bytes // MEGABYTE,
        }
        raise Refused("file_too_large", sentence, {"file": sentence})
    if portfolio is None and not (new_ref.strip() and new_name.strip()):
        raise Refused("no_portfolio", _("Choose a portfolio, or give the new one a name and a reference."))
    if portfolio is None:
        check_reference(new_ref)
    if as_of is not None and as_of > now.date():
        sentence = _("That day has not come yet. A register tells of today or an earlier day.")
        raise Refused("day_ahead", sentence, {"as_of": sentence})
    workbook = workbook_of(content)
    found = Import(
        person_id=actor.person_id,
        number=_next_number(actor),
        file_name=clean_name(file_name),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        portfolio=portfolio,
        new_name="" if portfolio else new_name.strip(),
        new_ref="" if portfolio else new_ref.strip(),
        as_of=as_of,
        uploaded_at=now,
    )
    _take(found, actor, workbook, table_of(workbook), mapping, now)
    if portfolio is None:
        found.new_currency = new_currency or found.mapping.get("currency", "") or own_currency()
    found.save(force_insert=True)
    ImportFile.objects.create(of=found, content=content)
    return found


def _next_number(actor: Actor) -> int:
    """One person's imports are numbered one after the other."""
    Person.objects.select_for_update().get(pk=actor.person_id)
    return (Import.objects.filter(person_id=actor.person_id).aggregate(latest=Max("number"))["latest"] or 0) + 1


def clean_name(name: str) -> str:
    """The last part of a file name, on one line; where a path came with it, the path is dropped."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(letter for letter in last if letter.isprintable()).strip()
    return kept.encode("utf-8", "replace").decode()[-200:] or "register"


def own_currency() -> str:
    """The currency the organisation reports in."""
    return Organisation.objects.values_list("currency", flat=True).first() or "EUR"


def suggestion_for(actor: Actor, table: Table, name: str = "") -> tuple[Mapping, str, Suggestion]:
    """The mapping of a name, or the one that fits best, with the name it goes by and the reasons."""
    known = [mapping for _name, mapping, _own in queries.mappings(actor)]
    found = suggest(table, known)
    chosen = queries.mapping_called(actor, name) if name else None
    if name and chosen is None:
        raise Refused("no_such_mapping", _("No mapping is called “%(name)s”.") % {"name": name[:80]})
    if chosen is None:
        return found.mapping, found.based_on, found
    if chosen.name == "generic":
        # Its many names are a vocabulary; what fits this file is chosen from it by name and content.
        found = suggest(table, [generic()])
        return found.mapping, "generic", found
    return chosen, name, found


def _as_last_time(actor: Actor, found: Import, table: Table) -> tuple[Mapping, str] | None:
    """The mapping of the portfolio's latest import that the actor may see, where every column it used is here again."""
    if found.portfolio_id is None:
        return None
    latest = (
        queries.imports(actor)
        .filter(state="imported", portfolio_id=found.portfolio_id)
        .order_by("-as_of", "-imported_at")
        .first()
    )
    if latest is None:
        return None
    mapping = replace(from_json(json.dumps(latest.mapping)), as_of=None)
    return (mapping, latest.mapping_name) if set(mapping.columns) == set(match(mapping, table)) else None


def taken(mapping: Mapping) -> Mapping:
    """The mapping without fields that no project takes over."""
    return mapping.with_columns({key: () for key in NOT_TAKEN if key in mapping.columns})


def day_of(mapping: Mapping, file_name: str, now: datetime) -> date:
    """The day a register tells of, as far as it can be told: by mapping, by file name, else today; never ahead."""
    found = mapping.as_of or rules.day_in(file_name) or now.date()
    return min(found, now.date())


def _take(found: Import, actor: Actor, workbook: Workbook, table: Table, name: str, now: datetime) -> None:
    """Put what was found in the file, and the mapping suggested for it, on the import."""
    mapping, called, suggestion = suggestion_for(actor, table, name)
    if not name and called == "generic" and (last := _as_last_time(actor, found, table)):
        mapping, called = last
    found.sheet, found.header_line = table.sheet[:200], table.header_line
    found.look = look_at(workbook, table) | {"reasons": _reasons(suggestion)}
    found.mapping, found.mapping_name = as_item(taken(mapping)), called[:80]
    if found.as_of is None:
        found.as_of = day_of(mapping, found.file_name, now)


def _reasons(suggestion: Suggestion) -> dict[str, Any]:
    """Field to the reasons of its suggestion, for the page to say."""
    return {
        one.field: [[code, dict(details)] for code, details in one.reasons]
        for one in suggestion.columns
        if one.field not in NOT_TAKEN
    }


def as_item(mapping: Mapping) -> dict[str, Any]:
    """A mapping as plain JSON types."""
    item: dict[str, Any] = json.loads(to_json(mapping))
    return item


@transaction.atomic
def choose_table(actor: Actor, found: Import, *, sheet: str, header_line: int, now: datetime) -> Import:
    """Take the table at another sheet or line; what its columns mean is suggested anew."""
    require_own(actor, found)
    workbook = workbook_of(bytes(found.file.content))
    table = table_of(workbook, sheet=sheet, header_line=header_line)
    _take(found, actor, workbook, table, "", now)
    return move(
        found,
        "choose",
        sheet=found.sheet,
        header_line=found.header_line,
        look=found.look,
        mapping=found.mapping,
        mapping_name=found.mapping_name,
        failure="",
    )


@transaction.atomic
def abandon(actor: Actor, found: Import, *, now: datetime) -> Import:
    """Give an import up. Its file goes, what is known about it stays."""
    require_own(actor, found)
    move(found, "abandon", look={})
    ImportFile.objects.filter(of=found).delete()
    found.rows.all().delete()
    return found
