"""The kernel's own registers."""

from quarterdeck.core import registers

DECLARED = (registers.LEDGER,)


def register() -> None:
    """Importing the registers has declared them."""
