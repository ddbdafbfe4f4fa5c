"""The facts of a project are changed, also by two people at once."""

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from quarterdeck.core import access
from quarterdeck.core.errors import Conflict
from quarterdeck.core.web.pages import SignedIn, address, page, refusals_on, show, status_of
from quarterdeck.projects import forms, queries, rights, services
from quarterdeck.projects.frames import project_frame
from quarterdeck.projects.words import LABELS, in_words


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
                "there": in_words(name, there, current),
                "typed": in_words(name, value, current),
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
