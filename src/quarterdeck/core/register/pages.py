"""The page of a register."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from quarterdeck.core.register.declaration import Register
from quarterdeck.core.register.export import csv_response, xlsx_response
from quarterdeck.core.register.listing import UnknownParameter, listing
from quarterdeck.core.web.pages import SignedIn, show


def register_page(request: SignedIn, register: Register, **context: Any) -> HttpResponse:
    """List, part of the list, or export, by the parameters of the address."""
    found = listing(register, request.actor, request.GET)
    wanted = request.GET.get("format", "")
    day = (request.moment.on if request.moment else request.now.date()).isoformat()
    if wanted == "csv":
        return csv_response(found, f"{register.name}-{day}")
    if wanted == "xlsx":
        return xlsx_response(found, f"{register.name}-{day}")
    if found.control is not None:
        return show(
            request, "core/filter.html", partial="core/_filter.html", listing=found, register=register, **context
        )
    if wanted:
        raise UnknownParameter("unknown_format", _("A register is exported as csv or xlsx."))
    return show(
        request, "core/register.html", partial="core/_register.html", listing=found, register=register, **context
    )
