"""Registers of the kernel."""

from quarterdeck.core.registers.holdings import HOLDINGS
from quarterdeck.core.registers.ledger import LEDGER

__all__ = ["HOLDINGS", "LEDGER"]
