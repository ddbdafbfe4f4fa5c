"""Facts and changes as a person reads them."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quarterdeck.core.stories import Told, told
from quarterdeck.core.stories import in_words as plain
from quarterdeck.core.templatetags.qd import confidence_mark, day, money_full
from quarterdeck.projects import forms, queries, rules
from quarterdeck.projects.models import Portfolio, Programme, Project

LABELS = {name: field.label for name, field in forms.ChangeProject.base_fields.items()} | {
    "tier": gettext_lazy("Tier"),
    "programme": gettext_lazy("Programme"),
    "external_id": gettext_lazy("External id"),
    "left_on": gettext_lazy("In the register"),
    "currency": gettext_lazy("Currency"),
    "confidential": gettext_lazy("Confidential"),
    "sponsor": gettext_lazy("Sponsor"),
    "manager": gettext_lazy("Manager"),
    "portfolio": gettext_lazy("Portfolio"),
}
PLACE_LABELS = {
    "name": gettext_lazy("Name"),
    "ref": gettext_lazy("Reference"),
    "unit": gettext_lazy("Unit"),
    "portfolio": gettext_lazy("Portfolio"),
    "currency": gettext_lazy("Currency"),
    "prefix": gettext_lazy("Letters of references"),
    "confidential": gettext_lazy("Confidential"),
    "ended_on": gettext_lazy("Ends on"),
}


# Texts too long for a line of changes.
LONG = {"confidence_note", "schedule_note", "cost_note", "description", "narrative"}


def confidence_days(found: Project, changes: list[queries.Change]) -> list[dict[str, Any]]:
    """Declared confidence over time, oldest first: from which day it was what."""
    steps = [change for change in reversed(changes) if change.field == "confidence"]
    first = queries.first_day(found)
    state = steps[0].before if steps else found.confidence
    days = [{"on": first, "state": state or "N"}] if first and (not steps or first < steps[0].effective_on) else []
    return days + [{"on": change.effective_on, "state": change.after or "N"} for change in steps]


def change_row(change: queries.Change, found: Project) -> Told:
    """A change of a project in words."""
    return told(
        change,
        LABELS.get(change.field, change.field),
        in_words(change.field, change.before, found),
        in_words(change.field, change.after, found),
        worse=_is_worse(change),
        long=change.field in LONG,
    )


def place_row(change: queries.Change, found: Portfolio | Programme) -> Told:
    """A change of a portfolio or programme in words."""
    before, after = (plain(value) for value in (change.before, change.after))
    return told(change, PLACE_LABELS.get(change.field, change.field), before, after)


def _is_worse(change: queries.Change) -> bool:
    """Whether a change is for the worse: later finish, higher cost, lower confidence."""
    if change.field == "confidence":
        return (rules.steps_worse(change.before, change.after) or 0) > 0
    if change.field == "forecast_finish" and change.before and change.after:
        return bool(change.after > change.before)
    if change.field in {"forecast_cost", "whole_life_cost"} and change.before is not None and change.after is not None:
        return bool(change.after > change.before)
    return False


def in_words(field: str, value: Any, found: Project) -> Any:
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
