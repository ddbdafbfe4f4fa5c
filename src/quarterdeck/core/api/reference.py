"""The page of docs/reference about the interface for programmes."""

from collections.abc import Iterator

from quarterdeck.core.api.book import ROOT, Described, Entry, chapters, refusals
from quarterdeck.core.api.interface import Interface


def page(interface: Interface, made: str) -> list[str]:
    """Every operation in the words of the description, as lines of markdown."""
    lines = [
        "# Interface for programmes",
        "",
        f"All addresses are below `{ROOT}` of an installation, which shows the same at `{ROOT}/docs`, with examples",
        f"about what one sees there, and gives its OpenAPI 3.1 at `{ROOT}/openapi.json`. How to use it is told in",
        f"[Let programmes read and write](../use/api.md). {made}",
        "",
        "## What is refused",
        "",
        "Refusals are `application/problem+json`: `type`, `title`, `status`, `detail`, `code`, and `fields` where the",
        "reason lies with fields.",
        "",
        "| Status | Means |",
        "|---|---|",
        *(f"| {status} | {words} |" for status, words in refusals(interface)),
    ]
    for chapter in chapters(interface):
        lines += ["", f"## {chapter.title}"]
        for operation in chapter.operations:
            lines += ["", *_operation(operation)]
    return lines


def _operation(operation: Described) -> Iterator[str]:
    yield f"### {operation.method} {operation.path}"
    yield ""
    yield f"{operation.text} Needs a token that may {operation.scope}."
    yield ""
    yield "```sh"
    yield operation.example
    yield "```"
    yield ""
    if taken := [*operation.parameters, *operation.body]:
        yield "| Takes | In | Of the form | Meaning |"
        yield "|---|---|---|---|"
        for entry in taken:
            needed = "" if entry.required else ", optional"
            yield f"| `{entry.name}` | {entry.place}{needed} | {_cell(entry.takes)} | {_cell(entry.text)} |"
        yield ""
    yield f"Answers {operation.status}{_answer(operation)} Or {', '.join(operation.refusals)}."


def _answer(operation: Described) -> str:
    if operation.media:
        return f": `{operation.media}`."
    told = "; ".join(_told(entry) for entry in operation.answers)
    return ": " + " ".join(part for part in (operation.shape, f"{told}.") if part)


def _told(entry: Entry) -> str:
    words = f"`{entry.name}` {entry.takes}"
    return f"{words} ({entry.text.rstrip('.')})" if entry.text else words


def _cell(words: str) -> str:
    return words.replace("|", "\\|")
