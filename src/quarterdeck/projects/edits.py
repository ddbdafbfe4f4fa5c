"""Facts of projects that are changed in their register: one by one in a cell, or for many projects at once."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Refused
from quarterdeck.core.forms import AmountField
from quarterdeck.core.models import Person
from quarterdeck.core.register import Edit
from quarterdeck.core.templatetags.qd import confidence_mark, day, money_full
from quarterdeck.projects import queries, services
from quarterdeck.projects.models import Project

HOLDERS = {"sponsor": "sponsor", "manager": "project_manager"}


def change(
    actor: Actor, project: Project, facts: Mapping[str, Any], *, version: int, now: datetime, reason: str = ""
) -> None:
    """Facts, unit and people of a project, each through the service that changes it; all of them or none."""
    known = dict(facts)
    unknown = known.pop("unknown", None)
    unit = known.pop("unit", None)
    people = {part: known.pop(part) for part in HOLDERS if part in known}
    if None in people.values():
        raise Refused("nobody", _t("Choose a person. Who leaves without a successor is ended on the page of people."))
    if known or unit is not None or unknown:
        services.change_project(
            actor, project, known, unit=unit, version=version, unknown_because=unknown, now=now, reason=reason
        )
    for part, person in people.items():
        services.name_holder(actor, project, part, person, now=now)


def former(project: Project, facts: Collection[str]) -> dict[str, Any]:
    """What is put back with facts: why they were unknown."""
    reasons = {name: project.unknown[name] for name in facts if name in project.unknown}
    return {"unknown": reasons} if reasons else {}


def _choice(choices: Any, none: Any) -> Callable[[Actor], forms.Field]:
    return lambda actor: forms.ChoiceField(choices=[("", none), *choices], required=False)


def _day(actor: Actor) -> forms.Field:
    return forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def _amount(actor: Actor) -> forms.Field:
    return AmountField(required=False)


class NamedChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice of things that are called by their name."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


def _unit(actor: Actor) -> forms.Field:
    return NamedChoice(queryset=queries.units_to_choose(actor), empty_label=None)


def _person(actor: Actor) -> forms.Field:
    return forms.ModelChoiceField(queryset=queries.people_to_name(actor), empty_label=_("choose a person"))


def _label_of(choices: Any, none: Any) -> Callable[[Project, Any], str]:
    return lambda project, value: str(choices(value).label if value else none)


def _in_words(project: Project, value: Any) -> str:
    return day(value) if value else _t("unknown")


def _in_money(project: Project, value: Any) -> str:
    return _t("unknown") if value is None else money_full(value, project.currency)


def _named(project: Project, value: Any) -> str:
    return value.name if value is not None else _t("nobody")


def _held(project: Project, part: str) -> Person | None:
    """Who holds a part; the question of the register brings it along."""
    return next((each.person for each in project.node.held if each.role.code == HOLDERS[part]), None)  # type: ignore[attr-defined]


def _holder(part: str, verb: Any, *, first: bool = False) -> Edit:
    other = "sponsor" if part == "manager" else "manager"

    def refuses(actor: Actor, project: Project, person: Any) -> str:
        if person is None or person != _held(project, other):
            return ""
        return _t("%(name)s is its sponsor or manager already. Sponsor and manager are two people.") % {
            "name": person.name
        }

    return Edit(
        part,
        _person,
        verb,
        words=_named,
        value=lambda project: _held(project, part),
        kept_in=lambda project: (project, "node_id"),
        changeable=queries.projects_to_staff,
        refuses=refuses,
        first=first,
    )


NOT_SAID = _("not said yet")
UNIT = Edit(
    "unit",
    _unit,
    _("Set unit"),
    words=lambda project, unit: unit.name if unit is not None else _t("none"),
    value=lambda project: project.node.unit,
    kept_in=lambda project: (project.node, "unit_id"),
)
CATEGORY = Edit(
    "category", lambda actor: forms.CharField(max_length=120, required=False), _("Set category"), first=True
)
STAGE = Edit(
    "stage",
    _choice(Project.Stage.choices, NOT_SAID),
    _("Set stage"),
    words=_label_of(Project.Stage, NOT_SAID),
    first=True,
)
APPROACH = Edit(
    "approach",
    _choice(Project.Approach.choices, NOT_SAID),
    _("Set approach"),
    words=_label_of(Project.Approach, NOT_SAID),
)
CONFIDENCE = Edit(
    "confidence",
    _choice(Project.Confidence.choices, _("no data")),
    _("Set confidence"),
    words=lambda project, value: confidence_mark(value or "N"),
    note="confidence_note",
    first=True,
)
BASELINE_FINISH = Edit("baseline_finish", _day, _("Set baseline finish"), words=_in_words)
FORECAST_START = Edit("forecast_start", _day, _("Set start"), words=_in_words)
FORECAST_FINISH = Edit("forecast_finish", _day, _("Set forecast finish"), words=_in_words)
APPROVED = Edit("approved_budget", _amount, _("Set approved budget"), words=_in_money)
FORECAST_COST = Edit("forecast_cost", _amount, _("Set forecast at completion"), words=_in_money)
BENEFITS = Edit("benefits", _amount, _("Set benefits"), words=_in_money)
SPONSOR = _holder("sponsor", _("Change sponsor"))
MANAGER = _holder("manager", _("Change manager"), first=True)
