"""Amounts with their currency: never a float, rounded only where shown or posted."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "AUD": "A$", "CHF": "CHF ", "JPY": "¥", "CAD": "C$", "NZD": "NZ$"}
MINOR_UNITS = {"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole units of a currency (ISO 4217)."""

    amount: Decimal
    currency: str

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up without a rate.")
        return Money(self.amount + other.amount, self.currency)

    def rounded(self) -> "Money":
        """Rounded half to even to the currency's minor unit, for showing and posting."""
        places = MINOR_UNITS.get(self.currency, 2)
        return Money(self.amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN), self.currency)


def total(amounts: list[Money]) -> Money | None:
    """The sum of amounts of one currency; None for none. Mixed currencies raise."""
    if not amounts:
        return None
    result = amounts[0]
    for amount in amounts[1:]:
        result = result + amount
    return result
