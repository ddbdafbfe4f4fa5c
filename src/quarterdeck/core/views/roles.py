"""Roles: which there are, and what each lets people do."""

from django.http import HttpResponse

from quarterdeck.core import objects
from quarterdeck.core.web.frame import object_frame
from quarterdeck.core.web.pages import SignedIn, page, show


@page
def role(request: SignedIn, code: str) -> HttpResponse:
    """A role."""
    found = objects.find(request.actor, "role", code)
    return show(request, "core/organisation/role.html", **object_frame(request, "role", found, "role"))
