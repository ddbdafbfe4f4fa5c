"""How a process that stays keeps its memory small."""

import ctypes
import gc
from typing import Any

ARENAS = 1  # heaps of the C library; it would take eight a core, each with gaps, for threads that take turns anyway
ARENA_MAX = -8  # glibc's number of that setting
OLDEST = 2  # the generation after which everything was looked at

_C: Any = ctypes.CDLL(None)


def settle() -> None:
    """
    Tell Python and the C library that what is loaded by now stays for good.

    The collector need not walk it again and again, which was a fifth of a page's time. What lists, exports and pages
    took in the meantime goes back to the system each time the collector has looked at everything; glibc would keep it.
    """
    gc.collect()
    gc.freeze()
    if hasattr(_C, "malloc_trim") and hasattr(_C, "mallopt"):
        _C.mallopt(ARENA_MAX, ARENAS)
        if _give_back not in gc.callbacks:
            gc.callbacks.append(_give_back)


def _give_back(phase: str, info: dict[str, int]) -> None:
    if phase == "stop" and info["generation"] == OLDEST:
        _C.malloc_trim(0)
