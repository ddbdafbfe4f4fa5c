"""Units: the tree, one of them, and how they are made, moved and ended."""

from django.http import HttpResponse

from quarterdeck.core import objects
from quarterdeck.core.web.frame import object_frame
from quarterdeck.core.web.pages import SignedIn, page, show


@page
def unit(request: SignedIn, ref: str) -> HttpResponse:
    """A unit."""
    found = objects.find(request.actor, "unit", ref)
    return show(request, "core/organisation/unit.html", **object_frame(request, "unit", found, "unit"))
