"""Real processes that a test starts and kills."""

import contextlib
import os
import traceback
from collections.abc import Callable
from pathlib import Path

from django.db import connections


def child(work: Callable[[], object], *, database: bool = True, trouble: Path | None = None) -> int:
    """
    Start a process that does the work; its id.

    database: with a connection of its own; otherwise it leaves the database alone.
    trouble: where it writes what failed.
    """
    if database:
        connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    try:
        # Where a browser runs in this thread Django keeps another connection object; the child would inherit it open.
        if database:
            with contextlib.suppress(AttributeError):
                del connections["default"]
        work()
    except BaseException:
        if trouble is not None:
            trouble.write_text(traceback.format_exc())
    finally:
        os._exit(0)
