"""Days as people write them in registers."""

import calendar
import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from quarterdeck.exchange.tabular.problems import excerpt
from quarterdeck.exchange.tabular.values.unusable import Unusable

Precision = Literal["day", "month", "quarter", "year"]

EARLIEST, LATEST = 1950, 2150
LONGEST = 60
MONTHS_ENGLISH = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
MONTHS_GERMAN = [
    "januar",
    "februar",
    "märz",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "dezember",
]
MONTHS = {
    form: number
    for names in (MONTHS_ENGLISH, MONTHS_GERMAN)
    for number, name in enumerate(names, start=1)
    for form in (name, name[:3])
} | {"sept": 9, "maerz": 3, "mrz": 3, "jän": 1, "jänner": 1}

CLOCK = re.compile(
    r"[\sT,]+\d{1,2}:\d{2}(:\d{2}(\.\d{1,9})?)?\s*([ap]\.?m\.?)?\s*(z|utc|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE,
)
WEEKDAY = re.compile(
    r"^(mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so)[a-z]*[.,]?\s+(?=\d)",
    re.IGNORECASE,
)
WORD = r"([^\W\d_]{3,9})\.?"
YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
COMPACT = re.compile(r"((?:19|20|21)\d{2})(\d{2})(\d{2})")
NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
DAY_NAMED = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th|\.)?[\s/-]*{WORD}[\s/,-]*'?(\d{{4}}|\d{{2}})",
    re.IGNORECASE,
)
NAMED_DAY = re.compile(rf"{WORD}\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:,\s*|\s+)(\d{{4}})", re.IGNORECASE)
MONTH_NAMED = re.compile(rf"{WORD}[\s/,'-]*(\d{{4}}|\d{{2}})", re.IGNORECASE)
YEAR_MONTH = re.compile(r"(\d{4})[-/](\d{1,2})")
MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})")
QUARTER = re.compile(r"q([1-4])[\s/-]*(\d{4})", re.IGNORECASE)
YEAR_QUARTER = re.compile(r"(\d{4})[\s/-]*q([1-4])", re.IGNORECASE)
YEAR = re.compile(r"(\d{4})")
DAY_NUMBER = re.compile(r"(\d{5})(?:\.\d+)?")
FIRST_OF_EXCEL = dt.date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Day:
    """The days a text covers: one, or those of its month, quarter or year. `form` is 31 March 2026 written so."""

    first: dt.date
    last: dt.date
    precision: Precision
    form: str


@dataclass(frozen=True, slots=True)
class Orders:
    """How many numeric dates can only have the day first, only the month first, or both."""

    day_first: int
    month_first: int
    either: int


def without_clock(text: str) -> str:
    return WEEKDAY.sub("", CLOCK.sub("", " ".join(text.split())))


def orders(texts: Iterable[str]) -> Orders:
    """Count what the numeric dates of a column prove. Dates with dots have the day first anyway and prove nothing."""
    day_first = month_first = either = 0
    for text in texts:
        found = NUMERIC.fullmatch(without_clock(text)) if len(text) <= LONGEST else None
        if not found or found.group(2) == ".":
            continue
        first, second = int(found.group(1)), int(found.group(3))
        if first > 12 >= second:
            day_first += 1
        elif second > 12 >= first:
            month_first += 1
        elif first != second:
            either += 1
    return Orders(day_first, month_first, either)


