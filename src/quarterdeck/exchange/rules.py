"""Judgements about what a register says, on plain values."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise

# The largest amount a project can carry, and how many places of it are kept.
MOST = Decimal(10) ** 14
PLACES = Decimal("0.0001")
EXCERPT = 160

STAGES = {
    "proposed": ("proposed proposal idea concept candidate requested pipeline vorschlag idee beantragt antrag konzept"),
    "initiating": "initiating initiation initiated start startup definition defining initialisierung initiierung",
    "planning": "planning planned plan design feasibility definition development planung entwurf konzeption geplant",
    "executing": (
        "executing execution delivery delivering implementation implementing build construction active running "
        "progress ongoing underway open live umsetzung durchführung realisierung laufend aktiv bau"
    ),
    "closing": "closing closeout handover transition closure abschluss übergabe",
    "closed": "closed complete completed finished done delivered beendet abgeschlossen fertig erledigt",
    "on_hold": "hold paused suspended deferred pausiert ruht ruhend unterbrochen zurückgestellt",
    "stopped": "stopped cancelled canceled terminated withdrawn rejected abgebrochen gestoppt eingestellt abgelehnt",
}
APPROACHES = {
    "predictive": (
        "predictive waterfall traditional classic classical sequential prince2 wasserfall klassisch plangetrieben"
    ),
    "agile": "agile scrum kanban safe iterative xp less agil",
    "hybrid": "hybrid mixed blended combined gemischt",
}
# Words that say nothing by themselves beside the one that does.
FILLERS = {"in", "the", "stage", "phase", "project", "on", "of", "and", "is", "gate", "approach", "method", "fully"}


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W_]+", text.casefold()) if word not in FILLERS]


def code_of(text: str, codes: Mapping[str, str]) -> str:
    """
    The code whose words a text consists of; empty when there is none or more than one.

    >>> code_of("In delivery", STAGES), code_of("On hold", STAGES), code_of("Gate 3", STAGES)
    ('executing', 'on_hold', '')
    """
    normal = text.strip().casefold().replace(" ", "_")
    if normal in codes:
        return normal
    found = set()
    for word in _words(text):
        fitting = [code for code, words in codes.items() if word in words.split()]
        if not fitting:
            return ""
        found.add(fitting[0])
    return found.pop() if len(found) == 1 else ""


def stage_of(text: str) -> str:
    """The stage of a life cycle that a text names, or nothing."""
    return code_of(text, STAGES)


def approach_of(text: str) -> str:
    """The delivery approach that a text names, or nothing."""
    return code_of(text, APPROACHES)


def excerpt(text: str, longest: int = EXCERPT) -> str:
    """A cell on one line, shortened."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def kept_amount(amount: Decimal) -> Decimal | None:
    """An amount as a project keeps it, to four places; None when it is larger than any project."""
    kept = amount.quantize(PLACES, ROUND_HALF_EVEN) if abs(amount) < MOST else MOST
    return kept if abs(kept) < MOST else None


LONGEST_ID = 120


def kept_id(text: str) -> str:
    """
    An id as a project keeps it. A longer one, as where names are ids, ends in a digest of the whole instead.

    >>> len(kept_id("Renewal of " * 20)), kept_id("PRJ-1")
    (120, 'PRJ-1')
    """
    if len(text) <= LONGEST_ID:
        return text
    return f"{text[: LONGEST_ID - 9]}…{hashlib.sha256(text.encode()).hexdigest()[:8]}"


YEAR_FIRST = re.compile(r"(?<!\d)(20\d{2})[-_. ]?(0[1-9]|1[0-2])[-_. ]?(0[1-9]|[12]\d|3[01])(?!\d)")
MONTH_NAMES = (
    "jan january januar", "feb february februar", "mar march märz maerz", "apr april", "may mai", "jun june juni",
    "jul july juli", "aug august", "sep sept september", "oct okt october oktober", "nov november",
    "dec dez december dezember",
)  # fmt: skip
MONTHS = {name: number for number, names in enumerate(MONTH_NAMES, start=1) for name in names.split()}


def day_in(file_name: str) -> date | None:
    """
    The day a file name tells: a date, or the last day of a month with its year.

    >>> day_in("register-2026-09-30.xlsx"), day_in("Portfolio_March_2022.csv")
    (datetime.date(2026, 9, 30), datetime.date(2022, 3, 31))
    """
    found = YEAR_FIRST.search(file_name)
    if found:
        try:
            return date(int(found.group(1)), int(found.group(2)), int(found.group(3)))
        except ValueError:
            return None
    words = re.findall(r"[^\W\d_]+|\d+", file_name.casefold())
    for month, year in pairwise(words):
        if month in MONTHS and re.fullmatch(r"20\d{2}", year):
            return _last_day(int(year), MONTHS[month])
    return None


def _last_day(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def reference_of(name: str, taken: set[str], longest: int = 40) -> str:
    """
    A reference made of a name, in capitals, that nobody else has; `taken` is in lower case.

    >>> reference_of("Energy Networks", {"energy-networks"})
    'ENERGY-NETWORKS-2'
    """
    words = re.findall(r"[^\W_]+", name.upper())
    base = "-".join(words)[: longest - 5].rstrip("-") or "X"
    found, number = base, 1
    while found.casefold() in taken:
        number += 1
        found = f"{base}-{number}"
    return found


def dates_wrong(start: date | None, finish: date | None) -> bool:
    """Whether both dates are known and the wrong way round."""
    return start is not None and finish is not None and finish < start


def moved(changes: Mapping[str, tuple[object, object]], order: tuple[str, ...]) -> set[str]:
    """
    In which of the ways that a portfolio is asked about a project moved: finish, cost, confidence.

    changes: fact to its values before and after, dates, Decimals and codes; order: confidence, best first.
    """
    found = set()
    before, after = changes.get("forecast_finish", (None, None))
    if isinstance(before, date) and isinstance(after, date) and before != after:
        found.add("later" if after > before else "earlier")
    for key in ("forecast_cost", "whole_life_cost"):
        before, after = changes.get(key, (None, None))
        if isinstance(before, Decimal) and isinstance(after, Decimal) and before != after:
            found.add("dearer" if after > before else "cheaper")
            break
    before, after = changes.get("confidence", (None, None))
    if before in order and after in order and before != after:
        found.add("worse" if order.index(str(after)) > order.index(str(before)) else "better")
    return found
