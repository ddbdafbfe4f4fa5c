"""Who runs the server. PostgreSQL refuses root, so as root it is an account that owns nothing else."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from quarterdeck.site.embedded.errors import EmbeddedError

UNPRIVILEGED = "nobody"
GUIDE = (
    "setpriv",
    "--securebits=+no_setuid_fixup",  # initdb asks access(2), which otherwise forgets the privilege
    "--inh-caps=-all,+dac_read_search",
    "--ambient-caps=-all,+dac_read_search",
    "--bounding-set=-all,+dac_read_search",
)


@dataclass(frozen=True, slots=True)
class Account:
    uid: int
    gid: int
    other: bool  # not the account of this process
    guided: bool = False  # may pass folders that are closed to it, and has no other privilege

    def before(self, *, ends_with_us: bool = False) -> list[str]:
        """Words in front of a command that gives it the account's rights."""
        if sys.platform != "linux" or shutil.which("setpriv") is None:
            return []
        words = ["setpriv"]
        if self.guided:
            words = [*GUIDE, f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups"]
        if ends_with_us:
            words.append("--pdeathsig=INT")
        return [*words, "--"] if len(words) > 1 else []

    def popen(self) -> dict[str, Any]:
        """Arguments of subprocess.Popen that give it the account."""
        if self.other and not self.guided:
            return {"user": self.uid, "group": self.gid, "extra_groups": []}
        return {}


def account_for(folder: Path, *programs: Path) -> Account:
    """
    Whoever owns the cluster's folder or the one it lies in; instead of root, `nobody`.

    Where that account cannot pass the folders on the way (a checkout under /root), Linux lets root lend it the one
    privilege of passing them. Nobody's folders are changed.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), other=False)
    owner = next((each.stat() for each in (folder, folder.parent) if each.stat().st_uid != 0), None)
    uid, gid = (owner.st_uid, owner.st_gid) if owner else ids_of_unprivileged()
    barriers = [barrier for path in (folder, *programs) for barrier in closed_to(uid, gid, path)]
    if barriers and not can_guide():
        raise EmbeddedError(
            f"PostgreSQL refuses to run as root, so the account {name_of(uid)} runs it, and that account cannot "
            f"enter {barriers[0]}. Start Quarterdeck as an ordinary account, or put it and QUARTERDECK_DATA where "
            "everybody may pass."
        )
    return Account(uid, gid, other=True, guided=bool(barriers))


def ids_of_unprivileged() -> tuple[int, int]:
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise EmbeddedError(
            f"PostgreSQL refuses to run as root, and this machine has no account named {UNPRIVILEGED}. "
            "Start Quarterdeck as an ordinary account."
        ) from None
    return entry.pw_uid, entry.pw_gid


def closed_to(uid: int, gid: int, path: Path) -> list[Path]:
    """Folders on the way to `path` that the account cannot pass."""
    barriers = []
    for folder in path.resolve().parents:
        at = folder.stat()
        bit = stat.S_IXUSR if at.st_uid == uid else stat.S_IXGRP if at.st_gid == gid else stat.S_IXOTH
        if not at.st_mode & bit:
            barriers.append(folder)
    return barriers


@cache
def can_guide() -> bool:
    if shutil.which("setpriv") is None:
        return False
    tried = subprocess.run([*GUIDE, f"--reuid={UNPRIVILEGED}", "--", "true"], capture_output=True, check=False)
    return tried.returncode == 0


def name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"number {uid}"
