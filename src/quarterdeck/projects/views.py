"""Pages of portfolios and projects."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quarterdeck.core import access
from quarterdeck.core import rights as core_rights
from quarterdeck.core.errors import Conflict, NotFound
from quarterdeck.core.queries.organisation import organisation
from quarterdeck.core.register import register_page
from quarterdeck.core.templatetags.qd import confidence_mark, day, money_full
from quarterdeck.core.web import navigation, places
from quarterdeck.core.web.pages import SignedIn, address, page, refusals_on, show, status_of
from quarterdeck.core.web.shell import crumb
from quarterdeck.projects import forms, queries, registers, rights, rules, services
from quarterdeck.projects.calculations import tier_of
from quarterdeck.projects.explained import explain
from quarterdeck.projects.models import Project

LABELS = {name: field.label for name, field in forms.ChangeProject.base_fields.items()} | {
    "tier": gettext_lazy("Tier"),
    "programme": gettext_lazy("Programme"),
    "external_id": gettext_lazy("External id"),
    "left_on": gettext_lazy("In the register"),
    "currency": gettext_lazy("Currency"),
    "confidential": gettext_lazy("Confidential"),
    "sponsor": gettext_lazy("Sponsor"),
    "manager": gettext_lazy("Manager"),
}


@page
def projects(request: SignedIn) -> HttpResponse:
    """The register of projects."""
    may_add = request.actor.holds(rights.ADD_PROJECT)
    return register_page(
        request,
        registers.PROJECTS,
        crumbs=[crumb(_("Portfolio"), address("home")), crumb(_("Projects"))],
        actions_template="projects/_register_actions.html" if may_add else "",
        context_line=_("What each project declares about itself. Amounts are in the currency of its portfolio."),
        empty_action_label=_("Add the first project") if may_add else "",
        empty_action_url=address("new_project") if may_add else "",
        left_url=address("projects_left"),
        may_manage=request.actor.holds(rights.MANAGE_PORTFOLIO),
        import_url=places.address_of("register file", None),
    )


@page
def projects_left(request: SignedIn) -> HttpResponse:
    """Projects that are no longer in their register."""
    return register_page(
        request,
        registers.LEFT,
        crumbs=[crumb(_("Projects"), address("projects")), crumb(_("Left"))],
        context_line=_("They were missing from a later file of their portfolio. They and their history stay."),
    )


@page
def new_portfolio(request: SignedIn) -> HttpResponse:
    """Make a portfolio."""
    if not request.actor.holds(rights.MANAGE_PORTFOLIO):
        raise NotFound
    own = organisation()
    form = forms.NewPortfolio(request.POST or None, initial={"currency": own.currency if own else "EUR"})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            made = services.add_portfolio(request.actor, now=request.now, **form.cleaned_data)
            return redirect(places.address_of("portfolio", made) or address("projects"))
    return show(
        request,
        "projects/form.html",
        form=form,
        status=status_of(form),
        title=_("New portfolio"),
        context_line=_("A portfolio holds the projects that are looked at and decided on together."),
        button=_("Make the portfolio"),
        back_url=address("home"),
        crumbs=[crumb(_("Portfolio"), address("home")), crumb(_("New portfolio"))],
    )


@page
def new_project(request: SignedIn) -> HttpResponse:
    """Add a project by hand."""
    if not request.actor.holds(rights.ADD_PROJECT):
        raise NotFound
    form = forms.NewProject(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        portfolio, name = facts.pop("portfolio"), facts.pop("name")
        unit, programme = facts.pop("unit"), facts.pop("programme")
        with refusals_on(form):
            made = services.add_project(
                request.actor, portfolio, name=name, unit=unit, programme=programme, facts=facts, now=request.now
            )
            return redirect(address("project", made.ref))
    return show(
        request,
        "projects/form.html",
        form=form,
        status=status_of(form),
        title=_("New project"),
        context_line=_("A name and a portfolio are enough to begin. Everything else can follow."),
        button=_("Add the project"),
        back_url=address("projects"),
        crumbs=[crumb(_("Projects"), address("projects")), crumb(_("New project"))],
    )


def project_frame(request: SignedIn, found: Project, route: str) -> dict[str, Any]:
    """What all pages of a project share: head, tabs, and what the reader may do."""
    past = request.moment is not None
    tabs = [
        {
            "label": tab.label,
            "url": address(tab.route, found.ref),
            "current": tab.route == route,
            "count": tab.count(request.actor, found) if tab.count else None,
        }
        for tab in navigation.tabs("project", request.actor, found)
    ]
    names = [
        (_("sponsor %(name)s") % {"name": found.sponsor_name}) if found.sponsor_name else _("nobody is sponsor yet"),
        (_("manager %(name)s") % {"name": found.manager_name}) if found.manager_name else _("nobody is manager yet"),
    ]
    parts = [
        found.ref,
        found.programme.name if found.programme else "",
        found.node.unit.name if found.node.unit else "",
    ]
    return {
        "project": found,
        "tabs": tabs,
        "context_line": " · ".join(part for part in (*parts, *names) if part),
        "may_change": not past and access.may(request.actor, rights.CHANGE_PROJECT, on=found.node_id),
        "may_name": not past and access.may(request.actor, rights.MANAGE_PORTFOLIO, on=found.node_id),
        "crumbs": [
            crumb(found.portfolio.name, places.address_of("portfolio", found.portfolio)),
            crumb(_("Projects"), address("projects")),
            crumb(found.name),
        ],
    }


@page
def project(request: SignedIn, ref: str) -> HttpResponse:
    """Where a project stands, and what changed since the snapshot before."""
    found = queries.project(request.actor, ref)
    days = list(dict.fromkeys(queries.snapshots(request.actor, found.portfolio).values_list("on", flat=True)))
    since = days[1] if len(days) > 1 else None
    changes = queries.changes_of(request.actor, found)
    recent = queries.net([change for change in changes if since is None or change.effective_on > since])
    tier = tier_of(found)
    return show(
        request,
        "projects/project.html",
        **project_frame(request, found, "project"),
        since=since,
        changes=[_change_row(change, found) for change in recent[:8] if change.field not in LONG],
        notes_changed=[str(LABELS.get(change.field, change.field)) for change in recent if change.field in LONG],
        more_changes=len(recent) > 8,
        tier=tier,
        tier_known=sum(1 for each in tier.inputs if each.points is not None),
        slip=registers.slip(found),
        slip_text=registers.slip_cell(found),
        growth=registers.growth_percent(found),
        growth_text=registers.growth_cell(found),
        cost_text=registers.cost_cell(found),
        confidence_text=registers.confidence_cell(found),
        confidence_days=_confidence_days(found, changes),
        dates=[
            {
                "label": label,
                "cells": [registers.date_cell(found, f"{kind}_{end}") for kind in ("baseline", "forecast", "actual")],
            }
            for end, label in (("start", _("Start")), ("finish", _("Finish")))
        ],
        amounts=[
            {"label": LABELS[name], "text": registers.amount_cell(found, name)}
            for name in ("approved_budget", "forecast_cost", "whole_life_cost", "spent", "benefits")
        ],
        holders=queries.holders_of(request.actor, found),
    )


# Texts too long for a line of changes.
LONG = {"confidence_note", "schedule_note", "cost_note", "description", "narrative"}


def _confidence_days(found: Project, changes: list[queries.Change]) -> list[dict[str, Any]]:
    """Declared confidence over time, oldest first: from which day it was what."""
    steps = [change for change in reversed(changes) if change.field == "confidence"]
    first = queries.first_day(found)
    state = steps[0].before if steps else found.confidence
    days = [{"on": first, "state": state or "N"}] if first and (not steps or first < steps[0].effective_on) else []
    return days + [{"on": change.effective_on, "state": change.after or "N"} for change in steps]


def _change_row(change: queries.Change, found: Project) -> dict[str, Any]:
    return {
        "label": LABELS.get(change.field, change.field),
        "before": _value(change.field, change.before, found),
        "after": _value(change.field, change.after, found),
        "on": change.effective_on,
        "recorded_at": change.recorded_at,
        "by": change.person_name,
        "reason": change.reason,
        "worse": _is_worse(change),
        "long": change.field in LONG,
    }


def _is_worse(change: queries.Change) -> bool:
    """Whether a change is for the worse: later finish, higher cost, lower confidence."""
    if change.field == "confidence":
        return (rules.steps_worse(change.before, change.after) or 0) > 0
    if change.field == "forecast_finish" and change.before and change.after:
        return bool(change.after > change.before)
    if change.field in {"forecast_cost", "whole_life_cost"} and change.before is not None and change.after is not None:
        return bool(change.after > change.before)
    return False


def _value(field: str, value: Any, found: Project) -> Any:
    """A value as a person reads it."""
    if field == "left_on":
        return _("left on %(day)s") % {"day": day(value)} if value else _("yes")
    if value is None or value == "":
        return _("unknown")
    if field == "confidence":
        return confidence_mark(value, short=True)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Decimal):
        return money_full(value, found.currency)
    if field == "stage":
        return Project.Stage(value).label
    if field == "approach":
        return Project.Approach(value).label
    return value


@page
def history(request: SignedIn, ref: str) -> HttpResponse:
    """Every change of a project."""
    found = queries.project(request.actor, ref)
    changes = [_change_row(change, found) for change in queries.changes_of(request.actor, found)]
    return show(
        request,
        "projects/history.html",
        **project_frame(request, found, "project_history"),
        changes=changes,
        first=queries.first_day(found),
    )


@page
def people(request: SignedIn, ref: str) -> HttpResponse:
    """Who holds a role at a project; sponsor and manager are named here."""
    found = queries.project(request.actor, ref)
    frame = project_frame(request, found, "project_people")
    form = forms.NameHolder(request.POST or None, actor=request.actor) if frame["may_name"] else None
    if request.method == "POST" and form is not None and form.is_valid():
        with refusals_on(form):
            services.name_holder(
                request.actor, found, form.cleaned_data["part"], form.cleaned_data["person"], now=request.now
            )
            return redirect(address("project_people", found.ref))
    return show(
        request,
        "projects/people.html",
        **frame,
        holders=queries.holders_of(request.actor, found),
        form=form,
        status=status_of(form) if form is not None else 200,
        sees_organisation=request.actor.holds(core_rights.SEE_ORGANISATION),
    )


@page
def circle(request: SignedIn, ref: str) -> HttpResponse:
    """Hide a project from all outside its circle, or open it. Asking first names what happens."""
    found = queries.project(request.actor, ref)
    access.require(request.actor, rights.MANAGE_PORTFOLIO, on=found.node_id, seen_by=rights.SEE_PROJECT)
    if request.method != "POST":
        return show(request, "projects/hide.html", **project_frame(request, found, "project_people"))
    services.make_confidential(
        request.actor, found, confidential=request.POST.get("confidential") == "yes", now=request.now
    )
    return redirect(address("project_people", found.ref))


@page
def change(request: SignedIn, ref: str) -> HttpResponse:
    """Change the facts of a project."""
    found = queries.project(request.actor, ref)
    access.require(request.actor, rights.CHANGE_PROJECT, on=found.node_id, seen_by=rights.SEE_PROJECT)
    names = [name for name in forms.ChangeProject.base_fields if name not in {"name", "unit", "reason", "version"}]
    initial = {name: _plain(getattr(found, name)) for name in names}
    initial |= {"name": found.name, "unit": found.node.unit_id, "version": found.version}
    form = forms.ChangeProject(request.POST or None, actor=request.actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in names}
        found.version = form.cleaned_data["version"]
        with refusals_on(form):
            try:
                services.change_project(
                    request.actor,
                    found,
                    facts,
                    name=form.cleaned_data["name"],
                    unit=form.cleaned_data["unit"],
                    reason=form.cleaned_data["reason"],
                    now=request.now,
                )
            except Conflict:
                return _both_values(request, ref, form, facts)
            return redirect(address("project", found.ref))
    return show(
        request,
        "projects/change.html",
        **project_frame(request, found, "project"),
        form=form,
        groups=_field_groups(form),
        status=status_of(form),
    )


def _both_values(request: SignedIn, ref: str, form: forms.ChangeProject, typed: dict[str, Any]) -> HttpResponse:
    """Somebody was faster: what is there now and by whom, beside what was typed. Saving again is then deliberate."""
    current = queries.project(request.actor, ref)
    latest: dict[str, queries.Change] = {}
    for change in queries.changes_of(request.actor, current):
        latest.setdefault(change.field, change)
    differing = []
    for name, value in typed.items():
        there = getattr(current, name)
        if there == value:
            continue
        by = latest.get(name)
        differing.append(
            {
                "label": LABELS[name],
                "there": _value(name, there, current),
                "typed": _value(name, value, current),
                "by": by.person_name if by else "",
                "at": by.recorded_at if by else None,
            }
        )
    again = request.POST.copy()
    again["version"] = str(current.version)
    form.data = again
    return show(
        request,
        "projects/change.html",
        **project_frame(request, current, "project"),
        form=form,
        groups=_field_groups(form),
        differing=differing,
        status=409,
    )


def _field_groups(form: forms.ChangeProject) -> list[dict[str, Any]]:
    return [{"title": title, "fields": [form[name] for name in fields]} for title, fields in _groups()]


def _plain(value: Any) -> Any:
    """A value as a field shows it: amounts without the zeros of the column."""
    if isinstance(value, Decimal):
        return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.quantize(Decimal("0.01"))
    return value


def _groups() -> list[tuple[str, tuple[str, ...]]]:
    return [
        (_("What it is"), ("name", "unit", "category", "approach", "stage", "description")),
        (_("Confidence"), ("confidence", "confidence_note", "narrative")),
        (
            _("Dates"),
            (
                "baseline_start",
                "baseline_finish",
                "forecast_start",
                "forecast_finish",
                "actual_start",
                "actual_finish",
                "schedule_note",
            ),
        ),
        (_("Money"), ("approved_budget", "forecast_cost", "whole_life_cost", "spent", "benefits", "cost_note")),
        (
            _("For the tier"),
            (
                "units_affected",
                "novelty",
                "criticality",
                "sensitivity",
                "external_dependency",
                "experience_gap",
                "regulatory_critical",
            ),
        ),
        (_("For the history"), ("reason",)),
    ]


@page
def figure(request: SignedIn, ref: str, figure: str) -> HttpResponse:
    """How a figure of a project was worked out."""
    found = queries.project(request.actor, ref)
    return show(
        request,
        "projects/figure.html",
        partial="core/_derivation.html",
        **project_frame(request, found, "project"),
        derivation=explain(found, figure, now=request.now),
    )
