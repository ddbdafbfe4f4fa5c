"""Pages of the dashboard."""

from quarterdeck.reporting.views.dashboard import portfolio_dashboard
from quarterdeck.reporting.views.figures import how, movers, rows
from quarterdeck.reporting.views.portfolios import dashboard

__all__ = ["dashboard", "how", "movers", "portfolio_dashboard", "rows"]
