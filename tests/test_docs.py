"""What the documentation names is there: pages and their parts, commands with their options, settings."""

import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import click
import pytest

from quarterdeck.site.cli import quarterdeck
from quarterdeck.site.config import Config
from tests.access import ROOMS

DOCS = Path(__file__).parent.parent / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
SETTING = re.compile(r"QUARTERDECK_[A-Z_]*[A-Z]\b")
CODE = re.compile(r"```[a-z]*\n.*?```|`[^`\n]+`", re.DOTALL)
OTHER = ("```sql", "```ini", "```json", "```python", "```yaml")
COMMAND = re.compile(r"(?<![\w/.-])quarterdeck((?:[ \t]+[^\s`|&;#>)]+)*)")
# What tells tests and processes of each other; no setting of an operator.
INNER = {"QUARTERDECK_PARENT", "QUARTERDECK_PROCESS", "QUARTERDECK_AS_OWNER"}
# Where each room of the product is described; a new room comes with its page.
DESCRIBED = {
    "home": ("use/record.md", "use/messages.md"),
    "sign_in": ("use/sign-in.md", "use/invite.md", "use/record.md"),
    "organisation": ("use/organisation.md", "use/people-and-access.md", "use/record.md"),
    "start": ("use/begin.md",),
    "projects": ("use/projects.md", "use/portfolios.md"),
    "exchange": ("use/import-a-register.md",),
    "reporting": ("use/dashboard.md",),
    "messages": ("use/messages.md", "operate/mail.md"),
    "search": ("use/search.md",),
    "lists": ("use/lists.md", "use/record.md"),
    "api": ("use/api.md",),
}


def outside_code(text: str) -> str:
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


@cache
def anchors_of(page: Path) -> frozenset[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ +(.+)$", outside_code(page.read_text(encoding="utf-8")), re.MULTILINE)
    plain = (LINK.sub("", heading).replace("`", "").strip().lower() for heading in headings)
    return frozenset(re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain)


def named(page: Path) -> str:
    return str(page.relative_to(DOCS))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_to_something(page: Path) -> None:
    wrong = []
    for target in LINK.findall(outside_code(page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        where, _, part = target.partition("#")
        found = (page.parent / where).resolve() if where else page
        if not found.exists() or (part and found.suffix == ".md" and part not in anchors_of(found)):
            wrong.append(target)

    assert wrong == []


def test_the_list_of_pages_names_each_once() -> None:
    listed = LINK.findall((DOCS / "README.md").read_text(encoding="utf-8"))

    assert sorted(listed) == [named(page) for page in PAGES if named(page) not in {"README.md", "plan.md"}]


def calls(page: Path) -> Iterator[list[str]]:
    """Each `quarterdeck …` in code, as words."""
    for code in CODE.findall(page.read_text(encoding="utf-8").replace("\\\n", " ")):
        for words in () if code.startswith(OTHER) else COMMAND.findall(code):
            if words.strip():
                yield words.split()


def wrong_with(words: list[str]) -> str:
    """Why such a command line would be refused, as far as names go."""
    command: click.Command = quarterdeck
    path = "quarterdeck"
    words = list(words)
    while isinstance(command, click.Group) and words and not words[0].startswith(("-", "COMMAND", "…")):
        found = command.get_command(click.Context(command), words[0])
        if found is None:
            return f"{path} has no command {words[0]}"
        path, command = f"{path} {words.pop(0)}", found
    if path.endswith((" manage", "quarterdeck")):
        return ""
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)} | {"--help", "-h"}
    for word in words:
        option = word.partition("=")[0].rstrip(",.:")
        if option.startswith("--") and option not in known:
            return f"{path} has no option {option}"
    return ""


@pytest.mark.parametrize("page", [page for page in PAGES if named(page) != "reference/commands.md"], ids=named)
def test_every_command_exists_with_its_options(page: Path) -> None:
    assert [wrong for words in calls(page) if (wrong := wrong_with(words))] == []


def test_a_wrong_command_would_be_found() -> None:
    assert wrong_with(["launch"]) == "quarterdeck has no command launch"
    assert wrong_with(["ledger", "burn"]) == "quarterdeck ledger has no command burn"
    assert wrong_with(["backup", "x", "--quick"]) == "quarterdeck backup has no option --quick"
    assert wrong_with(["backup", "--check", "x"]) == ""


def test_pages_of_the_product_name_commands_that_exist() -> None:
    templates = (DOCS.parent / "src").rglob("*.html")
    found = [
        (page.name, wrong)
        for page in templates
        for words in re.findall(r"<code[^>]*>quarterdeck ((?:[a-z-]+ ?)+)", page.read_text(encoding="utf-8"))
        if (wrong := wrong_with(words.split()))
    ]

    assert found == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_setting_exists(page: Path) -> None:
    known = {str(each.metadata["env"]) for each in fields(Config)} | INNER

    assert set(SETTING.findall(page.read_text(encoding="utf-8"))) - known == set()


def test_every_room_of_the_product_is_described() -> None:
    assert {room.__name__.rpartition(".")[2] for room in ROOMS} == DESCRIBED.keys()
    assert [page for pages in DESCRIBED.values() for page in pages if not (DOCS / page).is_file()] == []
