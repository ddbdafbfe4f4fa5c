"""What reporting registers with the kernel when the site starts."""

from django.utils.translation import gettext_lazy as _

from quarterdeck.core.access import Actor
from quarterdeck.core.web import landing, navigation, places
from quarterdeck.core.web.pages import address
from quarterdeck.projects import queries as projects
from quarterdeck.projects import rights


def register() -> None:
    """The dashboard in the navigation, and as the page to begin with."""
    navigation.add_item(
        navigation.Item(
            "portfolio",
            _("Dashboard"),
            "dashboard",
            "layout-dashboard",
            110,
            lambda actor: actor.holds(rights.SEE_PROJECT),
            also=("portfolio_dashboard", "portfolio_figure", "portfolio_rows", "portfolio_movers"),
        )
    )
    navigation.add_tab(navigation.Tab("portfolio", _("Dashboard"), "portfolio_dashboard", 5))
    landing.offer(10, _first_page)
    places.own("portfolio", lambda portfolio: address("portfolio_dashboard", portfolio.ref))


def _first_page(actor: Actor) -> str | None:
    """For those who see a project, or a portfolio still without any."""
    if not actor.holds(rights.SEE_PROJECT):
        return None
    seen = projects.all_projects(actor).order_by().exists() or projects.portfolios(actor).exists()
    return address("dashboard") if seen else None
