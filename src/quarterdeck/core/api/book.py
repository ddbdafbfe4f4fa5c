"""The description of the interface as people read it: for the page of the installation and for the reference."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from quarterdeck.core.api.interface import ROOT, Interface, description

METHODS = ("get", "post", "patch")
UID = "6f9e1c52-0d4b-4a7e-9f1d-3b1c8e5a2d10"
# What stands in examples.
SAMPLES = {
    "ref": "IT-0042", "portfolio": "IT", "programme": "ONE", "unit": "WORKS", "parent": "ORG", "key": "IT-0042",
    "kinds": "projects", "uid": UID, "person": UID,
    "code": "viewer", "role": "viewer", "place": "IT", "name": "Tariff engine", "currency": "EUR", "text": "Well done.",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A parameter, or a field of a body: what it is called, where it goes, what it takes and what it means."""

    name: str
    place: str
    required: bool
    takes: str
    text: str


@dataclass(frozen=True, slots=True)
class Described:
    """One operation."""

    name: str
    method: str
    path: str
    title: str
    text: str
    scope: str
    parameters: list[Entry]
    body: list[Entry]
    answers: list[tuple[str, str]]
    example: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """Operations that belong together."""

    title: str
    operations: list[Described]


def chapters(interface: Interface) -> list[Chapter]:
    """All operations by chapter, in the order of their declaration."""
    schema = description(interface)
    found: dict[str, list[Described]] = {}
    for path, methods in schema["paths"].items():
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                found.setdefault(operation["tags"][0], []).append(_described(schema, path, method, operation))
    return [Chapter(title, operations) for title, operations in found.items()]


def _described(schema: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Described:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    fields = list(_fields(schema, body)) if body else []
    return Described(
        operation["operationId"],
        method.upper(),
        path,
        operation["summary"],
        operation.get("description", ""),
        operation["x-scope"],
        [
            Entry(
                each["name"], each["in"], each["required"], _takes(schema, each["schema"]), each.get("description", "")
            )
            for each in operation["parameters"]
        ],
        fields,
        [(str(status), _answer(schema, answer)) for status, answer in sorted(operation["responses"].items(), key=str)],
        _curl(path, method, operation, fields),
    )


def _text(each: dict[str, Any]) -> str:
    return str(each.get("description", ""))


def _answer(schema: dict[str, Any], answer: dict[str, Any]) -> str:
    if "$ref" in answer:
        return str(schema["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]["description"])
    shape = answer.get("content", {}).get("application/json", {}).get("schema", {})
    named = _named(shape)
    return named or str(answer.get("description", ""))


def _named(shape: dict[str, Any]) -> str:
    return shape["$ref"].rsplit("/", 1)[1] if "$ref" in shape else ""


def _fields(schema: dict[str, Any], shape: dict[str, Any]) -> Iterator[Entry]:
    full = schema["components"]["schemas"][_named(shape)] if _named(shape) else shape
    required = full.get("required", [])
    for name, field in full.get("properties", {}).items():
        yield Entry(name, "body", name in required, _takes(schema, field), field.get("description", ""))


def _takes(schema: dict[str, Any], field: dict[str, Any]) -> str:
    """What a field takes, in words."""
    if _named(field):
        return _takes(schema, schema["components"]["schemas"][_named(field)])
    if "anyOf" in field:
        return " or ".join(_takes(schema, each) for each in field["anyOf"])
    if "enum" in field:
        return ", ".join(str(each) for each in field["enum"])
    if field.get("type") == "array":
        return f"{_takes(schema, field['items'])}; may be repeated"
    kind = str(field.get("type", "anything"))
    words = {"string": "text", "integer": "whole number", "boolean": "true or false", "null": "null"}.get(kind, kind)
    form = {"date": "day such as 2026-09-30", "date-time": "instant", "uuid": "uid"}.get(field.get("format", ""))
    if form:
        return form
    if "maximum" in field and "minimum" in field:
        return f"{words} from {field['minimum']} to {field['maximum']}"
    if "maxLength" in field:
        return f"{words} of at most {field['maxLength']:,} letters"
    return words


def _curl(path: str, method: str, operation: dict[str, Any], fields: list[Entry]) -> str:
    for name, sample in SAMPLES.items():
        path = path.replace(f"{{{name}}}", sample)
    lines = [f'curl -H "Authorization: Bearer $TOKEN" "$QUARTERDECK{path}"']
    if method == "post":
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    if method == "patch":
        lines.append("-X PATCH -H 'If-Match: \"the ETag that was read\"'")
    if operation.get("requestBody"):
        chosen = [field for field in fields if field.required] or fields[:1]
        body = {field.name: _sample(field) for field in chosen}
        lines.append(f"-H 'Content-Type: application/json' -d '{json.dumps(body)}'")
    return " \\\n  ".join(lines)


def _sample(field: Entry) -> Any:
    if field.name in SAMPLES:
        return SAMPLES[field.name]
    if field.takes == "true or false":
        return True
    if field.takes.startswith("day"):
        return "2026-09-30"
    return field.takes.split(", ")[0] if ", " in field.takes else "…"


__all__ = ["ROOT", "Chapter", "Described", "Entry", "chapters"]