def read_date(text: str, *, month_first: bool = False) -> Day | Unusable:
    """
    The day, month, quarter or year a text names; times of day are left out.

    >>> read_date("31.03.2026").first
    datetime.date(2026, 3, 31)
    >>> read_date("Mar 2026").last
    datetime.date(2026, 3, 31)
    """
    if len(text) > LONGEST:
        return _not_a_date(text)
    text = without_clock(text)
    if found := YEAR_FIRST.fullmatch(text):
        return _day(
            int(found.group(1)),
            int(found.group(3)),
            int(found.group(4)),
            text,
            "2026-03-31",
        )
    if found := COMPACT.fullmatch(text):
        return _day(
            int(found.group(1)),
            int(found.group(2)),
            int(found.group(3)),
            text,
            "20260331",
        )
    if found := NUMERIC.fullmatch(text):
        return _numeric(found, text, month_first=month_first)
    for pattern, day_at, month_at in ((DAY_NAMED, 1, 2), (NAMED_DAY, 2, 1)):
        if (found := pattern.fullmatch(text)) and (month := MONTHS.get(found.group(month_at).casefold())):
            return _day(
                _year(found.group(3)),
                month,
                int(found.group(day_at)),
                text,
                "31 Mar 2026",
            )
    return _period(text)


def _numeric(found: re.Match[str], text: str, *, month_first: bool) -> Day | Unusable:
    first, mark, second, year = (
        int(found.group(1)),
        found.group(2),
        int(found.group(3)),
        _year(found.group(4)),
    )
    if mark == "." or first > 12 >= second:
        month_first = False
    elif second > 12 >= first:
        month_first = True
    month, day = (first, second) if month_first else (second, first)
    form = mark.join(["03", "31", "2026"] if month_first else ["31", "03", "2026"])
    return _day(year, month, day, text, form)


def _period(text: str) -> Day | Unusable:
    if (found := MONTH_NAMED.fullmatch(text)) and (month := MONTHS.get(found.group(1).casefold())):
        return _months(_year(found.group(2)), month, 1, "month", text, "Mar 2026")
    if found := YEAR_MONTH.fullmatch(text):
        return _months(int(found.group(1)), int(found.group(2)), 1, "month", text, "2026-03")
    if found := MONTH_YEAR.fullmatch(text):
        return _months(int(found.group(2)), int(found.group(1)), 1, "month", text, "03/2026")
    if found := QUARTER.fullmatch(text):
        return _months(
            int(found.group(2)),
            3 * int(found.group(1)) - 2,
            3,
            "quarter",
            text,
            "Q1 2026",
        )
    if found := YEAR_QUARTER.fullmatch(text):
        return _months(
            int(found.group(1)),
            3 * int(found.group(2)) - 2,
            3,
            "quarter",
            text,
            "Q1 2026",
        )
    if found := YEAR.fullmatch(text):
        return _months(int(found.group(1)), 1, 12, "year", text, "2026")
    if found := DAY_NUMBER.fullmatch(text):
        day = FIRST_OF_EXCEL + dt.timedelta(days=int(found.group(1)))
        if EARLIEST <= day.year <= LATEST:
            return Day(day, day, "day", "46112")
    return _not_a_date(text)


def _year(text: str) -> int:
    """Two digits mean 1970 to 2069."""
    number = int(text)
    return number if len(text) == 4 else number + (2000 if number < 70 else 1900)


def _day(year: int, month: int, day: int, text: str, form: str) -> Day | Unusable:
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return Unusable("no_such_date", {"text": excerpt(text)})
    if not EARLIEST <= year <= LATEST:
        return Unusable("far_year", {"year": str(year)})
    if day > calendar.monthrange(year, month)[1]:
        suffix = f" {year}" if (month, day) == (2, 29) else ""
        return Unusable(
            "no_such_day",
            {"day": f"{day} {MONTHS_ENGLISH[month - 1].capitalize()}{suffix}"},
        )
    found = dt.date(year, month, day)
    return Day(found, found, "day", form)


def _months(year: int, month: int, count: int, precision: Precision, text: str, form: str) -> Day | Unusable:
    if not 1 <= month <= 12:
        return Unusable("no_such_date", {"text": excerpt(text)})
    if not EARLIEST <= year <= LATEST:
        return Unusable("far_year", {"year": str(year)})
    end = month + count - 1
    return Day(
        dt.date(year, month, 1),
        dt.date(year, end, calendar.monthrange(year, end)[1]),
        precision,
        form,
    )


def _not_a_date(text: str) -> Unusable:
    return Unusable("not_a_date", {"text": excerpt(text)})
