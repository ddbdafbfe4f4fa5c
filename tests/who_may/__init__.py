"""
Who may do what: a row for each service, one module a domain.

A service is a function of a domain's `services` that is given the actor first. One without a row fails the build.
tests/test_who_may.py tries each row with exactly its rights, without each of them, and by somebody who holds them
elsewhere.
"""

import importlib
import pkgutil
from collections.abc import Callable

from tests.who_may.row import Row

MODULES = [
    importlib.import_module(f"{__name__}.{found.name}")
    for found in pkgutil.iter_modules(__path__)
    if found.name not in {"row", "world"}
]
ROWS: list[Row] = [row for module in MODULES for row in getattr(module, "ROWS", ())]
# Functions that are given the actor and ask for no right, each with the reason.
INSIDE: dict[Callable[..., object], str] = {
    service: why for module in MODULES for service, why in getattr(module, "INSIDE", {}).items()
}

__all__ = ["INSIDE", "ROWS", "Row"]
