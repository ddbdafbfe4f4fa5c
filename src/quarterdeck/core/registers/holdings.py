"""Who holds which role where."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from quarterdeck.core import access, objects
from quarterdeck.core.access import Actor
from quarterdeck.core.models import Holding, Node, Role
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.register import ActorFilterSet, Column, Edit, Register, View, declare
from quarterdeck.core.services import roles as services
from quarterdeck.core.templatetags.qd import day
from quarterdeck.core.time import looking_at
from quarterdeck.core.web.pages import address

WHEN = [("today", _("held today")), ("ahead", _("begins later")), ("ended", _("ended"))]

ACTING = [("yes", _("acting")), ("no", _("not acting"))]


class HoldingFilters(ActorFilterSet):
    """By role, place, and whether it is held today."""

    when = django_filters.ChoiceFilter(label=_("When"), choices=WHEN, method="filter_when")
    role = django_filters.ModelChoiceFilter(
        queryset=Role.objects.order_by("name"), label=_("Role"), to_field_name="code"
    )
    kind = django_filters.ChoiceFilter(field_name="node__kind", choices=Node.Kind.choices, label=_("Place"))
    acting = django_filters.ChoiceFilter(label=_("Acting"), choices=ACTING, method="filter_acting")

    class Meta:
        model = Holding
        fields: list[str] = []

    def filter_acting(self, found: "QuerySet[Holding]", _name: str, value: str) -> "QuerySet[Holding]":
        return found.filter(acting=value == "yes")

    def filter_when(self, found: "QuerySet[Holding]", _name: str, value: str) -> "QuerySet[Holding]":
        moment = looking_at()
        today = self.actor.on if moment is None else moment.on
        condition = {
            "today": access.in_force(today),
            "ahead": Q(from_on__gt=today),
            "ended": Q(to_on__lt=today),
        }[value]
        return found.filter(condition)


def change(
    actor: Actor, holding: Holding, facts: Mapping[str, Any], *, version: int, now: datetime, reason: str = ""
) -> None:
    """The last day of a holding; none: until further notice."""
    if facts["to_on"] is None:
        services.continue_holding(actor, holding, now=now, reason=reason)
    else:
        services.end_holding(actor, holding, last_day=facts["to_on"], now=now, reason=reason)


def changeable(actor: Actor, ids: Collection[int]) -> set[int]:
    """Ids, of those given, of the holdings at places where the actor says who holds what."""
    return set(Holding.objects.filter(questions.may_give(actor, "node_id"), pk__in=ids).values_list("pk", flat=True))


LAST_DAY = Edit(
    "to_on",
    lambda actor: forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")),
    _("Set last day"),
    words=lambda holding, value: day(value) if value else _t("until further notice"),
    first=True,
)


def _person(holding: Holding) -> SafeString:
    return format_html(
        '<a class="qd-name" href="{}">{}</a>', address("person", holding.person.uid), holding.person.name
    )


def _role(holding: Holding) -> SafeString:
    acting = format_html(' <span class="qd-tag qd-tag-info">{}</span>', _t("acting")) if holding.acting else ""
    return format_html(
        '<a class="qd-reach" href="{}">{}</a>{}', address("holding", holding.uid), holding.role.name, acting
    )


def place_link(node: Node) -> Any:
    """A place with its page."""
    if node.kind not in objects.kinds():
        return node.name
    return format_html('<a class="qd-reach" href="{}">{}</a>', address(node.kind, node.ref), node.name)


HOLDINGS = Register(
    name="holdings",
    title=_("Who holds what"),
    noun=_("holdings"),
    noun_of_one=_("holding"),
    route="organisation",
    question=questions.holdings,
    columns=(
        Column("person", _("Person"), _person, lambda h: h.person.name, ("person__name",), phone="title"),
        Column("role", _("Role"), _role, lambda h: h.role.name, ("role__name",), phone="state"),
        Column(
            "place",
            _("Where"),
            lambda h: place_link(h.node),
            lambda h: h.node.name,
            ("node__name",),
            widest=True,
            phone="figure",
        ),
        Column(
            "kind", _("Kind"), lambda h: h.node.get_kind_display(), lambda h: h.node.get_kind_display(), ("node__kind",)
        ),
        Column("from", _("From"), lambda h: day(h.from_on), lambda h: h.from_on, ("from_on",), "number"),
        Column(
            "to",
            _("Until"),
            lambda h: day(h.to_on) if h.to_on else "",
            lambda h: h.to_on,
            ("to_on",),
            "number",
            edit=LAST_DAY,
        ),
    ),
    search=("person__name", "role__name", "node__name"),
    filters=HoldingFilters,
    order=("person__name",),
    order_label=_("by name"),
    views=(
        View("today", _("Held today"), "when=today"),
        View("ahead", _("Begins later"), "when=ahead"),
        View("ended", _("Ended"), "when=ended"),
        View("all", _("All"), ""),
    ),
    key=lambda holding: str(holding.uid),  # type: ignore[attr-defined]
    key_field="uid",
    change=change,
    changeable=changeable,
    empty_title=_("Nobody holds a role here yet"),
    empty_text=_("Roles say who may see and do what, and who answers for a project. They come with an import too."),
)

declare(HOLDINGS)
