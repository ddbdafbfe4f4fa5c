"""From a request to the look it asks for, and the links that keep asking for it."""

from collections.abc import Callable
from typing import Any

from django.urls import NoReverseMatch, reverse

from quarterdeck.core.web.pages import SignedIn, address
from quarterdeck.reporting import forms, queries
from quarterdeck.reporting.queries import Look


def look_of(request: SignedIn, ref: str) -> Look:
    """The look that the address asks for."""
    moment = request.moment
    return queries.look(
        request.actor,
        ref,
        day=moment.on if moment else request.now.date(),
        known_at=moment.known_at if moment else None,
        wanted=forms.wanted(request.GET),
    )


def links(request: SignedIn, look: Look) -> Callable[..., str]:
    """Makes addresses of this portfolio's pages that keep comparison, filters and moment."""
    kept = forms.kept(request.GET)

    def link(route: str, *args: Any, **more: Any) -> str:
        return address(route, look.portfolio.ref, *args, query=kept | more)

    return link


def address_if(route: str) -> str:
    """The address of a page that another domain may have; empty where it has none."""
    try:
        reverse(route)
    except NoReverseMatch:
        return ""
    return address(route)
