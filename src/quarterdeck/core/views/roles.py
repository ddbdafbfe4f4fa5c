"""Roles: which there are, what each lets people do, and how they are made and changed."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from quarterdeck.core import access, objects, registers, rights
from quarterdeck.core.errors import NotFound
from quarterdeck.core.forms import organisation as forms
from quarterdeck.core.models import Role
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.register import register_page
from quarterdeck.core.services import rolebook as services
from quarterdeck.core.services.roles import KEPT, STANDARD
from quarterdeck.core.views.people import manages_all
from quarterdeck.core.views.units import seen
from quarterdeck.core.web.frame import frame_of
from quarterdeck.core.web.pages import SignedIn, address, page, refusals_on, show, status_of
from quarterdeck.core.web.shell import crumb


@page
def roles(request: SignedIn) -> HttpResponse:
    """The register of roles."""
    if not request.actor.holds(rights.SEE_ORGANISATION):
        raise NotFound
    may_make = manages_all(request)
    return register_page(
        request,
        registers.ROLES,
        crumbs=[crumb(_("Roles"))],
        actions_template="core/organisation/_roles_actions.html" if may_make else "",
        context_line=_("A role is a named set of rights. People hold it at a place, and its rights reach all below."),
    )


@page
def role(request: SignedIn, code: str) -> HttpResponse:
    """What a role lets people do, and who holds it."""
    found: Role = objects.find(request.actor, "role", code)
    day = request.moment.on if request.moment else request.now.date()
    held = questions.holdings(request.actor).filter(access.in_force(day), role=found).order_by("person__name", "pk")
    known = [rights.ALL[each] for each in found.rights if each in rights.ALL]
    return show(
        request,
        "core/organisation/role.html",
        **frame_of(request, "role", found, "role"),
        groups=forms.by_domain(known, lambda right: right),
        withheld=[rights.ALL[each].label for each in found.withheld if each in rights.ALL],
        strange=[each for each in found.rights if each not in rights.ALL],
        holdings=held[:50],
        held_number=held.count(),
        held_url=address("organisation", query={"role": found.code, "when": "today"}),
        standard=found.code in STANDARD,
    )


@page
def new_role(request: SignedIn) -> HttpResponse:
    """Make a role of one's own."""
    if not manages_all(request):
        raise NotFound
    form = forms.RoleFacts(request.POST or None)
    del form.fields["reason"], form.fields["version"]
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            made = services.add_role(request.actor, now=request.now, **_given(form))
            messages.success(request, _("The role %(name)s is there. Give it to people.") % {"name": made.name})
            return redirect(address("role", made.code))
    return show(
        request,
        "core/organisation/role_form.html",
        form=form,
        groups=_boxes(request, form, None),
        status=status_of(form),
        title=_("New role"),
        context_line=_("Tick what whoever holds it may do. You can put in what you hold for the whole organisation."),
        button=_("Make the role"),
        back_url=address("roles"),
        crumbs=[crumb(_("Roles"), address("roles")), crumb(_("New role"))],
    )


def _given(form: forms.RoleFacts) -> dict[str, Any]:
    given = dict(form.cleaned_data)
    given["given"] = given.pop("rights")
    return given


def _boxes(request: SignedIn, form: forms.RoleFacts, found: Role | None) -> list[tuple[str, list[dict[str, Any]]]]:
    """The rights as boxes in groups; one that the reader may not put in or take out is shown and held still."""
    ticked = set(form["rights"].value() or [])
    top = request.actor.top
    kept = {right.code for right in KEPT.get(found.code, ())} if found else set()
    standard = {right.code for right in STANDARD[found.code].rights} if found and found.code in STANDARD else set()
    boxes = [
        {
            "right": right,
            "ticked": right.code in ticked,
            "kept": right.code in kept,
            "standard": right.code in standard,
            "held": top is not None and access.may(request.actor, right, on=top),
        }
        for right in rights.ALL.values()
    ]
    return forms.by_domain(boxes, lambda box: box["right"])


@page
def change_role(request: SignedIn, code: str) -> HttpResponse:
    """Change what a role is called and lets people do; give it no more, or again."""
    found: Role = objects.find(request.actor, "role", code)
    access.require(request.actor, rights.MANAGE_ORGANISATION, on=None)
    act = request.POST.get("act", "")
    initial = {
        "name": found.name,
        "description": found.description,
        "rights": found.rights,
        "single": found.single,
        "needs_second_factor": found.needs_second_factor,
    }
    form = forms.RoleFacts(request.POST if act == "facts" else None, row=found, initial=initial)
    other = forms.Reason(request.POST if act in {"end", "back"} else None, prefix="other")
    sent = form if act == "facts" else other
    if act in {"facts", "end", "back"} and sent.is_valid():
        with refusals_on(sent), seen(sent, found, lambda: _as_it_is(request, code)):
            messages.success(request, _do(request, found, act, form))
            return redirect(address("role", found.code))
        found = objects.find(request.actor, "role", code)
    held = questions.holdings(request.actor).filter(access.in_force(request.now.date()), role=found)
    return show(
        request,
        "core/organisation/change_role.html",
        **frame_of(request, "role", found, "role"),
        form=form,
        other=other,
        groups=_boxes(request, form, found),
        stays=found.code in KEPT,
        held_number=held.count(),
        status=status_of(sent) if sent.is_bound else 200,
    )


def _as_it_is(request: SignedIn, code: str) -> tuple[Role, str]:
    found: Role = objects.find(request.actor, "role", code)
    labels = [str(rights.ALL[each].label) for each in found.rights if each in rights.ALL]
    return found, f"{found.name}: {'; '.join(labels) or _('no right')}"


def _do(request: SignedIn, found: Role, act: str, form: forms.RoleFacts) -> str:
    """Do what a form asks for; says in a line what is so now."""
    if act == "facts":
        # A box that is held still is not sent: what it says stays.
        given = _given(form)
        services.change_role(request.actor, found, now=request.now, **given)
        return _("The role %(name)s is changed. Its rights hold from this moment.") % {"name": found.name}
    if act == "end":
        services.end_role(request.actor, found, now=request.now)
        return _("The role %(name)s is given no more.") % {"name": found.name}
    services.bring_back_role(request.actor, found, now=request.now)
    return _("The role %(name)s can be given again.") % {"name": found.name}
