"""Amounts as people write them in registers."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Literal

from quarterdeck.exchange.tabular.problems import excerpt
from quarterdeck.exchange.tabular.values.unusable import Unusable

Scale = Literal["one", "thousand", "million", "billion"]

ZEROS: dict[Scale, int] = {"one": 0, "thousand": 3, "million": 6, "billion": 9}
MOST = Decimal(10) ** 15
DIGITS = 28
LONGEST = 60
DOLLARS = {"USD", "AUD", "CAD", "NZD", "HKD", "SGD"}
CODES = (
    *("USD", "AUD", "CAD", "NZD", "HKD", "SGD", "GBP", "EUR", "JPY", "INR"),
    *("CHF", "PLN", "CZK", "SEK", "NOK", "DKK", "HUF", "ZAR"),
)
CURRENCIES = {
    "US$": "USD",
    "A$": "AUD",
    "AU$": "AUD",
    "C$": "CAD",
    "CA$": "CAD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "S$": "SGD",
    "£": "GBP",
    "€": "EUR",
    "¥": "JPY",
    "₹": "INR",
    "FR.": "CHF",
    "SFR.": "CHF",
    "ZŁ": "PLN",
    "KČ": "CZK",
} | {code: code for code in CODES}
MARK = "|".join(sorted((re.escape(mark) for mark in [*CURRENCIES, "$"]), key=len, reverse=True))
SUFFIXES: dict[str, Scale] = {
    **dict.fromkeys(("k", "tsd", "thousand", "thousands", "tausend"), "thousand"),
    **dict.fromkeys(("m", "mn", "mio", "mill", "million", "millions", "millionen"), "million"),
    **dict.fromkeys(("b", "bn", "mrd", "billion", "billions", "milliarde", "milliarden"), "billion"),
}
SUFFIX = "|".join(sorted(SUFFIXES, key=len, reverse=True))
WITH_POINT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(\.\d*)?|\.\d+")
WITH_COMMA = re.compile(r"(\d{1,3}(?:\.\d{3})+|\d+)(,\d*)?|,\d+")
SCIENTIFIC = re.compile(r"\d+(?:\.\d+)?[eE][+-]?\d{1,2}")
SPACED = re.compile(r"(?<=\d)[\s'’](?=\d{3}(?!\d))")
AMOUNT = re.compile(
    rf"(?P<before>{MARK})?\s*(?P<sign>[+-])?\s*(?P<inner>{MARK})?\s*"
    rf"(?P<number>[\d.,]+(?:e[+-]?\d{{1,2}})?)\s*(?P<suffix>{SUFFIX})?\.?\s*(?P<after>{MARK})?\s*(?P<minus>-)?",
    re.IGNORECASE,
)
IN_HEADER: tuple[tuple[Scale, re.Pattern[str]], ...] = (
    (
        "billion",
        re.compile(r"[£€$]\s*bn\b|\b(bn|billions?|mrd|milliarden)\b", re.IGNORECASE),
    ),
    (
        "million",
        re.compile(
            r"[£€$]\s*mi?o?\b|\bm\s*[£€$]|\b(mio|mn|millions?|millionen)\b|\b[a-z]{3}\s*m\)|\(m\)|\b(eur|gbp|usd|aud|chf)\s?m\b",
            re.IGNORECASE,
        ),
    ),
    (
        "thousand",
        re.compile(
            r"[£€$]\s*k\b|\b[kt]\s*[£€$]|\b[kt]eur\b|\b(tsd|thousands?|tausend)\b|\(k\)|['’]000|\(000s?\)|[£€$]\s*000s?\b",
            re.IGNORECASE,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Amount:
    """Whole units of `currency`, exact. An empty currency was not written and not expected."""

    value: Decimal
    currency: str


def scale_of(header: str) -> Scale:
    """
    The unit a header names.

    >>> scale_of("Planned cost ($ M)"), scale_of("Budget T€"), scale_of("Budget")
    ('million', 'thousand', 'one')
    """
    return next((scale for scale, pattern in IN_HEADER if pattern.search(header)), "one")


def currency_of(text: str, expected: str) -> str:
    """The currency a header or a cell names; a bare dollar is that of the register, where it has one."""
    found = re.search(rf"(?<![^\W\d_])(?:{MARK})(?![^\W\d_]{{2}})|[£€¥₹$]", text, re.IGNORECASE)
    return _currency(found.group(), expected) if found else expected


def _currency(mark: str, expected: str) -> str:
    if mark == "$":
        return expected if expected in DOLLARS else "USD"
    return CURRENCIES.get(mark.upper(), expected)


def read_money(
    text: str, *, scale: Scale = "one", currency: str = "", decimal_comma: bool = False
) -> Amount | Unusable:
    """
    An amount in whole units. A unit in the cell itself (3.2m) replaces that of the column.

    >>> read_money("(£3,330)", scale="million").value
    Decimal('-3330000000')
    """
    written = excerpt(text)
    text = unicodedata.normalize("NFKC", text).strip().replace("\u2212", "-").replace("–", "-")
    if text.endswith("%"):
        return Unusable("percentage", {"text": written})
    negative = text.startswith("(") and text.endswith(")")
    if negative:
        text = text[1:-1].strip()
    found = AMOUNT.fullmatch(SPACED.sub("", text))
    if not found:
        return Unusable("not_money", {"text": written})
    number = found.group("number")
    suffix = SUFFIXES.get(found.group("suffix").casefold()) if found.group("suffix") else scale
    plain = _plain(number, decimal_comma=decimal_comma)
    if isinstance(plain, str):
        return Unusable(plain, {"text": written})
    if suffix is None:
        return Unusable("not_money", {"text": written})
    negative ^= found.group("sign") == "-" or bool(found.group("minus"))
    mark = found.group("before") or found.group("inner") or found.group("after")
    if len(plain.as_tuple().digits) > DIGITS or abs(plain) >= MOST:
        return Unusable("too_much_money", {"text": written})
    value = _scaled(-plain if negative else plain, ZEROS[suffix])
    if abs(value) >= MOST:
        return Unusable("too_much_money", {"text": written})
    return Amount(value, _currency(mark, currency) if mark else currency)


def _plain(number: str, *, decimal_comma: bool) -> Decimal | str:
    """The digits as a number, or the code of what is wrong with them."""
    if SCIENTIFIC.fullmatch(number):
        return Decimal(number)
    point, comma = (
        bool(WITH_POINT.fullmatch(number)),
        bool(WITH_COMMA.fullmatch(number)),
    )
    if decimal_comma and comma:
        return Decimal(number.replace(".", "").replace(",", ".").rstrip("."))
    if not decimal_comma and point:
        return Decimal(number.replace(",", "").rstrip("."))
    if comma:
        return "decimal_comma"
    return "decimal_point" if point else "not_money"


def _scaled(value: Decimal, zeros: int) -> Decimal:
    """Times a power of ten, without zeros behind the point and without exponent."""
    with localcontext() as context:
        context.prec = 100
        value = value.scaleb(zeros)
        if value == value.to_integral_value():
            return value.quantize(Decimal(1)) + 0
        return value.normalize()
