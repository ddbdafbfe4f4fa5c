"""From the values of a row to the facts of a project, and the reason for each that stays unknown."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.exchange import rules
from quarterdeck.exchange.tabular.columns import Value
from quarterdeck.exchange.tabular.fields import FIELDS, Holds
from quarterdeck.exchange.tabular.problems import Level, Problem
from quarterdeck.exchange.tabular.rows import InterpretedRow
from quarterdeck.projects.models import Project

# What is not a fact of the project row itself.
APART = {
    "external_id", "name", "unit", "programme", "sponsor", "manager", "sponsor_email", "manager_email", "confidential",
    "tier",
}  # fmt: skip
LONGEST_CATEGORY = 120


@dataclass(slots=True)
class Facts:
    """
    Facts as a project keeps them, and why the others are unknown.

    problems: what does not fit a project although it reads well, without line and letter. instead_of: problems of
    the reading that these replace. unused: facts whose cell reads well and is not used.
    """

    values: dict[str, Any] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    instead_of: list[Problem] = field(default_factory=list)
    unused: set[str] = field(default_factory=set)


def facts_of(row: InterpretedRow, currency: str) -> Facts:
    """The facts a row gives; amounts of another currency than the portfolio's stay unknown."""
    facts = Facts()
    for key, value in row.values.items():
        if key in APART:
            continue
        match FIELDS[key].holds:
            case Holds.DATE:
                facts.values[key] = value.value
                _reason(facts, key, value)
            case Holds.MONEY:
                _amount(facts, key, value, currency)
            case Holds.CONFIDENCE:
                facts.values[key] = value.value or ""
                _reason(facts, key, value)
            case _ if key in {"stage", "approach"}:
                _choice(facts, key, value)
            case _:
                _prose(facts, key, value)
    return facts


def why(value: Value) -> str:
    """Why a cell gives no value, as the project says it to its reader."""
    if value.reason == "not_given" or not value.as_written.strip():
        return _("Not given in the file.")
    text = rules.excerpt(value.as_written)
    if value.reason == "withheld":
        return _("In the file: “%(text)s”") % {"text": text}
    return _("In the file: “%(text)s”, which cannot be read.") % {"text": text}


def _reason(facts: Facts, key: str, value: Value) -> None:
    if facts.values[key] in (None, ""):
        facts.unknown[key] = why(value)


def _problem(facts: Facts, key: str, value: Value, code: str, **details: str) -> None:
    facts.problems.append(
        Problem(0, "", value.column, Level.CELL, code, {"noun": FIELDS[key].noun, **details}, value.as_written)
    )
    facts.unused.add(key)
    facts.unknown[key] = _("In the file: “%(text)s”, which is not used.") % {"text": rules.excerpt(value.as_written)}


def _amount(facts: Facts, key: str, value: Value, currency: str) -> None:
    amount = value.value
    if not isinstance(amount, Decimal):
        facts.values[key] = None
        _reason(facts, key, value)
        return
    facts.values[key] = kept = rules.kept_amount(amount)
    if value.currency and value.currency != currency:
        facts.values[key] = None
        facts.instead_of.append(Problem(0, "", value.column, Level.CELL, "other_currency"))
        _problem(facts, key, value, "wrong_currency", currency=value.currency, expected=currency)
    elif kept is None:
        _problem(facts, key, value, "too_much_money", text=rules.excerpt(value.as_written))


def _choice(facts: Facts, key: str, value: Value) -> None:
    text = value.value if isinstance(value.value, str) else ""
    code = rules.stage_of(text) if key == "stage" else rules.approach_of(text)
    facts.values[key] = code
    if code:
        return
    if text:
        choices = Project.Stage if key == "stage" else Project.Approach
        listed = ", ".join(str(label) for label in choices.labels)
        _problem(facts, key, value, "not_a_choice", text=rules.excerpt(text), choices=listed)
    else:
        _reason(facts, key, value)


def _prose(facts: Facts, key: str, value: Value) -> None:
    text = value.value if isinstance(value.value, str) else ""
    facts.values[key] = text
    if key == "category" and len(text) > LONGEST_CATEGORY:
        facts.values[key] = ""
        details = {"count": str(len(text)), "limit": str(LONGEST_CATEGORY)}
        _problem(facts, key, value, "too_long", **details)


def named_people(row: InterpretedRow) -> dict[str, tuple[str, str]]:
    """Part to name and address of the people a row names; who has only an address is called by what stands before @."""
    found = {}
    for part in ("sponsor", "manager"):
        name, email = _text(row, part), _text(row, f"{part}_email")
        if name or email:
            found[part] = (name or email.partition("@")[0], email)
    return found


def _text(row: InterpretedRow, key: str) -> str:
    value = row.values[key].value if key in row.values else None
    return value.strip() if isinstance(value, str) else ""
