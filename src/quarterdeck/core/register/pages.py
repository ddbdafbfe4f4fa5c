"""The page of a register."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from quarterdeck.core.errors import Refused
from quarterdeck.core.register import compare, saved
from quarterdeck.core.register.declaration import Register
from quarterdeck.core.register.export import csv_response, xlsx_response
from quarterdeck.core.register.listing import Listing, UnknownParameter, listing
from quarterdeck.core.web.pages import SignedIn, show


def _listing(request: SignedIn, register: Register) -> tuple[Listing, Refused | None]:
    """The rows, and why they are not compared with the day that was asked for."""
    try:
        day = compare.asked_day(request.GET, today=request.now.date())
    except Refused as refusal:
        if request.GET.get("format"):
            raise
        without = request.GET.copy()
        for name in ("compare_with", "changes"):
            without.pop(name, None)
        return listing(register, request.actor, without), refusal
    if day is None:
        return listing(register, request.actor, request.GET), None
    return compare.Compared(register, request.actor, request.GET, day), None


def register_page(request: SignedIn, register: Register, **context: Any) -> HttpResponse:
    """List, part of the list, or export, by the parameters of the address."""
    found, refusal = _listing(request, register)
    wanted = request.GET.get("format", "")
    day = (request.moment.on if request.moment else request.now.date()).isoformat()
    if isinstance(found, compare.Compared):
        day = f"{found.day.isoformat()}-to-{day}"
    if wanted == "csv":
        return csv_response(found, f"{register.name}-{day}")
    if wanted == "xlsx":
        return xlsx_response(found, f"{register.name}-{day}")
    if wanted:
        raise UnknownParameter("unknown_format", _("A register is exported as csv or xlsx."))
    if found.control is not None:
        return show(
            request, "core/filter.html", partial="core/_filter.html", listing=found, register=register, **context
        )
    views = saved.views_for(register, request.actor)
    if start := saved.start_of(register, request.actor, request.GET, views, path=request.path):
        return redirect(request.path + saved.url_of(start))
    found.bare_url = saved.bare_url(request.actor, views)
    found.edits = (
        saved.is_kept(register)
        and request.path == saved.address_of_list(register)
        and request.moment is None
        and not isinstance(found, compare.Compared)
    )
    if request.path == saved.address_of_list(register) and not isinstance(found, compare.Compared):
        request.counts = {register.route: found.total}
    tabs = saved.tabs(found, request.actor, views, path=request.path)
    return show(
        request,
        "core/register.html",
        partial="core/_register.html",
        listing=found,
        register=register,
        views=tabs,
        compares=compare.compares(register, request.actor),
        refusal=refusal,
        status=200 if refusal is None else refusal.status,
        **context,
    )
