"""Units: the tree, one of them, and how they are made, renamed, moved and ended."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from quarterdeck.core import access, objects, registers, rights
from quarterdeck.core.errors import NotFound
from quarterdeck.core.forms import organisation as forms
from quarterdeck.core.models import Node
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.register import register_page
from quarterdeck.core.services import accounts, nodes
from quarterdeck.core.services import units as services
from quarterdeck.core.web.frame import frame_of
from quarterdeck.core.web.pages import SignedIn, address, page, refusals_on, show, status_of
from quarterdeck.core.web.shell import crumb

MANAGE, SEE = rights.MANAGE_ORGANISATION, rights.SEE_ORGANISATION


@page
def units(request: SignedIn) -> HttpResponse:
    """The tree of units, with what lies below each as far as the reader sees."""
    if not request.actor.holds(rights.SEE_ORGANISATION):
        raise NotFound
    ended = request.GET.get("ended") == "yes"
    roots = questions.unit_tree(request.actor, ended=ended)
    may_make = request.actor.holds(MANAGE) and request.moment is None
    return show(
        request,
        "core/organisation/units.html",
        roots=roots,
        number=len(questions.flat(roots)),
        only_top=len(roots) == 1 and not roots[0].children,
        ended=ended,
        other_url=address("units", query={"ended": "" if ended else "yes"}),
        may_make=may_make,
        new_url=address("new_unit"),
        list_url=address("unit_list", query={"ended": "" if ended else "no"}),
        crumbs=[crumb(_("Units"))],
    )


@page
def unit_list(request: SignedIn) -> HttpResponse:
    """Units as a list: searched, filtered, sorted, exported, compared, and many moved at once."""
    if not request.actor.holds(rights.SEE_ORGANISATION):
        raise NotFound
    return register_page(
        request,
        registers.UNITS,
        crumbs=[crumb(_("Units"), address("units")), crumb(_("List"))],
        actions_template="core/organisation/_units_actions.html",
        may_make=request.actor.holds(MANAGE) and request.moment is None,
        context_line=_("The parts of the organisation. Counts hold everything below a unit, as far as you may see."),
    )


def offered(request: SignedIn) -> list[questions.Branch]:
    """The units that the reader may put something into, in the order of the tree."""
    held = set(
        access.visible_nodes(request.actor, MANAGE).filter(kind="unit", ended_on=None).values_list("pk", flat=True)
    )
    return [branch for branch in questions.flat(questions.unit_tree(request.actor)) if branch.unit.pk in held]


@page
def new_unit(request: SignedIn) -> HttpResponse:
    """Make a unit; then the next one, if there are several."""
    branches = offered(request)
    if not branches:
        raise NotFound
    asked = request.GET.get("parent", "")
    form = forms.NewUnit(request.POST or None, branches=branches, initial={"parent": asked or branches[0].unit.ref})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            made = services.add_unit(request.actor, now=request.now, **form.cleaned_data)
            if "another" in request.POST:
                messages.success(request, _("%(name)s is there.") % {"name": made.name})
                return redirect(address("new_unit", query={"parent": form.cleaned_data["parent"].ref}))
            return redirect(address("unit", made.ref))
    return show(
        request,
        "core/organisation/form.html",
        form=form,
        status=status_of(form),
        title=_("New unit"),
        context_line=_("A part of the organisation. Portfolios, projects and roles hang on it."),
        button=_("Make the unit"),
        another=_("Make it and one more"),
        back_url=address("units"),
        crumbs=[crumb(_("Units"), address("units")), crumb(_("New unit"))],
    )


@page
def unit(request: SignedIn, ref: str) -> HttpResponse:
    """What lies directly in a unit, and who holds a role at it."""
    found: Node = objects.find(request.actor, "unit", ref)
    day = request.moment.on if request.moment else request.now.date()
    inside = list(nodes.still_there(request.actor, found, day, field="unit"))
    held = (
        questions.holdings(request.actor)
        .filter(access.in_force(day), node=found)
        .order_by("role__name", "person__name")
    )
    return show(
        request,
        "core/organisation/unit.html",
        **frame_of(request, "unit", found, "unit"),
        groups=grouped(inside),
        holdings=held[:20],
        held_more=max(0, held.count() - 20),
        counts=questions.counts_below(request.actor, found),
    )


def grouped(inside: list[Node]) -> list[dict[str, Any]]:
    """Places by kind, each with its page."""
    groups = []
    for code, kind in objects.kinds().items():
        those = [node for node in inside if node.kind == code]
        if those:
            rows = [{"node": node, "url": address(code, node.ref)} for node in those]
            groups.append({"label": kind.label_of_many, "icon": kind.icon, "rows": rows})
    return groups


@page
def change_unit(request: SignedIn, ref: str) -> HttpResponse:
    """Another name, another place in the tree, an end: each a form of its own."""
    found: Node = objects.find(request.actor, "unit", ref)
    access.require(request.actor, MANAGE, on=found, seen_by=rights.SEE_ORGANISATION)
    act = request.POST.get("act", "")

    def sent(part: str) -> Any:
        return request.POST if part == act else None

    day = request.now.date()
    parts: dict[str, Any] = {
        "name": forms.NewName(sent("name"), prefix="name", row=found, initial={"name": found.name}),
        "move": forms.MoveUnit(
            sent("move"), prefix="move", row=found, branches=offered(request),
            without=questions.ids_below(found), initial={"to": found.unit.ref if found.unit else ""},
        ),
        "end": forms.End(sent("end"), prefix="end"),
        "back": forms.Reason(sent("back"), prefix="back"),
    }  # fmt: skip
    own = questions.organisation()
    if found.unit_id is None and own is not None:
        initial = {"name": own.name, "currency": own.currency}
        parts = {"whole": forms.Organisation(sent("whole"), prefix="whole", initial=initial)}
    form = parts.get(act)
    if form is not None and form.is_valid():
        with refusals_on(form), seen(form, found, lambda: _as_it_is(request, ref)):
            done = _do(request, found, act, form.cleaned_data)
            messages.success(request, done)
            return redirect(address("unit", found.ref))
        found = objects.find(request.actor, "unit", ref)
    return show(
        request,
        "core/organisation/change_unit.html",
        **frame_of(request, "unit", found, "unit"),
        parts=parts,
        act=act,
        inside=list(nodes.still_there(request.actor, found, day, field="unit")[:8]),
        inside_number=nodes.still_there(request.actor, found, day, field="unit").count(),
        status=status_of(form) if form is not None else 200,
    )


def _as_it_is(request: SignedIn, ref: str) -> tuple[Node, str]:
    found: Node = objects.find(request.actor, "unit", ref)
    place = found.unit.name if found.unit and access.may(request.actor, SEE, on=found.unit) else ""
    return found, f"{found.name}, {place}" if place else found.name


def seen(form: Any, row: Any, now: Callable[[], tuple[Any, str]]) -> AbstractContextManager[None]:
    """Where a form says which version the reader saw, it is written over that one only."""
    return form.as_seen(row, now) if isinstance(form, forms.Seen) else nullcontext()


def _do(request: SignedIn, found: Node, act: str, given: dict[str, Any]) -> str:
    """Do what a form asks for; says in a line what is so now."""
    actor, now, why = request.actor, request.now, given.get("reason", "")
    if act == "whole":
        accounts.name_organisation(actor, now=now, **given)
        return _("The organisation is called %(name)s.") % {"name": given["name"]}
    if act == "name":
        services.rename_unit(actor, found, name=given["name"], now=now, effective_on=given["effective_on"], reason=why)
        return _("The unit is called %(name)s.") % {"name": found.name}
    if act == "move":
        services.move_unit(actor, found, to=given["to"], now=now, effective_on=given["effective_on"], reason=why)
        return _("%(name)s lies in %(parent)s.") % {"name": found.name, "parent": given["to"].name}
    if act == "end":
        services.end_unit(actor, found, on=given["on"], now=now, reason=why)
        return _("%(name)s has its end. It can be brought back on the page “Change”.") % {"name": found.name}
    services.bring_back_unit(actor, found, now=now, reason=why)
    return _("%(name)s is there again. Roles that ended with it are given anew.") % {"name": found.name}
