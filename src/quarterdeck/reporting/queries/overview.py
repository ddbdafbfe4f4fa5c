"""All portfolios at a glance."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from quarterdeck.core.access import Actor
from quarterdeck.core.time import looking_at
from quarterdeck.projects import queries as projects
from quarterdeck.projects.models import Portfolio, Snapshot
from quarterdeck.reporting.rules import NO_DATA


@dataclass(slots=True)
class Overview:
    """A portfolio in a few figures: what of it the actor sees."""

    portfolio: Portfolio
    recorded_on: date | None = None
    number: int = 0
    with_cost: int = 0
    cost: Decimal | None = None
    confidence: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def overview(actor: Actor) -> list[Overview]:
    """Portfolios the actor sees, by name; costs in the currency of each."""
    moment = looking_at()
    taken = Snapshot.objects.filter(portfolio_id=OuterRef("pk")).order_by("-on")
    if moment:
        taken = taken.filter(on__lte=moment.on)
    if moment and moment.known_at:
        taken = taken.filter(known_at__lte=moment.known_at)
    # Not by an aggregate: what was is read from a view, which no key lets the database group by.
    seen = projects.portfolios(actor).annotate(recorded_on=Subquery(taken.values("on")[:1]))
    found = {each.pk: Overview(each, each.recorded_on) for each in seen}
    own = Q(currency=F("portfolio__currency"))
    lines = (
        projects.projects(actor)
        .select_related(None)
        .order_by()
        .values_list("portfolio_id", "confidence")
        .annotate(
            number=Count("pk"),
            priced=Count(Coalesce("forecast_cost", "whole_life_cost"), filter=own),
            total=Sum(Coalesce("forecast_cost", "whole_life_cost"), filter=own),
        )
    )
    for portfolio_id, state, number, priced, total in lines:
        each = found[portfolio_id]
        each.number += number
        each.with_cost += priced
        each.confidence[state or NO_DATA] += number
        if total is not None:
            each.cost = total + (each.cost or 0)
    return list(found.values())
