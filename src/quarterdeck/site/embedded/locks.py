"""Locks the kernel keeps: they end with the process that holds them, however it ends."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from quarterdeck.site.config import hand_over
from quarterdeck.site.embedded.account import name_of
from quarterdeck.site.embedded.errors import EmbeddedError

PATIENCE = 90.0  # seconds; the longest start and the longest stop together


def lock(path: Path) -> int | None:
    """The locked file, or None while another process holds it."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError:
        raise EmbeddedError(closed(path)) from None
    hand_over(path)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """One process at a time starts or stops the server."""
    deadline = time.monotonic() + PATIENCE
    while (file := lock(path)) is None:
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"Another process has been starting or stopping the database in {path.parent} too long."
            )
        time.sleep(0.02)
    try:
        yield
    finally:
        os.close(file)


def closed(path: Path) -> str:
    owner = name_of((path if path.exists() else path.parent).stat().st_uid)
    return f"{path} belongs to {owner}. Start Quarterdeck as {owner} or as root, or give this account the data folder."
