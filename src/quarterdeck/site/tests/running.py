"""Commands as a person starts them: in a process of their own, with nothing but a data folder in the environment."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def alone_in(folder: Path, **changes: str) -> dict[str, str]:
    """An environment without the settings the tests themselves run with."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QUARTERDECK_")}
    return kept | {"QUARTERDECK_DATA": str(folder)} | changes


def quarterdeck(folder: Path, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "quarterdeck", *words],
        env=alone_in(folder, **changes),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Up:
    """`quarterdeck up` on a free port, until the address is printed or it ends."""

    def __init__(self, folder: Path, *words: str, **changes: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "quarterdeck", "up", "--port", "0", *words],
            env=alone_in(folder, **changes),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.strip())
            if line.startswith("Ctrl-C"):
                break

    def told(self, start: str) -> str:
        """The rest of the printed line that begins so."""
        return next(line.removeprefix(start).strip() for line in self.lines if line.startswith(start))

    def children(self) -> dict[str, int]:
        """Number of the process of each command it started."""
        found = {}
        for each in children_of(self.process.pid):
            words = Path(f"/proc/{each}/cmdline").read_bytes().split(b"\0")
            if b"quarterdeck" in words:
                found[words[-2].decode()] = each
        return found


def children_of(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
    return [int(each) for each in listed.split()]


def lives(pid: int) -> bool:
    """Zombies, which only wait to be counted, do not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(is_so: Any, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.05)
    return False


def facts(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout)
