"""Shapes of what people send to the kernel's pages."""

from quarterdeck.core.forms.account import Password
from quarterdeck.core.forms.fields import AmountField
from quarterdeck.core.forms.organisation import Organisation

__all__ = ["AmountField", "Organisation", "Password"]
