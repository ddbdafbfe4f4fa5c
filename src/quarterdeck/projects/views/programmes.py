"""Programmes: the register, and one of them."""

from django.http import HttpResponse

from quarterdeck.core import objects
from quarterdeck.core.web.frame import object_frame
from quarterdeck.core.web.pages import SignedIn, page, show


@page
def programme(request: SignedIn, ref: str) -> HttpResponse:
    """A programme."""
    found = objects.find(request.actor, "programme", ref)
    return show(request, "projects/programme.html", **object_frame(request, "programme", found, "programme"))
