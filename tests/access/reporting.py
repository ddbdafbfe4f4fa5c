"""Dashboards."""

from tests.access.route import Route

TABLE = {
    "dashboard": Route(get="200 302 302 302 302", post="200 302 302 302 302"),
    "portfolio_dashboard": Route(get="404 200 200 200 200", post="404 200 200 200 200", takes=("portfolio",)),
    "portfolio_movers": Route(get="404 200 200 200 200", post="404 200 200 200 200", takes=("portfolio",)),
    "portfolio_figure": Route(
        get="404 200 200 200 200", post="404 200 200 200 200", takes=("portfolio",), more={"figure": "cost"}
    ),
    "portfolio_rows": Route(
        get="404 200 200 200 200", post="404 200 200 200 200", takes=("portfolio",), more={"figure": "projects"}
    ),
}
