"""The first page of an empty installation: two doors."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from quarterdeck.core.access import Actor
from quarterdeck.core.web import happenings, landing
from quarterdeck.projects import rights
from quarterdeck.projects.queries import portfolios


def register() -> None:
    """People who may make a portfolio begin here while there is none."""
    landing.offer(5, _address)
    happenings.call("site.demo.built", _("Demo organisation built"))


def _address(actor: Actor) -> str | None:
    if actor.holds(rights.MANAGE_PORTFOLIO) and not portfolios(actor).exists():
        return reverse("start")
    return None
