"""The description of the interface as people read it: for the page of the installation and for the reference."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from quarterdeck.core.api.interface import ROOT, Interface, description

METHODS = ("get", "post", "patch")
UID = "6f9e1c52-0d4b-4a7e-9f1d-3b1c8e5a2d10"
# What stands in examples where nobody knows of something that is there, by the kind of thing.
EXAMPLES = {
    "project": "IT-0042", "portfolio": "IT", "programme": "ONE", "unit": "WORKS", "role": "viewer",
    "person": UID, "holding": UID, "job": UID, "import": UID, "comment": UID, "attachment": UID, "document": UID,
}  # fmt: skip
KINDS = {"people": "person"}
# Fields that name a thing under another name than that of its kind, and what else is sent in examples.
NAMING = {"parent": "unit", "place": "unit"}
WORDS = {
    "kind": "unit", "ref": "SECOND", "name": "A new name", "title": "Business case", "currency": "EUR",
    "text": "Well done.", "address": "https://documents.example.org/case", "part": "sponsor",
}  # fmt: skip
ANY_CELL = {"string", "integer", "boolean", "null"}
FIRST_CHOICES = ("name",)
CHAPTERS = ("Projects", "Search", "Lists", "Comments", "Files and documents", "Organisation", "Imports")


@dataclass(frozen=True, slots=True)
class Entry:
    """A parameter, or a field of a body or an answer: where it goes, what it takes and what it means."""

    name: str
    place: str
    required: bool
    takes: str
    text: str


@dataclass(frozen=True, slots=True)
class Described:
    """
    One operation.

    answers : the fields of what it answers; media : what it answers instead of JSON. status : of what goes well.
    refusals : the statuses of what does not.
    """

    name: str
    method: str
    path: str
    text: str
    scope: str
    parameters: list[Entry]
    body: list[Entry]
    status: str
    shape: str
    answers: list[Entry]
    media: str
    refusals: list[str]
    example: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """Operations that belong together."""

    title: str
    operations: list[Described]


def chapters(interface: Interface, things: Mapping[str, str] = EXAMPLES) -> list[Chapter]:
    """
    All operations by chapter, within it in the order of their declaration.

    things : for the examples, the key of a thing of each kind.
    """
    schema = description(interface)
    found: dict[str, list[Described]] = {}
    for path, methods in schema["paths"].items():
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                told = _described(schema, path, method, operation, {**EXAMPLES, **things})
                found.setdefault(operation["tags"][0], []).append(told)
    return [Chapter(title, found[title]) for title in sorted(found, key=_order)]


def _order(title: str) -> int:
    return CHAPTERS.index(title) if title in CHAPTERS else len(CHAPTERS)


def refusals(interface: Interface) -> list[tuple[str, str]]:
    """The statuses of what is not answered with what was asked for, and what each means."""
    schema = description(interface)
    found: dict[str, str] = {}
    for methods in schema["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if "$ref" in answer:
                    found[str(status)] = schema["components"]["responses"][_last(answer["$ref"])]["description"]
                elif int(status) >= 300:
                    found[str(status)] = answer["description"]
    return sorted(found.items())


def _described(
    schema: dict[str, Any], path: str, method: str, operation: dict[str, Any], things: Mapping[str, str]
) -> Described:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    fields = list(_fields(schema, body)) if body else []
    parameters = [
        Entry(each["name"], each["in"], each["required"], _takes(schema, each["schema"]), each.get("description", ""))
        for each in operation["parameters"]
    ]
    answers = {str(status): answer for status, answer in operation["responses"].items()}
    status = min(answers)
    content = answers[status].get("content", {})
    shape = content.get("application/json", {}).get("schema", {})
    return Described(
        operation["operationId"],
        method.upper(),
        path,
        operation.get("description", ""),
        operation["x-scope"],
        parameters,
        fields,
        status,
        str(_full(schema, shape).get("description", "")),
        list(_answered(schema, shape)),
        "" if shape else next(iter(content), ""),
        sorted(each for each in answers if each != status),
        _curl(path, method, parameters, fields, things, media=not shape),
    )


def _last(reference: str) -> str:
    return reference.rpartition("/")[2]


def _full(schema: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schema["components"]["schemas"][_last(shape["$ref"])] if "$ref" in shape else shape
    return found


def _fields(schema: dict[str, Any], shape: dict[str, Any]) -> Iterator[Entry]:
    full = _full(schema, shape)
    required = full.get("required", [])
    for name, field in full.get("properties", {}).items():
        yield Entry(name, "body", name in required, _takes(schema, field), field.get("description", ""))


def _answered(schema: dict[str, Any], shape: dict[str, Any], before: str = "") -> Iterator[Entry]:
    """The fields of an answer, and those of what lies in it, with their way: `items[].ref`."""
    for name, field in _full(schema, shape).get("properties", {}).items():
        inner, way = field, f"{before}{name}"
        if field.get("type") == "array":
            inner, way = field["items"], f"{way}[]"
        inner = next((each for each in inner.get("anyOf", ()) if "$ref" in each), inner)
        below = list(_answered(schema, inner, f"{way}.")) if "$ref" in inner else []
        if not below or inner is not field:
            yield Entry(f"{before}{name}", "", True, _takes(schema, field), field.get("description", ""))
        yield from below


def _takes(schema: dict[str, Any], field: dict[str, Any]) -> str:
    """What a field takes, in words."""
    if "$ref" in field:
        full = _full(schema, field)
        return "object" if full.get("properties") else _takes(schema, full)
    if {each.get("type") for each in field.get("anyOf", ())} == ANY_CELL:
        return "value or null"
    if "anyOf" in field:
        return " or ".join(_takes(schema, each) for each in field["anyOf"])
    if "x-names" in field:
        return ", ".join(field["x-names"])
    if "enum" in field:
        return ", ".join(str(each) for each in field["enum"])
    if field.get("type") == "array":
        inner = _takes(schema, field["items"])
        return "list" if inner == "object" else f"{inner}; may be repeated"
    return _plainly(field)


def _plainly(field: dict[str, Any]) -> str:
    kind = str(field.get("type", "anything"))
    words = {"integer": "whole number", "boolean": "true or false", "string": "text"}.get(kind, kind)
    form = {"date": "day such as 2026-09-30", "date-time": "instant such as 2026-09-30T12:00:00Z", "uuid": "uid"}
    if field.get("format") in form:
        return form[field["format"]]
    if "\\." in field.get("pattern", ""):
        return "amount such as “1250000.50”"
    if "maximum" in field and "minimum" in field:
        return f"{words} from {field['minimum']:,} to {field['maximum']:,}"
    if "maxLength" in field:
        return f"{words} of at most {field['maxLength']:,} letters"
    return words


def _curl(
    path: str, method: str, parameters: list[Entry], fields: list[Entry], things: Mapping[str, str], *, media: bool
) -> str:
    """A command that does it, where $QUARTERDECK and $TOKEN are set."""
    url = f"$QUARTERDECK{_named(path, things)}"
    asked = {"q": "tar"} if any(entry.name == "q" and entry.required for entry in parameters) else {}
    if any(entry.name == "limit" for entry in parameters):
        asked["limit"] = "10"
    query = "&".join(f"{name}={word}" for name, word in asked.items())
    auth = '-H "Authorization: Bearer $TOKEN"'
    lines = [f'curl {"-OJ " if media else ""}{auth} "{url}{"?" if query else ""}{query}"']
    if method == "post":
        lines += ["-X POST"] if not fields else []
        lines.append('-H "Idempotency-Key: $(date +%s)-$RANDOM"')
    if method == "patch":
        lines.append('-X PATCH -H "If-Match: $ETAG"')
    if fields:
        chosen = [field for field in fields if field.required]
        chosen = chosen or [field for field in fields if field.name in FIRST_CHOICES] or fields[:1]
        body = {field.name: _sample(field, things) for field in chosen}
        lines.append(f"-H 'Content-Type: application/json' -d '{json.dumps(body)}'")
    command = " \\\n  ".join(lines)
    read_first = f"ETAG=$(curl -so /dev/null -w '%header{{etag}}' {auth} \"{url}\")\n"
    return f"{read_first}{command}" if method == "patch" else command


def _named(path: str, things: Mapping[str, str]) -> str:
    """An address with the key of a thing of the kind that it leads to."""
    steps = path.removeprefix(f"{ROOT}/").split("/")
    if steps[0] == "{kinds}":
        return path.replace("{kinds}", "projects").replace("{key}", things["project"])
    key = things.get(KINDS.get(steps[0], steps[0].removesuffix("s")), "")
    return "/".join([ROOT, *(key if step.startswith("{") else step for step in steps)])


def _sample(field: Entry, things: Mapping[str, str]) -> Any:
    known = NAMING.get(field.name, field.name)
    if known in things:
        return things[known]
    if field.name in WORDS:
        return WORDS[field.name]
    if field.takes == "true or false":
        return True
    if field.takes.startswith("day"):
        return "2099-12-31"
    return field.takes.split(", ")[0] if ", " in field.takes else "…"


__all__ = ["EXAMPLES", "ROOT", "Chapter", "Described", "Entry", "chapters", "refusals"]
