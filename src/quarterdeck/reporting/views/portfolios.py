"""Which portfolio."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from quarterdeck.core.web.pages import SignedIn, address, page, show
from quarterdeck.core.web.shell import crumb
from quarterdeck.projects import rights
from quarterdeck.reporting import queries
from quarterdeck.reporting.rules import COLUMNS
from quarterdeck.reporting.views.asked import address_if


@page
def dashboard(request: SignedIn) -> HttpResponse:
    """Straight to the only portfolio; several as cards; none explains what one is and how to get it."""
    found = queries.overview(request.actor)
    if len(found) == 1:
        return redirect(address("portfolio_dashboard", found[0].portfolio.ref))
    cards = [
        {
            "portfolio": each.portfolio,
            "url": address("portfolio_dashboard", each.portfolio.ref),
            "number": each.number,
            "cost": each.cost,
            "with_cost": each.with_cost,
            "recorded_on": each.recorded_on,
            "items": [
                {
                    "state": level,
                    "count": each.confidence[level],
                    "url": address("portfolio_rows", each.portfolio.ref, f"confidence-{level}"),
                }
                for level in COLUMNS
            ],
        }
        for each in found
    ]
    may_begin = request.actor.holds(rights.ADD_PROJECT) and request.moment is None
    return show(
        request,
        "reporting/portfolios.html",
        cards=cards,
        start_url=address_if("start") if may_begin else "",
        crumbs=[crumb(_("Portfolio"))],
    )
