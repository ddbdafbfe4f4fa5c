"""The registers of portfolios and programmes."""

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

from quarterdeck.core.access import Actor
from quarterdeck.core.queries.organisation import number_of
from quarterdeck.core.register import ActorFilterSet, Column, Edit, ReferencesFilter, Register, View, declare
from quarterdeck.core.templatetags.qd import day
from quarterdeck.core.time import looking_at
from quarterdeck.core.web.pages import address
from quarterdeck.projects import queries, services
from quarterdeck.projects.edits import NamedChoice
from quarterdeck.projects.models import Portfolio, Programme

ENDED = [("no", _("under way")), ("yes", _("ended"))]


def _portfolios(actor: Actor) -> "QuerySet[Portfolio]":
    """Portfolios the actor sees, with the number of their projects and programmes that the actor sees."""
    return queries.portfolios(actor).annotate(
        project_number=number_of(queries.projects(actor), "portfolio"),
        programme_number=number_of(queries.programmes(actor), "portfolio"),
    )


def _programmes(actor: Actor) -> "QuerySet[Programme]":
    """Programmes the actor sees, with the number of their projects that the actor sees."""
    return queries.programmes(actor).annotate(project_number=number_of(queries.projects(actor), "programme"))


class PlaceFilters(ActorFilterSet):
    """Under way, or ended."""

    ended = django_filters.ChoiceFilter(label=_("State"), choices=ENDED, method="filter_ended")

    class Meta:
        model = Portfolio
        fields: list[str] = []

    def filter_ended(self, found: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        moment = looking_at()
        over = Q(node__ended_on__lte=self.actor.on if moment is None else moment.on)
        return found.filter(over) if value == "yes" else found.exclude(over)


class ProgrammeFilters(PlaceFilters):
    """Under way or ended, and by portfolio."""

    portfolio = ReferencesFilter(
        label=_("Portfolio"), queryset=lambda request: None, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        chosen = self.filters["portfolio"]
        chosen.queryset = queries.portfolios(actor) if self.asks("portfolio") else Portfolio.objects.none()
        chosen.field.label_from_instance = lambda portfolio: portfolio.name


def change(
    actor: Actor, place: Portfolio | Programme, facts: Mapping[str, Any], *, version: int, now: datetime,
    reason: str = "",
) -> None:  # fmt: skip
    """Name, place and end of a portfolio or programme, each through its service."""
    if "name" in facts:
        services.rename_place(actor, place, name=facts["name"], now=now, reason=reason)
    if "unit" in facts and isinstance(place, Portfolio):
        services.move_portfolio(actor, place, unit=facts["unit"], now=now, reason=reason)
    if "portfolio" in facts and isinstance(place, Programme):
        services.move_programme(actor, place, to=facts["portfolio"], now=now, reason=reason)
    if "ended_on" in facts:
        if place.node.ended_on is not None:
            services.bring_back_place(actor, place, now=now, reason=reason)
        if facts["ended_on"] is not None:
            services.end_place(actor, place, on=facts["ended_on"], now=now, reason=reason)


def _portfolios_that_change(actor: Actor, ids: Collection[int]) -> set[int]:
    return queries.places_to_run(actor, Portfolio, ids)


def _programmes_that_change(actor: Actor, ids: Collection[int]) -> set[int]:
    return queries.places_to_run(actor, Programme, ids)


NAME = Edit(
    "name",
    lambda actor: forms.CharField(max_length=300),
    value=lambda place: place.node.name,
    kept_in=lambda place: (place.node, "name"),
)
ENDED_ON = Edit(
    "ended_on",
    lambda actor: forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")),
    _("Set end"),
    words=lambda place, value: day(value) if value else _t("no end"),
    value=lambda place: place.node.ended_on,
    kept_in=lambda place: (place.node, "ended_on"),
)
UNIT = Edit(
    "unit",
    lambda actor: NamedChoice(queryset=queries.units_to_hold(actor), empty_label=None),
    _("Move below another unit"),
    words=lambda place, unit: unit.name if unit is not None else _t("nothing"),
    value=lambda place: place.node.unit,
    kept_in=lambda place: (place.node, "unit_id"),
    first=True,
)
PORTFOLIO = Edit(
    "portfolio",
    lambda actor: NamedChoice(queryset=queries.portfolios_to_run(actor), empty_label=None),
    _("Move to another portfolio"),
    words=lambda programme, portfolio: portfolio.name if portfolio is not None else _t("nothing"),
    kept_in=lambda programme: (programme, "portfolio_id"),
    first=True,
)


def _name(route: str, place: Portfolio | Programme) -> SafeString:
    lock = format_html('<span class="qd-tag">{}</span> ', _t("Confidential")) if place.node.confidential else ""
    return format_html('{}<a class="qd-name" href="{}">{}</a>', lock, address(route, place.node.ref), place.name)


def _unit(place: Any) -> str:
    return place.node.unit.name if place.node.unit else ""


def _ended(place: Any) -> str:
    return day(place.node.ended_on) if place.node.ended_on else ""


def _portfolio_of(programme: Programme) -> SafeString:
    return format_html(
        '<a class="qd-reach" href="{}">{}</a>', address("portfolio", programme.portfolio.ref), programme.portfolio.name
    )


VIEWS = (
    View("there", _("Under way"), "ended=no"),
    View("ended", _("Ended"), "ended=yes"),
    View("all", _("All"), ""),
)
ENDS = Column(
    "ended",
    _("Ends"),
    _ended,
    lambda place: place.node.ended_on,
    ("node__ended_on",),
    "number",
    filled=lambda: Q(node__ended_on__isnull=False),
    edit=ENDED_ON,
)
REF = Column("ref", _("Ref"), lambda p: p.node.ref, lambda p: p.node.ref, ("node__ref",), phone="state")


def _projects_column() -> Column:
    return Column(
        "projects",
        _("Projects"),
        lambda p: p.project_number,
        lambda p: p.project_number,
        ("project_number",),
        "number",
        phone="figure",
    )


PORTFOLIOS = Register(
    name="portfolios",
    title=_("Portfolios"),
    noun=_("portfolios"),
    noun_of_one=_("portfolio"),
    route="portfolios",
    question=_portfolios,
    columns=(
        REF,
        Column(
            "name",
            _("Portfolio"),
            lambda p: _name("portfolio", p),
            lambda p: p.name,
            ("node__name",),
            widest=True,
            phone="title",
            edit=NAME,
        ),
        Column("unit", _("Unit"), _unit, _unit, ("node__unit__name",), phone="figure", edit=UNIT),
        Column(
            "programmes",
            _("Programmes"),
            lambda p: p.programme_number,
            lambda p: p.programme_number,
            ("programme_number",),
            "number",
        ),
        _projects_column(),
        Column("currency", _("Currency"), lambda p: p.currency, lambda p: p.currency, ("currency",)),
        ENDS,
    ),
    search=("node__name", "node__ref", "node__unit__name"),
    filters=PlaceFilters,
    order=("node__name",),
    order_label=_("by name"),
    views=VIEWS,
    key=lambda portfolio: portfolio.ref,  # type: ignore[attr-defined]
    key_field="node__ref__iexact",
    change=change,
    changeable=_portfolios_that_change,
    empty_title=_("No portfolio yet"),
    empty_text=_("A portfolio holds the projects that are looked at and decided on together, in one currency."),
)
PROGRAMMES = Register(
    name="programmes",
    title=_("Programmes"),
    noun=_("programmes"),
    noun_of_one=_("programme"),
    route="programmes",
    question=_programmes,
    columns=(
        REF,
        Column(
            "name",
            _("Programme"),
            lambda p: _name("programme", p),
            lambda p: p.name,
            ("node__name",),
            widest=True,
            phone="title",
            edit=NAME,
        ),
        Column(
            "portfolio",
            _("Portfolio"),
            _portfolio_of,
            lambda p: p.portfolio.name,
            ("portfolio__node__name",),
            phone="figure",
            edit=PORTFOLIO,
        ),
        _projects_column(),
        ENDS,
    ),
    search=("node__name", "node__ref", "portfolio__node__name"),
    filters=ProgrammeFilters,
    order=("node__name",),
    order_label=_("by name"),
    views=VIEWS,
    key=lambda programme: programme.node.ref,  # type: ignore[attr-defined]
    key_field="node__ref__iexact",
    change=change,
    changeable=_programmes_that_change,
    empty_title=_("No programme yet"),
    empty_text=_("A programme holds related projects of a portfolio that are managed for a common outcome."),
)

declare(PORTFOLIOS)
declare(PROGRAMMES)
