"""An interpretation as JSON, so that a job can keep it between the look at it and the import."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from quarterdeck.exchange.tabular.columns import Meaning, Value
from quarterdeck.exchange.tabular.fields import FIELDS, Holds
from quarterdeck.exchange.tabular.problems import Level, Problem
from quarterdeck.exchange.tabular.rows import Interpretation, InterpretedRow


def to_json(interpretation: Interpretation) -> str:
    """The whole interpretation; `from_json` gives back an equal one."""
    return json.dumps(
        {
            "mapping": interpretation.mapping,
            "as_of": interpretation.as_of.isoformat() if interpretation.as_of else None,
            "columns": {key: list(labels) for key, labels in interpretation.columns.items()},
            "rows": [row_to_item(row) for row in interpretation.rows],
            "problems": [problem_to_item(problem) for problem in interpretation.problems],
        },
        ensure_ascii=False,
    )


def from_json(text: str) -> Interpretation:
    item = json.loads(text)
    return Interpretation(
        item["mapping"],
        dt.date.fromisoformat(item["as_of"]) if item["as_of"] else None,
        {key: tuple(labels) for key, labels in item["columns"].items()},
        tuple(row_from_item(row) for row in item["rows"]),
        tuple(problem_from_item(problem) for problem in item["problems"]),
    )


def row_to_item(row: InterpretedRow) -> dict[str, Any]:
    """One row as plain JSON types, for a JSON column of its own."""
    return {
        "line": row.line,
        "external_id": row.external_id,
        "values": {key: _value_to_item(value) for key, value in row.values.items()},
        "unmapped": dict(row.unmapped),
        "problems": [problem_to_item(problem) for problem in row.problems],
        "refused": row.refused,
    }


def row_from_item(item: dict[str, Any]) -> InterpretedRow:
    return InterpretedRow(
        item["line"],
        item["external_id"],
        {key: _value_from_item(key, value) for key, value in item["values"].items()},
        item["unmapped"],
        tuple(problem_from_item(problem) for problem in item["problems"]),
        item["refused"],
    )


def problem_to_item(problem: Problem) -> dict[str, Any]:
    return {
        "line": problem.line,
        "column_letter": problem.column_letter,
        "column": problem.column,
        "level": problem.level.value,
        "code": problem.code,
        "details": dict(problem.details),
        "as_written": problem.as_written,
    }


def problem_from_item(item: dict[str, Any]) -> Problem:
    return Problem(**{**item, "level": Level(item["level"])})


def _value_to_item(value: Value) -> dict[str, Any]:
    """Only what differs from an empty value; the field says of which type the value is."""
    meaning = value.value
    plain = (
        meaning.isoformat()
        if isinstance(meaning, dt.date)
        else str(meaning)
        if isinstance(meaning, Decimal)
        else meaning
    )
    item = {
        "value": plain,
        "as_written": value.as_written,
        "reason": value.reason,
        "column": value.column,
        "precision": value.precision,
        "currency": value.currency,
    }
    return {key: part for key, part in item.items() if part not in (None, "")}


def _value_from_item(key: str, item: dict[str, Any]) -> Value:
    meaning: Meaning = item.get("value")
    if isinstance(meaning, str) and FIELDS[key].holds is Holds.DATE:
        meaning = dt.date.fromisoformat(meaning)
    elif isinstance(meaning, str) and FIELDS[key].holds is Holds.MONEY:
        meaning = Decimal(meaning)
    return Value(
        meaning,
        item.get("as_written", ""),
        item.get("reason"),
        item.get("column", ""),
        item.get("precision"),
        item.get("currency", ""),
    )
