"""Units as a list, with what lies below each."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from quarterdeck.core import access, rights
from quarterdeck.core.access import Actor
from quarterdeck.core.models import Holding, Node
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.register import ActorFilterSet, Column, Edit, ReferencesFilter, Register, View, declare
from quarterdeck.core.services import units as services
from quarterdeck.core.templatetags.qd import day
from quarterdeck.core.time import looking_at
from quarterdeck.core.web.pages import address

ENDED = [("no", _("there")), ("yes", _("ended"))]
COUNTED = (("portfolio", _("Portfolios")), ("programme", _("Programmes")), ("project", _("Projects")))
BELOW = "paths_up__ancestor_id"


def _units(actor: Actor) -> "QuerySet[Node]":
    """Units the actor sees, with the number of what lies below each that the actor sees."""
    moment = looking_at()
    on = actor.on if moment is None else moment.on
    there = questions.nodes_there(actor, on)
    reached = access.reached(actor, rights.SEE_ORGANISATION)
    held = Holding.objects.filter(access.in_force(on), node_id__in=reached)
    below = {f"{kind}_number": questions.number_of(there.filter(kind=kind), BELOW) for kind, _label in COUNTED}
    people = questions.number_of(held, f"node__{BELOW}", "person_id")
    # What lies above and is not seen is not named, neither by a cell nor by the order or the search.
    above = access.visible_nodes(actor).filter(pk=OuterRef("unit_id"))
    named = {f"above_{name}": Subquery(above.values(name)[:1]) for name in ("name", "ref")}
    return questions.units(actor).annotate(people_number=people, **below, **named)


class UnitFilters(ActorFilterSet):
    """There or ended, and by the unit in which they lie."""

    ended = django_filters.ChoiceFilter(label=_("State"), choices=ENDED, method="filter_ended")
    parent = ReferencesFilter(
        field_name="unit",
        label=_("Lies in"),
        queryset=lambda request: None,
        widget=forms.CheckboxSelectMultiple,
        reference="ref",
    )

    class Meta:
        model = Node
        fields: list[str] = []

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        chosen = self.filters["parent"]
        chosen.queryset = questions.units(actor) if self.asks("parent") else Node.objects.none()
        chosen.field.label_from_instance = lambda unit: unit.name

    def filter_ended(self, found: "QuerySet[Node]", _name: str, value: str) -> "QuerySet[Node]":
        moment = looking_at()
        over = Q(ended_on__lte=self.actor.on if moment is None else moment.on)
        return found.filter(over) if value == "yes" else found.exclude(over)


def change(
    actor: Actor, unit: Node, facts: Mapping[str, Any], *, version: int, now: datetime, reason: str = ""
) -> None:
    """Name and place of a unit, each through its service."""
    if "name" in facts:
        services.rename_unit(actor, unit, name=facts["name"], now=now, reason=reason)
    if "unit" in facts:
        services.move_unit(actor, unit, to=facts["unit"], now=now, reason=reason)


def changeable(actor: Actor, ids: Collection[int]) -> set[int]:
    """Ids, of those given, of the units that the actor makes and changes."""
    return set(access.visible_nodes(actor, rights.MANAGE_ORGANISATION).filter(pk__in=ids).values_list("pk", flat=True))


def movable(actor: Actor, ids: Collection[int]) -> set[int]:
    """Those of them that the actor may take away from where they lie: it needs the right there too."""
    managed = access.visible_nodes(actor, rights.MANAGE_ORGANISATION)
    return set(managed.filter(pk__in=ids, unit_id__in=managed.values("pk")).values_list("pk", flat=True))


class NamedUnit(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A unit with its reference: several departments of one name are told apart."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.ref})"


def _units_to_lie_in(actor: Actor) -> forms.Field:
    found = access.visible_nodes(actor, rights.MANAGE_ORGANISATION).filter(kind="unit", ended_on=None)
    return NamedUnit(queryset=found.order_by("name", "pk"), empty_label=None)


NAME = Edit("name", lambda actor: forms.CharField(max_length=300))
LIES_IN = Edit(
    "unit",
    _units_to_lie_in,
    _("Move below another unit"),
    words=lambda unit, value: value.name if value is not None else _t("nothing"),
    kept_in=lambda unit: (unit, "unit_id"),
    first=True,
    changeable=movable,
)


def _name(unit: Node) -> SafeString:
    gone = format_html(' <span class="qd-tag">{}</span>', _t("ends")) if unit.ended_on else ""
    return format_html('<a class="qd-name" href="{}">{}</a>{}', address("unit", unit.ref), unit.name, gone)


def _above(unit: Any) -> Any:
    if not unit.above_ref:
        return ""
    return format_html('<a class="qd-reach" href="{}">{}</a>', address("unit", unit.above_ref), unit.above_name)


def _number(name: str, label: Any, *, phone: Any = "") -> Column:
    return Column(
        name,
        label,
        lambda unit: getattr(unit, f"{name}_number"),
        lambda unit: getattr(unit, f"{name}_number"),
        (f"{name}_number",),
        "number",
        phone=phone,
    )


UNITS = Register(
    name="units",
    title=_("Units"),
    noun=_("units"),
    noun_of_one=_("unit"),
    route="unit_list",
    question=_units,
    columns=(
        Column("ref", _("Ref"), lambda u: u.ref, lambda u: u.ref, ("ref",), phone="state"),
        Column("name", _("Unit"), _name, lambda u: u.name, ("name",), widest=True, phone="title", edit=NAME),
        Column(
            "parent",
            _("Lies in"),
            _above,
            lambda u: u.above_name,
            ("above_name",),
            phone="figure",
            data=lambda u: u.above_ref,
            edit=LIES_IN,
        ),
        _number("people", _("People")),
        *(_number(kind, label, phone="figure" if kind == "project" else "") for kind, label in COUNTED),
        Column(
            "ended",
            _("Ends"),
            lambda u: day(u.ended_on) if u.ended_on else "",
            lambda u: u.ended_on,
            ("ended_on",),
            "number",
            filled=lambda: Q(ended_on__isnull=False),
        ),
    ),
    search=("name", "ref", "above_name"),
    filters=UnitFilters,
    order=("name",),
    order_label=_("by name"),
    views=(
        View("there", _("There"), "ended=no"),
        View("ended", _("Ended"), "ended=yes"),
        View("all", _("All"), ""),
    ),
    key=lambda unit: unit.ref,  # type: ignore[attr-defined]
    key_field="ref__iexact",
    change=change,
    changeable=changeable,
    empty_title=_("No unit for you to see"),
    empty_text=_("A role at a unit shows that unit and what lies below it, on the days on which both count."),
)

declare(UNITS)
