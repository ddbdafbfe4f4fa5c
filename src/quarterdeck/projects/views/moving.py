"""A project goes elsewhere, leaves its register, and comes back."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from quarterdeck.core import access
from quarterdeck.core.forms import organisation as core_forms
from quarterdeck.core.views.units import seen
from quarterdeck.core.web.pages import SignedIn, address, page, refusals_on, show, status_of
from quarterdeck.projects import forms, queries, rights, services
from quarterdeck.projects.frames import project_frame
from quarterdeck.projects.models import Project


@page
def move_project(request: SignedIn, ref: str) -> HttpResponse:
    """Another portfolio, programme or unit from a day on; out of the register and back."""
    found = queries.project(request.actor, ref)
    access.require(request.actor, rights.CHANGE_PROJECT, on=found.node_id, seen_by=rights.SEE_PROJECT)
    act = request.POST.get("act", "")

    def sent(part: str) -> Any:
        return request.POST if part == act else None

    runs = access.may(request.actor, rights.MANAGE_PORTFOLIO, on=found.node_id)
    parts: dict[str, Any] = {
        "move": forms.MoveProject(sent("move"), prefix="move", actor=request.actor, project=found, runs=runs),
        "left": core_forms.End(sent("left"), prefix="left"),
        "back": core_forms.Reason(sent("back"), prefix="back"),
    }
    form = parts.get(act)
    if form is not None and form.is_valid():
        with refusals_on(form), seen(form, found, lambda: _as_it_is(request, ref)):
            messages.success(request, _do(request, found, act, form.cleaned_data))
            return redirect(address("project", found.ref))
        found = queries.project(request.actor, ref)
    return show(
        request,
        "projects/move.html",
        **project_frame(request, found, "project"),
        parts=parts,
        runs=runs,
        status=status_of(form) if form is not None else 200,
    )


def _as_it_is(request: SignedIn, ref: str) -> tuple[Project, str]:
    found = queries.project(request.actor, ref)
    return found, (found.programme or found.portfolio).name


def _do(request: SignedIn, found: Project, act: str, given: dict[str, Any]) -> str:
    """Do what the form asks for; says in a line what is so now."""
    actor, now, why = request.actor, request.now, given["reason"]
    if act == "move":
        services.move_project(
            actor,
            found,
            to=given.get("place") or found.programme or found.portfolio,
            unit=given["unit"],
            now=now,
            effective_on=given["effective_on"],
            reason=why,
        )
        return _("The project lies there now. Its reference stays %(ref)s.") % {"ref": found.ref}
    if act == "left":
        services.take_out_project(actor, found, now=now, on=given["on"], reason=why)
        return _("The project is out of its register. It and its history stay.")
    services.bring_back_project(actor, found, now=now, reason=why)
    return _("The project is in its register again.")
