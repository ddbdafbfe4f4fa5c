"""The register of projects."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.db.models import F, Q, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from quarterdeck.core.access import Actor
from quarterdeck.core.models import Node
from quarterdeck.core.register import ActorFilterSet, Column, ReferencesFilter, Register, View, declare
from quarterdeck.core.templatetags.qd import confidence_mark, dash, day, money, month, percent_signed, signed
from quarterdeck.core.web.pages import address
from quarterdeck.projects import edits, queries, rules
from quarterdeck.projects.models import Portfolio, Programme, Project

Several = forms.CheckboxSelectMultiple
STAGES = dict(Project.Stage.choices)


def why_unknown(project: Project, field: str) -> str:
    """Why a fact is unknown, in a sentence for the reader."""
    return project.unknown.get(field) or _t("Nobody has entered it yet.")


def name_cell(project: Project) -> SafeString:
    """The name as a link to the project."""
    lock = format_html('<span class="qd-tag">{}</span> ', _t("Confidential")) if project.node.confidential else ""
    return format_html('{}<a class="qd-name" href="{}">{}</a>', lock, address("project", project.ref), project.name)


def confidence_cell(project: Project, *, short: bool = False) -> SafeString:
    """The declared confidence, or a dash with its reason."""
    if project.confidence:
        return confidence_mark(project.confidence, short=short)
    return dash(why_unknown(project, "confidence"))


def date_cell(project: Project, field: str) -> str:
    """A date as month, or a dash with its reason."""
    value = getattr(project, field)
    return month(value) if value else dash(why_unknown(project, field))


def amount_cell(project: Project, field: str) -> str:
    """An amount in short form, or a dash with its reason."""
    value = getattr(project, field)
    return money(value, project.currency) if value is not None else dash(why_unknown(project, field))


def cost_cell(project: Project) -> str:
    """Forecast at completion or whole-life cost."""
    value = project.cost
    if value is None:
        return dash(project.unknown.get("forecast_cost") or why_unknown(project, "whole_life_cost"))
    return money(value, project.currency)


def slip(project: Project) -> int | None:
    """Months between baseline and forecast finish."""
    return rules.months_late(project.baseline_finish, project.forecast_finish)


def slip_cell(project: Project) -> str:
    """Months late with sign, or a dash with its reason."""
    months = slip(project)
    if months is None:
        missing = "baseline_finish" if project.baseline_finish is None else "forecast_finish"
        return dash(
            why_unknown(project, missing)
            if missing in project.unknown
            else _t("It needs a baseline and a forecast finish.")
        )
    return signed(months, "mo")


def growth_percent(project: Project) -> Decimal | None:
    """Percent by which the forecast lies above the approved budget."""
    grown = rules.growth(project.approved_budget, project.cost)
    return None if grown is None else (grown * 100).quantize(Decimal("0.1"))


def growth_cell(project: Project) -> str:
    """Growth with sign, or a dash with its reason."""
    percent = growth_percent(project)
    if percent is None:
        return dash(_t("It needs an approved budget and a forecast."))
    return percent_signed(percent)


def stage_words(project: Project) -> str:
    """The stage in words. A look at the choices as Django does it hashes every word of them, for every row."""
    return str(STAGES.get(project.stage, project.stage))


def tier_cell(project: Project) -> Any:
    """The tier; a provisional one says so."""
    if project.tier is None:
        return dash(_t("It needs at least a cost or two dates."))
    if not project.tier_provisional:
        return project.tier
    return format_html(
        '{}<span class="qd-faint" title="{}">{}</span>',
        project.tier,
        _t("Provisional: some inputs are missing."),
        "?",
    )


NOTHING = {
    "portfolio": Portfolio.objects.none(),
    "unit": Node.objects.none(),
    "programme": Programme.objects.none(),
}


def _name_of(thing: Any) -> str:
    return str(thing.name)


class ProjectFilters(ActorFilterSet):
    """Filters of the register; choices are what the actor sees."""

    portfolio = ReferencesFilter(label=_("Portfolio"), queryset=lambda request: None, widget=Several)
    unit = ReferencesFilter(
        field_name="node__unit", label=_("Unit"), queryset=lambda request: None, widget=Several, reference="ref"
    )
    programme = ReferencesFilter(label=_("Programme"), queryset=lambda request: None, widget=Several)
    category = django_filters.MultipleChoiceFilter(label=_("Category"), choices=(), widget=Several)
    tier = django_filters.MultipleChoiceFilter(
        label=_("Tier"), choices=[(str(tier), str(tier)) for tier in (1, 2, 3, 4)], widget=Several
    )
    stage = django_filters.MultipleChoiceFilter(label=_("Stage"), choices=Project.Stage.choices, widget=Several)
    confidence = django_filters.MultipleChoiceFilter(
        label=_("Confidence"),
        choices=[*Project.Confidence.choices, ("N", _("No data"))],
        method="by_confidence",
        widget=Several,
    )
    signal = django_filters.ChoiceFilter(
        label=_("Signal"),
        choices=[
            ("late", _("Forecast after baseline")),
            ("over", _("Forecast above budget")),
            ("no_dates", _("No finish date")),
            ("no_cost", _("No cost")),
        ],
        method="by_signal",
        widget=forms.RadioSelect,
        empty_label=None,
    )

    class Meta:
        model = Project
        fields: list[str] = []

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        # Choices are worked out for a filter that is set or opened; the others are only a label.
        things = {
            "portfolio": queries.portfolios,
            "unit": queries.units_of_projects,
            "programme": queries.programmes,
        }
        for name, question in things.items():
            chosen = self.filters[name]
            asked = self.asks(name)
            chosen.queryset = question(actor) if asked else NOTHING[name]
            if asked:
                chosen.field.label_from_instance = _name_of
        if self.asks("category"):
            self.filters["category"].extra["choices"] = [(name, name) for name in queries.categories(actor)]

    def by_confidence(self, found: QuerySet[Project], name: str, values: list[str]) -> QuerySet[Project]:
        return found.filter(confidence__in=["" if value == "N" else value for value in values])

    def by_signal(self, found: QuerySet[Project], name: str, value: str) -> QuerySet[Project]:
        conditions = {
            "late": Q(forecast_finish__gt=F("baseline_finish") + timedelta(days=15)),
            "over": Q(counted_cost__gt=F("approved_budget")),
            "no_dates": Q(forecast_finish__isnull=True),
            "no_cost": Q(counted_cost__isnull=True),
        }
        return found.filter(conditions[value])


def _unit(project: Project) -> str:
    return project.node.unit.name if project.node.unit else ""


def _narrow(text: str) -> Any:
    """A text that gives way before the name of the row does."""
    return format_html('<span class="qd-narrow" title="{0}">{0}</span>', text) if text else ""


def _amount(field: str) -> Any:
    return lambda project: getattr(project, field)


COLUMNS = (
    Column("ref", _("Ref"), lambda p: p.ref, lambda p: p.ref, ("node__ref",)),
    Column("name", _("Project"), name_cell, lambda p: p.name, ("node__name",), widest=True, phone="title"),
    Column(
        "unit",
        _("Unit"),
        lambda p: _narrow(_unit(p)),
        _unit,
        ("node__unit__name",),
        filled=lambda: Q(node__unit__isnull=False),
        edit=edits.UNIT,
    ),
    Column(
        "programme",
        _("Programme"),
        lambda p: p.programme.name if p.programme else "",
        lambda p: p.programme.name if p.programme else "",
        ("programme__node__name",),
        shown=False,
    ),
    Column(
        "portfolio",
        _("Portfolio"),
        lambda p: p.portfolio.name,
        lambda p: p.portfolio.name,
        ("portfolio__node__name",),
        shown=False,
    ),
    Column(
        "category",
        _("Category"),
        lambda p: p.category,
        lambda p: p.category,
        ("category",),
        shown=False,
        edit=edits.CATEGORY,
    ),
    Column("tier", _("Tier"), tier_cell, lambda p: p.tier, ("tier",)),
    Column(
        "stage",
        _("Stage"),
        stage_words,
        stage_words,
        ("stage",),
        filled=lambda: ~Q(stage=""),
        data=lambda p: p.stage or None,
        edit=edits.STAGE,
    ),
    Column(
        "confidence",
        _("Declared"),
        lambda p: confidence_cell(p, short=True),
        lambda p: p.confidence or None,
        ("confidence_rank",),
        "mark",
        phone="state",
        edit=edits.CONFIDENCE,
    ),
    Column(
        "baseline_finish",
        _("Baseline finish"),
        lambda p: date_cell(p, "baseline_finish"),
        _amount("baseline_finish"),
        ("baseline_finish",),
        "number",
        shown=False,
        edit=edits.BASELINE_FINISH,
    ),
    Column(
        "finish",
        _("Forecast finish"),
        lambda p: date_cell(p, "forecast_finish"),
        _amount("forecast_finish"),
        ("forecast_finish",),
        "number",
        phone="figure",
        edit=edits.FORECAST_FINISH,
    ),
    Column(
        "slip",
        _("Slip"),
        slip_cell,
        slip,
        ("slip_days",),
        "number",
        reads=("forecast_finish", "baseline_finish"),
        filled=lambda: Q(forecast_finish__isnull=False, baseline_finish__isnull=False),
    ),
    Column(
        "approved",
        _("Approved"),
        lambda p: amount_cell(p, "approved_budget"),
        _amount("approved_budget"),
        ("approved_budget",),
        "number",
        filled=lambda: Q(approved_budget__isnull=False),
        edit=edits.APPROVED,
    ),
    Column(
        "cost",
        _("Forecast"),
        cost_cell,
        lambda p: p.cost,
        ("counted_cost",),
        "number",
        phone="figure",
        help=_("Forecast at completion, or the whole-life cost where there is none."),
        edit=edits.FORECAST_COST,
    ),
    Column(
        "growth",
        _("Growth"),
        growth_cell,
        growth_percent,
        (),
        "number",
        reads=("approved_budget", "forecast_cost", "whole_life_cost"),
        filled=lambda: Q(approved_budget__gt=0, counted_cost__isnull=False),
    ),
    Column(
        "benefits",
        _("Benefits"),
        lambda p: amount_cell(p, "benefits"),
        _amount("benefits"),
        ("benefits",),
        "number",
        shown=False,
        edit=edits.BENEFITS,
    ),
    Column(
        "sponsor",
        _("Sponsor"),
        lambda p: p.sponsor_name,
        lambda p: p.sponsor_name or None,
        ("by_sponsor",),
        shown=False,
        order_by=lambda: {"by_sponsor": queries.name_of_holder("sponsor")},
        edit=edits.SPONSOR,
        looked_up=lambda rows: queries.holders_of_all(rows, "sponsor"),
    ),
    Column(
        "manager",
        _("Manager"),
        lambda p: _narrow(p.manager_name),
        lambda p: p.manager_name or None,
        ("by_manager",),
        order_by=lambda: {"by_manager": queries.name_of_holder("project_manager")},
        filled=lambda: queries.has_holder("project_manager"),
        edit=edits.MANAGER,
        looked_up=lambda rows: queries.holders_of_all(rows, "project_manager"),
    ),
    Column(
        "start",
        _("Start"),
        lambda p: date_cell(p, "forecast_start"),
        _amount("forecast_start"),
        ("forecast_start",),
        "number",
        shown=False,
        edit=edits.FORECAST_START,
    ),
    Column("currency", _("Currency"), lambda p: p.currency, lambda p: p.currency, ("currency",), shown=False),
    Column(
        "external_id", _("External id"), lambda p: p.external_id, lambda p: p.external_id, ("external_id",), shown=False
    ),
)

PROJECTS = Register(
    name="projects",
    title=_("Projects"),
    noun=_("projects"),
    noun_of_one=_("project"),
    route="projects",
    question=queries.projects_with_holders,
    columns=COLUMNS,
    search=("node__name", "node__ref", "external_id", "category", "node__unit__name"),
    filters=ProjectFilters,
    order=("-confidence_rank", "-counted_cost"),
    order_label=_("worst confidence first, then by forecast"),
    views=(
        View("all", _("All projects")),
        View("late", _("Late"), "signal=late"),
        View("red", _("Red and Amber/Red"), "confidence=R&confidence=AR"),
        View("heavy", _("Tier 1 and 2"), "tier=1&tier=2"),
        View("no_cost", _("No cost"), "signal=no_cost"),
    ),
    key=lambda project: project.ref,  # type: ignore[attr-defined]
    key_field="node__ref__iexact",
    change=edits.change,
    changeable=queries.changeable_projects,
    acts=(edits.APPROACH,),
    former=edits.former,
    empty_title=_("No projects yet"),
    empty_text=_(
        "A portfolio begins with the list you already have: import the file, or add the first project by hand."
    ),
)

LEFT = replace(
    PROJECTS,
    name="projects-left",
    title=_("Projects that left"),
    route="projects_left",
    question=queries.projects_that_left_with_holders,
    columns=(
        *(
            column
            for column in COLUMNS
            if column.name in {"ref", "name", "unit", "category", "confidence", "finish", "cost", "external_id"}
        ),
        Column(
            "left",
            _("Not in the register since"),
            lambda p: day(p.left_on),
            lambda p: p.left_on,
            ("left_on",),
            "number",
            phone="figure",
        ),
    ),
    order=("-left_on", "node__name"),
    order_label=_("latest first"),
    views=(),
    change=None,
    empty_title=_("No project has left"),
    empty_text=_("When a project is missing from the next file of its portfolio, it is listed here with its history."),
)

declare(PROJECTS)
declare(LEFT)
