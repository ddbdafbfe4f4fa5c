"""Registers of the kernel."""

from quarterdeck.core.registers.holdings import HOLDINGS
from quarterdeck.core.registers.jobs import JOBS
from quarterdeck.core.registers.ledger import LEDGER
from quarterdeck.core.registers.people import PEOPLE
from quarterdeck.core.registers.roles import ROLES
from quarterdeck.core.registers.units import UNITS

__all__ = ["HOLDINGS", "JOBS", "LEDGER", "PEOPLE", "ROLES", "UNITS"]
