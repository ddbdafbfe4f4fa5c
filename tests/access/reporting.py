"""Dashboards."""

from quarterdeck.projects.rights import SEE_PROJECT
from tests.access.route import Route, needs

# Whoever sees one of its projects sees a portfolio, with the figures of what they see.
SEES = needs(SEE_PROJECT, at="project")
# Who sees a portfolio is led to it; who sees none reads what to do about it.
FIRST = needs(SEE_PROJECT, ok=302, otherwise=200)
TABLE = {
    "dashboard": Route(get=FIRST, post=FIRST),
    "portfolio_dashboard": Route(get=SEES, post=SEES, takes=("portfolio",)),
    "portfolio_movers": Route(get=SEES, post=SEES, takes=("portfolio",)),
    "portfolio_figure": Route(get=SEES, post=SEES, takes=("portfolio",), more={"figure": "cost"}),
    "portfolio_rows": Route(get=SEES, post=SEES, takes=("portfolio",), more={"figure": "projects"}),
}
