"""Everything a page of the dashboard is made of: which portfolio, when, compared with what, and what came out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Refused
from quarterdeck.projects import queries as projects
from quarterdeck.projects.models import Portfolio, Snapshot
from quarterdeck.reporting import rules
from quarterdeck.reporting.queries.states import Named, names, state_of, state_on
from quarterdeck.reporting.queries.totals import confidential_totals
from quarterdeck.reporting.rules import Filters, Hidden, Picture, State, Totals

# What stands in the address for “belongs to none”.
NONE = "-"


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What the address asks for, as it is written there: references, names and numbers.

    compare is the earlier day, None for what suggests itself; alone asks for no comparison at all.
    """

    compare: date | None = None
    alone: bool = False
    units: frozenset[str] = frozenset()
    programmes: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Look:
    """
    A portfolio on a day, as one person sees it.

    now is everything they see of it, before filters; compare the earlier day, None where there is none; days those
    for which something was recorded before; recorded the latest record.
    """

    portfolio: Portfolio
    day: date
    compare: date | None
    days: tuple[date, ...]
    recorded: Snapshot | None
    now: State
    named: Named
    keep: Filters
    picture: Picture
    totals: Totals


def look(actor: Actor, ref: str, *, day: date, known_at: datetime | None, wanted: Wanted) -> Look:
    """
    One look at a portfolio; raises NotFound where the actor sees none of that reference.

    Confidential projects are added to totals only while nothing is filtered: sums of slices would tell one apart.
    """
    portfolio = projects.portfolio(actor, ref)
    recorded = list(projects.snapshots(actor, portfolio))
    days = tuple(dict.fromkeys(each.on for each in recorded if each.on < day))
    compare = _compared(wanted, days, recorded, day)
    now = state_of(actor, portfolio)
    then = state_on(actor, portfolio, compare, known_at=known_at, now=now) if compare else None
    named = names(actor, portfolio, now, then.left if then else {})
    keep = _filters(wanted, named)
    picture = rules.picture(now, then, keep)
    hidden = Hidden() if keep.any else confidential_totals(actor, portfolio)
    return Look(
        portfolio=portfolio,
        day=day,
        compare=compare,
        days=days,
        recorded=recorded[0] if recorded else None,
        now=now,
        named=named,
        keep=keep,
        picture=picture,
        totals=rules.totals(picture, hidden),
    )


def _compared(wanted: Wanted, days: tuple[date, ...], recorded: list[Snapshot], day: date) -> date | None:
    """The day that was asked for; otherwise the last one recorded before the latest record."""
    if wanted.alone:
        return None
    if wanted.compare is not None:
        if wanted.compare >= day:
            raise Refused(
                "day_not_earlier",
                _("A comparison needs a day before the one that is shown. Choose an earlier day."),
                {"compare": _("Choose an earlier day.")},
            )
        return wanted.compare
    latest = recorded[0].on if recorded else day
    return next((each for each in days if each < latest), None)


def _filters(wanted: Wanted, named: Named) -> Filters:
    """
    References become ids of what the actor sees. A reference that is unknown to them matches nothing, as one that
    does not exist.
    """
    units = {ref: pk for pk, (ref, _name) in named.units.items()}
    programmes = {ref: pk for pk, (ref, _name) in named.programmes.items()}
    return Filters(
        units=_ids(wanted.units, units),
        programmes=_ids(wanted.programmes, programmes),
        categories=frozenset("" if each == NONE else each for each in wanted.categories),
        tiers=frozenset(None if each == NONE else int(each) for each in wanted.tiers),
    )


def _ids(asked: Iterable[str], known: dict[str, int]) -> frozenset[int | None]:
    return frozenset(None if ref == NONE else known.get(ref, 0) for ref in asked)
