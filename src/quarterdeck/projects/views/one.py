"""Where a project stands, its people, its history, and how its figures were worked out."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from quarterdeck.core import access
from quarterdeck.core.views.history import history_page
from quarterdeck.core.views.holdings import people_page
from quarterdeck.core.web.pages import SignedIn, address, page, refusals_on, show, status_of
from quarterdeck.projects import forms, queries, registers, rights, services
from quarterdeck.projects.calculations import tier_of
from quarterdeck.projects.explained import explain
from quarterdeck.projects.frames import project_frame
from quarterdeck.projects.words import LABELS, LONG, change_row, confidence_days


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
        changes=[change_row(change, found) for change in recent[:8] if change.field not in LONG],
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
        confidence_days=confidence_days(found, changes),
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


@page
def history(request: SignedIn, ref: str) -> HttpResponse:
    """Every change of a project."""
    return history_page(request, "project", queries.project(request.actor, ref), route="project_history")


@page
def people(request: SignedIn, ref: str) -> HttpResponse:
    """Who holds a role at a project; sponsor and manager are named here."""
    found = queries.project(request.actor, ref)
    frame = project_frame(request, found, "project_people")
    form = forms.NameHolder(request.POST or None, actor=request.actor) if frame["may_name"] else None
    if request.method == "POST" and form is not None and form.is_valid():
        with refusals_on(form):
            services.name_holder(
                request.actor,
                found,
                form.cleaned_data["part"],
                form.cleaned_data["person"],
                from_on=form.cleaned_data["from_on"],
                now=request.now,
            )
            return redirect(address("project_people", found.ref))
    return people_page(
        request,
        "project",
        found,
        found.node,
        route="project_people",
        template="projects/people.html",
        form=form,
        status=status_of(form) if form is not None else 200,
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
