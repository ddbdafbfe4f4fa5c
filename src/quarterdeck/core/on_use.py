"""Libraries that are loaded when somebody first uses them, and do not weigh on a process where nobody does."""

import importlib
from typing import Any


class _OnUse:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)


def on_use(name: str) -> Any:
    """
    A module that is loaded when one of its names is first read.

    Stands at the top of a module in place of an import, for a library that only some pages or jobs need; the import
    stays beside it under `if TYPE_CHECKING:`, for the types.

    >>> ftplib = on_use("ftplib")
    >>> ftplib.FTP_PORT
    21
    """
    return _OnUse(name)
