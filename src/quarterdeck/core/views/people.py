"""People: the register, one of them, and what they hold."""

from uuid import UUID

from django.http import HttpResponse

from quarterdeck.core import objects
from quarterdeck.core.web.frame import object_frame
from quarterdeck.core.web.pages import SignedIn, page, show


@page
def person(request: SignedIn, uid: UUID) -> HttpResponse:
    """A person."""
    found = objects.find(request.actor, "person", str(uid))
    return show(request, "core/organisation/person.html", **object_frame(request, "person", found, "person"))
