"""Portfolios and programmes: the registers, one of them, and how they are made, moved, hidden and ended."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from quarterdeck.core import access, objects
from quarterdeck.core.errors import NotFound
from quarterdeck.core.forms import organisation as core_forms
from quarterdeck.core.models import Node
from quarterdeck.core.register import register_page
from quarterdeck.core.views.units import seen
from quarterdeck.core.web import places as pages
from quarterdeck.core.web.frame import frame_of
from quarterdeck.core.web.pages import SignedIn, address, page, refusals_on, show, status_of
from quarterdeck.core.web.shell import crumb
from quarterdeck.projects import forms, place_registers, queries, rights, services
from quarterdeck.projects.models import Portfolio, Programme

SHOWN = 20


def _tabs(current: str) -> list[dict[str, Any]]:
    """From portfolios to programmes and back."""
    named = (("portfolios", _("Portfolios")), ("programmes", _("Programmes")))
    return [{"label": label, "url": address(route), "current": route == current} for route, label in named]


@page
def portfolios(request: SignedIn) -> HttpResponse:
    """The register of portfolios."""
    if not request.actor.holds(rights.SEE_PROJECT):
        raise NotFound
    may = request.moment is None and queries.units_to_hold(request.actor).exists()
    return register_page(
        request,
        place_registers.PORTFOLIOS,
        crumbs=[crumb(_("Portfolios"))],
        context_line=_("Projects that are looked at and decided on together, as far as you may see."),
        actions_template="projects/_portfolios_actions.html",
        may_make=may,
        empty_action_label=_("Make the first portfolio") if may else "",
        empty_action_url=address("new_portfolio") if may else "",
    )


@page
def programmes(request: SignedIn) -> HttpResponse:
    """The register of programmes."""
    if not request.actor.holds(rights.SEE_PROJECT):
        raise NotFound
    may = request.moment is None and queries.portfolios_to_run(request.actor).exists()
    return register_page(
        request,
        place_registers.PROGRAMMES,
        crumbs=[crumb(_("Portfolios"), address("portfolios")), crumb(_("Programmes"))],
        context_line=_("Related projects of a portfolio, managed for a common outcome."),
        actions_template="projects/_programmes_actions.html",
        may_make=may,
        empty_action_label=_("Make the first programme") if may else "",
        empty_action_url=address("new_programme") if may else "",
    )


@page
def portfolio(request: SignedIn, ref: str) -> HttpResponse:
    """What a portfolio holds and where it belongs."""
    found: Portfolio = objects.find(request.actor, "portfolio", ref)
    inside = queries.projects(request.actor).filter(portfolio=found).order_by("node__name", "pk")
    return show(
        request,
        "projects/portfolio.html",
        **frame_of(request, "portfolio", found, "portfolio"),
        programmes=queries.programmes(request.actor).filter(portfolio=found),
        projects=inside[:SHOWN],
        number=inside.count(),
        projects_url=address("projects", query={"portfolio": found.ref}),
        dashboard_url=pages.address_of("portfolio", found),
    )


@page
def programme(request: SignedIn, ref: str) -> HttpResponse:
    """What a programme holds."""
    found: Programme = objects.find(request.actor, "programme", ref)
    inside = queries.projects_with_holders(request.actor).filter(programme=found).order_by("node__name", "pk")
    return show(
        request,
        "projects/programme.html",
        **frame_of(request, "programme", found, "programme"),
        projects=inside[:SHOWN],
        number=inside.count(),
        projects_url=address("projects", query={"programme": found.node.ref}),
    )


@page
def new_portfolio(request: SignedIn) -> HttpResponse:
    """Make a portfolio."""
    if not queries.units_to_hold(request.actor).exists():
        raise NotFound
    form = forms.NewPortfolio(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            made = services.add_portfolio(request.actor, now=request.now, **form.cleaned_data)
            return redirect(address("portfolio", made.ref))
    return show(
        request,
        "projects/form.html",
        form=form,
        status=status_of(form),
        title=_("New portfolio"),
        context_line=_("A portfolio holds the projects that are looked at and decided on together."),
        button=_("Make the portfolio"),
        back_url=address("portfolios"),
        crumbs=[crumb(_("Portfolios"), address("portfolios")), crumb(_("New portfolio"))],
    )


@page
def new_programme(request: SignedIn) -> HttpResponse:
    """Make a programme."""
    if not queries.portfolios_to_run(request.actor).exists():
        raise NotFound
    form = forms.NewProgramme(
        request.POST or None, actor=request.actor, initial={"portfolio": request.GET.get("portfolio", "")}
    )
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        with refusals_on(form):
            made = services.add_programme(request.actor, given.pop("portfolio"), now=request.now, **given)
            return redirect(address("programme", made.node.ref))
    return show(
        request,
        "projects/form.html",
        form=form,
        status=status_of(form),
        title=_("New programme"),
        context_line=_("A programme holds related projects of a portfolio, managed for a common outcome."),
        button=_("Make the programme"),
        back_url=address("programmes"),
        crumbs=[crumb(_("Programmes"), address("programmes")), crumb(_("New programme"))],
    )


@page
def change_portfolio(request: SignedIn, ref: str) -> HttpResponse:
    """Another name, another unit, an end, a circle: each a form of its own."""
    found: Portfolio = objects.find(request.actor, "portfolio", ref)
    return _change(request, "portfolio", found)


@page
def change_programme(request: SignedIn, ref: str) -> HttpResponse:
    """Another name, another portfolio, an end, a circle: each a form of its own."""
    found: Programme = objects.find(request.actor, "programme", ref)
    return _change(request, "programme", found)


def _change(request: SignedIn, kind: str, found: Portfolio | Programme) -> HttpResponse:
    access.require(request.actor, rights.MANAGE_PORTFOLIO, on=found.node_id, seen_by=rights.SEE_PROJECT)
    act = request.POST.get("act", "")

    def sent(part: str) -> Any:
        return request.POST if part == act else None

    move: Any
    if isinstance(found, Portfolio):
        unit = found.node.unit.ref if found.node.unit else ""
        move = forms.MovePortfolio(
            sent("move"), prefix="move", row=found.node, actor=request.actor, initial={"unit": unit}
        )
    else:
        move = forms.MoveProgramme(
            sent("move"), prefix="move", row=found.node, actor=request.actor, initial={"portfolio": found.portfolio.ref}
        )
    parts: dict[str, Any] = {
        "name": core_forms.NewName(sent("name"), prefix="name", row=found.node, initial={"name": found.name}),
        "move": move,
        "end": core_forms.End(sent("end"), prefix="end"),
        "back": core_forms.Reason(sent("back"), prefix="back"),
        "hide": core_forms.Nothing(sent("hide"), prefix="hide"),
        "open": core_forms.Nothing(sent("open"), prefix="open"),
    }
    form = parts.get(act)
    if form is not None and form.is_valid():
        ref = found.node.ref
        with refusals_on(form), seen(form, found.node, lambda: _as_it_is(request, kind, ref)):
            messages.success(request, _do(request, found, act, form.cleaned_data))
            return redirect(address(kind, ref))
        found = objects.find(request.actor, kind, ref)
    day = request.now.date()
    inside = queries.still_inside(request.actor, found.node, day)
    return show(
        request,
        "projects/change_place.html",
        **frame_of(request, kind, found, kind),
        parts=parts,
        is_portfolio=isinstance(found, Portfolio),
        place_url=address(kind, found.node.ref),
        inside=list(inside[:8]),
        inside_number=inside.count(),
        status=status_of(form) if form is not None else 200,
    )


def _as_it_is(request: SignedIn, kind: str, ref: str) -> tuple[Node, str]:
    place: Portfolio | Programme = objects.find(request.actor, kind, ref)
    within = place.node.unit if isinstance(place, Portfolio) else place.portfolio.node
    return place.node, f"{place.name}, {within.name}" if within else place.name


def _do(request: SignedIn, found: Portfolio | Programme, act: str, given: dict[str, Any]) -> str:
    """Do what a form asks for; says in a line what is so now."""
    actor, now, why = request.actor, request.now, given.get("reason", "")
    from_on = given.get("effective_on")
    if act == "name":
        services.rename_place(actor, found, name=given["name"], now=now, effective_on=from_on, reason=why)
        return _("It is called %(name)s.") % {"name": found.name}
    if act == "move" and isinstance(found, Portfolio):
        services.move_portfolio(actor, found, unit=given["unit"], now=now, effective_on=from_on, reason=why)
        return _("It lies in %(name)s.") % {"name": given["unit"].name}
    if act == "move" and isinstance(found, Programme):
        services.move_programme(actor, found, to=given["portfolio"], now=now, effective_on=from_on, reason=why)
        return _("It lies in %(name)s, with all its projects.") % {"name": given["portfolio"].name}
    if act == "end":
        services.end_place(actor, found, on=given["on"], now=now, reason=why)
        return _("It has its end. It can be brought back on the page “Change”.")
    if act == "back":
        services.bring_back_place(actor, found, now=now, reason=why)
        return _("It is under way again.")
    services.make_confidential(actor, found, confidential=act == "hide", now=now)
    return _("Only its circle sees it now.") if act == "hide" else _("Who holds a role above sees it again.")
