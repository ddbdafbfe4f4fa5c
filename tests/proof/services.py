"""Every service there is, walked from the modules of the domains."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import quarterdeck
from quarterdeck.core.access import Actor

Service = Callable[..., Any]


def modules() -> Iterator[ModuleType]:
    """`services` of each domain, and what lies in it."""
    for domain in pkgutil.iter_modules(quarterdeck.__path__, "quarterdeck."):
        if not domain.ispkg:
            continue
        try:
            top = importlib.import_module(f"{domain.name}.services")
        except ModuleNotFoundError as missing:
            if missing.name != f"{domain.name}.services":
                raise
            continue
        yield top
        for found in pkgutil.walk_packages(getattr(top, "__path__", []), f"{top.__name__}."):
            yield importlib.import_module(found.name)


def is_service(function: object) -> bool:
    """A public function that is given the actor first."""
    if not inspect.isfunction(function) or function.__name__.startswith("_"):
        return False
    first = next(iter(inspect.signature(function).parameters.values()), None)
    return first is not None and first.annotation in (Actor, "Actor", "access.Actor")


def of(module: ModuleType) -> list[Service]:
    """Those defined in a module; what it imports is another's."""
    return [
        found
        for found in vars(module).values()
        if is_service(found) and getattr(found, "__module__", "") == module.__name__
    ]


def walk() -> list[Service]:
    return [service for module in modules() for service in of(module)]
