"""
Creates the environment in .venv exactly as requirements.lock describes it; done again it takes a moment.

Needs nothing but Python 3.11 or newer. Every package is checked against its digest, uv included.
"""

from __future__ import annotations  # so that an old Python reads as far as the sentence it gets

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "made-from"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)


def main() -> None:
    if sys.version_info < OLDEST:
        sys.exit(
            f"Quarterdeck needs Python 3.11 or newer; this is {sys.version.split()[0]}. "
            "Name another one: make PYTHON=python3.12 run"
        )
    guard = ROOT / "build"
    guard.mkdir(exist_ok=True)
    with open(guard / "bootstrap.lock", "w", encoding="utf-8") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        wanted = digest()
        if STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted and works():
            return
        print("Making the environment in .venv; the first time this takes a minute or two.", flush=True)
        STAMP.unlink(missing_ok=True)
        make_environment()
        install_uv()
        uv("pip", "sync", "--quiet", "--require-hashes", str(LOCK))
        uv("pip", "install", "--quiet", "--no-deps", "--editable", str(ROOT))
        STAMP.write_text(wanted, encoding="utf-8")


def digest() -> str:
    parts = [*(path.read_bytes() for path in (LOCK, ROOT / "pyproject.toml", Path(__file__))), str(VENV).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def works() -> bool:
    """The interpreter it was made from may be gone, or the folder may have been moved."""
    return (VENV / "bin" / "quarterdeck").exists() and run([str(PYTHON), "-c", "import quarterdeck"], quiet=True)


def make_environment() -> None:
    if VENV.exists() and not run([str(PYTHON), "-c", "import pip"], quiet=True):
        shutil.rmtree(VENV)
    if not VENV.exists() and not run([sys.executable, "-m", "venv", str(VENV)]):
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit("Python cannot make an environment. On Debian and Ubuntu: apt-get install python3-venv")


def install_uv() -> None:
    """From its own lines of the lock file, so that it is checked like everything else."""
    lines = re.search(r"^uv==(?:.*\\\n)+.*$", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    if lines is None:
        sys.exit("requirements.lock does not name uv.")
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as only_uv:
        only_uv.write(lines.group().rstrip("\\\n ") + "\n")
        only_uv.flush()
        words = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        if not run([*words, "--requirement", only_uv.name]):
            sys.exit("uv could not be installed; the lines above say why.")


def uv(*words: str) -> None:
    environment = os.environ | {"VIRTUAL_ENV": str(VENV)}
    if not run([str(VENV / "bin" / "uv"), *words], environment=environment):
        sys.exit("The packages could not be installed; the lines above say why.")


def run(words: list[str], *, quiet: bool = False, environment: dict[str, str] | None = None) -> bool:
    output = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.run(words, stdout=output, stderr=output, env=environment, check=False).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    main()
