"""A child process ends when the process that started it is gone, even if that was killed."""

import os
import signal
import threading
import time

INTERVAL = 0.5  # seconds
GRACE = 10.0  # seconds to end in order before it ends at once


def follow_parent() -> None:
    """Where QUARTERDECK_PARENT names the process that started this one."""
    expected = os.environ.get("QUARTERDECK_PARENT", "")
    if expected.isdigit():
        threading.Thread(target=_follow, args=[int(expected)], name="parent", daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(INTERVAL)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)
