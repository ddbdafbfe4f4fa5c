"""
The pages of docs/reference, made from the code: `python -m quarterdeck.site.reference FOLDER`.

Django's applications are loaded, the database is not asked.
"""

import ast
import importlib
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from django.apps import apps
from django.db import models
from django.utils import translation

from quarterdeck.core.moves import Moves, possible
from quarterdeck.core.rights import ALL
from quarterdeck.site import cli, config
from quarterdeck.site.cli.lazy import Lazy, set_up_django

SOURCE = Path(__file__).resolve().parents[1]
MADE = "This page is made from the code; `make docs` renews it."
WIDTH = 100
STATE_FIELDS = ("state", "status")


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event that somewhere in the code is written to the ledger. summary: what the service that does it is for."""

    name: str
    service: str
    summary: str


def main(arguments: list[str]) -> int:
    """Write every page; without a data folder, in a temporary one, so that none is made."""
    if len(arguments) != 1:
        click.echo("Name one folder for the pages: python -m quarterdeck.site.reference docs/reference", err=True)
        return 2
    with TemporaryDirectory(prefix="quarterdeck-reference-") as folder:
        os.environ.setdefault("QUARTERDECK_DATA", folder)
        set_up_django()
        write(Path(arguments[0]))
    return 0


def write(folder: Path) -> None:
    """Write every page into a folder, which is made where missing."""
    folder.mkdir(parents=True, exist_ok=True)
    with translation.override("en"):
        for name, page in PAGES.items():
            (folder / f"{name}.md").write_text(page(), encoding="utf-8")


def rights() -> str:
    """Every right and every standard role."""
    standard = importlib.import_module("quarterdeck.core.services.roles").STANDARD
    lines = [
        "# Rights and roles",
        "",
        "A right lets a person do something at a node (a unit, portfolio, programme or project) and at everything",
        f"below it. People hold roles, and a role carries rights. {MADE}",
        "",
        "## Rights",
        "",
        *table(
            ("Right", "Lets a person", "Standard roles that carry it"),
            (
                (
                    f"`{code}`",
                    str(right.label),
                    ", ".join(role.name for role in standard.values() if right in role.rights) or "none",
                )
                for code, right in sorted(ALL.items())
            ),
        ),
        "",
        "## Standard roles",
        "",
        "Every installation begins with these. *One at a time* means that naming somebody else ends the holding of the",
        "person before, on each node.",
        "",
        *table(
            ("Role", "Code", "Is for", "Rights", "One at a time"),
            (
                (
                    role.name,
                    f"`{role.code}`",
                    role.description,
                    ", ".join(f"`{right}`" for right in sorted(right.code for right in role.rights)),
                    "yes" if role.single else "no",
                )
                for role in standard.values()
            ),
        ),
    ]
    return text(lines)


def events() -> str:
    """Every event of the ledger, by domain."""
    by_domain: dict[str, list[Recorded]] = defaultdict(list)
    for event in sorted(set(recorded()), key=lambda event: (event.name, event.service)):
        by_domain[event.name.partition(".")[0]].append(event)
    lines = [
        "# Events of the ledger",
        "",
        "What people do is written to the ledger under these names, `domain.noun.past_tense`. `{kind}` stands for",
        f"`unit`, `portfolio`, `programme` or `project`. {MADE}",
    ]
    for domain, found in sorted(by_domain.items()):
        lines += ["", f"## {domain}", ""]
        lines += table(
            ("Event", "Recorded by", "Which does"),
            ((f"`{event.name}`", f"`{event.service}`", event.summary) for event in found),
        )
    return text(lines)


def recorded() -> Iterator[Recorded]:
    """The events that calls of `ledger.record` name, read from the source."""
    for path in sorted(SOURCE.rglob("*.py")):
        if "tests" in path.parts or "migrations" in path.parts:
            continue
        module = ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)
        yield from recorded_in(path.read_text(encoding="utf-8"), module)


def recorded_in(source: str, module: str) -> Iterator[Recorded]:
    """
    The events that one module records.

    A private function stands for the services of the module that call it. A name that is worked out in a way this
    cannot follow raises ValueError, because the page would lack an event.
    """
    tree = ast.parse(source)
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for function in functions:
        for call in calls_of(function):
            if ast.unparse(call.func) != "ledger.record":
                continue
            for name in names(call.args[1], constants, f"{module}, line {call.lineno}"):
                for service in services(function, functions):
                    yield Recorded(name, f"{module}.{service.name}", first_line(service))


def names(given: ast.expr, constants: dict[str, ast.expr], place: str) -> list[str]:
    """The names an expression can stand for; what is filled in when it runs is shown in braces."""
    match given:
        case ast.Constant(value=str(name)):
            return [name]
        case ast.Name(id=constant) if constant in constants:
            return names(constants[constant], constants, place)
        case ast.IfExp(body=one, orelse=other):
            return [*names(one, constants, place), *names(other, constants, place)]
        case ast.JoinedStr(values=parts):
            return ["".join(part_of_name(part) for part in parts)]
    raise ValueError(f"{place}: the name of the event, {ast.unparse(given)}, cannot be read from the source.")


def part_of_name(part: ast.expr) -> str:
    match part:
        case ast.Constant(value=str(words)):
            return words
        case ast.FormattedValue(value=ast.Attribute(attr=word)) | ast.FormattedValue(value=ast.Name(id=word)):
            return f"{{{word}}}"
    return "{…}"


def services(function: ast.FunctionDef, among: list[ast.FunctionDef]) -> list[ast.FunctionDef]:
    """The function itself, or for a private one those of its module that call it."""
    if not function.name.startswith("_"):
        return [function]
    callers = [each for each in among if each is not function and function.name in called_by(each)]
    found = [service for caller in callers for service in services(caller, among)]
    return found or [function]


def calls_of(function: ast.FunctionDef) -> Iterator[ast.Call]:
    return (node for node in ast.walk(function) if isinstance(node, ast.Call))


def called_by(function: ast.FunctionDef) -> set[str]:
    return {ast.unparse(call.func) for call in calls_of(function)}


def first_line(function: ast.FunctionDef) -> str:
    return (ast.get_docstring(function) or "").partition("\n")[0]


def moves() -> str:
    """Every table of moves, with its diagram."""
    lines = [
        "# States and moves",
        "",
        "Things that have a state change it only by these moves. A move that is not in the table is refused, and the",
        f"refusal names what is possible. {MADE}",
    ]
    for model in sorted(apps.get_models(), key=lambda model: model._meta.label):
        found: Moves | None = getattr(model, "MOVES", None)
        if found:
            lines += ["", *moves_of(model, found)]
    return text(lines)


def moves_of(model: type[models.Model], found: Moves) -> list[str]:
    column: Any = next(model._meta.get_field(name) for name in STATE_FIELDS if hasattr(model, name))
    words = {value: str(label) for value, label in column.flatchoices}
    states = list(dict.fromkeys(state for (origin, _move), target in found.items() for state in (origin, target)))
    ways = {
        state: ", ".join(f"{move} → `{found[state, move]}`" for move in possible(found, state)) or "nothing; it stays"
        for state in states
    }
    rows = (
        table(("State", "Shown as", "Moves on by"), ((f"`{each}`", words[each], ways[each]) for each in states))
        if words
        else table(("State", "Moves on by"), ((f"`{each}`", ways[each]) for each in states))
    )
    return [
        f"## {model._meta.label}",
        "",
        (model.__doc__ or "").strip().partition("\n")[0],
        "",
        *rows,
        "",
        "```mermaid",
        "stateDiagram-v2",
        f"    [*] --> {column.get_default()}",
        *(f"    {origin} --> {target}: {move}" for (origin, move), target in found.items()),
        *(f"    {state} --> [*]" for state in states if not possible(found, state)),
        "```",
    ]


def commands() -> str:
    """Every command with its help."""
    lines = ["# Commands", "", f"What `--help` says. {MADE}"]
    settings: dict[str, Any] = {"terminal_width": WIDTH, "max_content_width": WIDTH}
    settings |= cli.quarterdeck.context_settings
    for path, command in command_tree("quarterdeck", cli.quarterdeck):
        with click.Context(command, info_name=path, **settings) as context:
            lines += ["", f"## {path}", "", "```", command.get_help(context), "```"]
    return text(lines)


def command_tree(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """
    A command and everything below it, in the order of the help.

    Modules are loaded here and not by the group, which would have this process act as the owner of the database.
    """
    yield path, command
    if isinstance(command, Lazy):
        for name, entry in command.entries.items():
            yield from command_tree(f"{path} {name}", importlib.import_module(entry.module).command)
    elif isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from command_tree(f"{path} {name}", below)


def interface() -> str:
    """Every operation of the interface for programmes."""
    made = importlib.import_module("quarterdeck.site.api").INTERFACE
    return text(importlib.import_module("quarterdeck.core.api.reference").page(made, MADE))


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    head = tuple(head)
    return [line(head), line("---" for _ in head).replace(" ", ""), *(line(row) for row in rows)]


def line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def text(lines: Iterable[str]) -> str:
    return "\n".join(each.rstrip() for each in "\n".join(lines).split("\n")) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "settings": config.reference,
    "rights": rights,
    "events": events,
    "moves": moves,
    "commands": commands,
    "api": interface,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
