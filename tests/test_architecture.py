"""The arrows hold, and each contract fails on a deliberate violation."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.proof.figures import figure

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "quarterdeck"

# Contract, file that is made to break it, and the line that does.
VIOLATIONS = [
    ("Call down, never up or sideways", "core/money.py", "import quarterdeck.projects.models"),
    ("Call down, never up or sideways", "reporting/rules.py", "import quarterdeck.exchange.models"),
    ("Call down, never up or sideways", "unplaced/__init__.py", ""),
    ("Inside a domain", "projects/queries/projects.py", "import quarterdeck.projects.services"),
    ("Inside a domain", "projects/models.py", "import quarterdeck.projects.views"),
    ("Inside the kernel", "core/models/nodes.py", "import quarterdeck.core.access"),
    ("Inside the kernel", "core/services/roles.py", "import quarterdeck.core.web.pages"),
    ("Rules are plain Python", "projects/rules.py", "import django.db"),
    (
        "Facts, rules, questions and services do not know the web",
        "projects/services/projects.py",
        "import quarterdeck.core.web.pages",
    ),
]


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
            "--config",
            str(ROOT / "pyproject.toml"),
        ],
        cwd=tree,
        env={"PYTHONPATH": str(tree), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("arrows")
    ignored = shutil.ignore_patterns("tests", "templates", "static", "__pycache__", "migrations", "*.json")
    shutil.copytree(PACKAGE, tree / "quarterdeck", ignore=ignored)
    return tree


def test_every_contract_is_kept() -> None:
    done = lint(ROOT / "src")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("contract", "file", "line"), VIOLATIONS, ids=[f"{c[:12]}-{f}" for c, f, _ in VIOLATIONS])
def test_a_deliberate_violation_of_each_contract_fails(copied: Path, contract: str, file: str, line: str) -> None:
    target = copied / "quarterdeck" / file
    before = target.read_text(encoding="utf-8") if target.exists() else None
    target.parent.mkdir(exist_ok=True)
    target.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        done = lint(copied)
    finally:
        if before is None:
            target.unlink()
            if not any(target.parent.iterdir()):
                target.parent.rmdir()
        else:
            target.write_text(before, encoding="utf-8")
    assert done.returncode == 1, done.stdout
    said = " ".join(done.stdout.split())
    assert re.search(rf"{re.escape(contract)}(?:(?!KEPT|BROKEN).)* BROKEN", said), said
    if not line:
        assert "unplaced" in said


ROOMS = {"models", "rules", "services", "queries", "views", "api"}


def _room(path: Path) -> str:
    """What a file is of its domain: its folder there, or its name. `core/queries/views.py` is a question."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[1] if parts[1:2] and parts[1] in ROOMS else parts[-1]


def modules(*names: str) -> list[Path]:
    """Files of the domains whose name, or whose folder, is one of the names."""
    return [
        path
        for path in sorted(PACKAGE.rglob("*.py"))
        if "tests" not in path.parts and "migrations" not in path.parts and _room(path) in names
    ]


@pytest.mark.parametrize("path", modules("views", "api"), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_pages_read_through_questions_and_write_through_services(path: Path) -> None:
    """`.objects` in a page would pass by the rights; the one exception is the account of who is signed in."""
    found = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr == "objects"
        and not (isinstance(node.value, ast.Name) and node.value.id == "Account")
    ]
    assert found == []


@pytest.mark.parametrize(
    "path", modules("models", "rules", "queries", "services"), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_what_lies_below_the_web_imports_no_request_and_no_template(path: Path) -> None:
    forbidden = {"django.http", "django.shortcuts", "django.template", "django.views", "django_htmx"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        assert not [name for name in names if any(name == f or name.startswith(f"{f}.") for f in forbidden)]


RAW_SQL_IN = {
    "core/time.py",
    "core/store.py",
    "core/jobs.py",
    "core/management/commands/prepare_database.py",
    # The compiled statement of a question, fetched without Django's conversion of each amount.
    "reporting/queries/states.py",
    # Comments, files and watching of a thing counted in one query, on each of its pages.
    "core/queries/messages.py",
    # One statement that counts for all processes, and one that takes a key or waits for who has it.
    "core/services/limits.py",
    "core/services/idempotency.py",
    # How long an import waits for another one.
    "exchange/services/importing.py",
}
CALLS = {"execute", "executemany", "raw", "extra", "copy"}


def raw_sql(text: str) -> list[str]:
    """Calls that pass a statement by the models, whatever they are called on, and expressions of raw SQL."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS:
            plain = node.func.attr == "copy" and not node.args
            found += [] if plain else [node.func.attr]
        elif isinstance(node, ast.Name | ast.Attribute) and (getattr(node, "id", "") or getattr(node, "attr", "")) in {
            "RawSQL",
            "RawQuerySet",
        }:
            found.append("RawSQL")
    return found


def test_raw_sql_stands_in_few_named_places() -> None:
    found = {
        str(path.relative_to(PACKAGE))
        for path in sorted(PACKAGE.rglob("*.py"))
        if "tests" not in path.parts and "migrations" not in path.parts and path.relative_to(PACKAGE).parts[0] != "site"
        if raw_sql(path.read_text(encoding="utf-8"))
    }
    assert found == RAW_SQL_IN
    figure("R14", f"{len(found)} modules with statements of their own, all named", part="raw SQL")


@pytest.mark.parametrize(
    "line",
    [
        "Project.objects.raw(text)", "queries.projects(actor).extra(where=[text])", "cursor.execute(text)",
        "connections['default'].cursor().execute(text)", "found.annotate(a=RawSQL(text, []))",
        "found.annotate(a=expressions.RawSQL(text, []))", "self.cursor.executemany(text, rows)",
    ],
)  # fmt: skip
def test_each_way_past_the_models_is_found(line: str) -> None:
    assert raw_sql(line)
    assert not raw_sql("form.data = form.data.copy()\nlog.info('done', extra={'a': 1})")


def test_nothing_unpickles() -> None:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert not {alias.name for alias in node.names} & {"pickle", "marshal", "shelve"}, path
