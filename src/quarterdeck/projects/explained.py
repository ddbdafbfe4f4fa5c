"""How the figures of one project were worked out."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quarterdeck.core.derivation import Decisive, Derivation, Input, Row
from quarterdeck.core.errors import NotFound
from quarterdeck.core.templatetags.qd import day, money_full, percent_signed, signed
from quarterdeck.projects import rules
from quarterdeck.projects.calculations import tier_of
from quarterdeck.projects.models import Project

TIER_WORDS = {
    "cost": gettext_lazy("Cost"),
    "duration": gettext_lazy("Duration, months"),
    "units_affected": gettext_lazy("Units affected"),
    "novelty": gettext_lazy("Technology novelty"),
    "criticality": gettext_lazy("Business criticality"),
    "sensitivity": gettext_lazy("Data or regulatory sensitivity"),
    "external_dependency": gettext_lazy("Dependency on outsiders"),
    "experience_gap": gettext_lazy("Experience missing in the team"),
}


def explain(project: Project, figure: str, *, now: datetime) -> Derivation:
    """The derivation of one figure of a project that the actor was shown; NotFound for a figure that is none."""
    known = {"tier": _tier, "slip": _slip, "growth": _growth}
    if figure not in known:
        raise NotFound
    return known[figure](project, now)


def _tier(project: Project, now: datetime) -> Derivation:
    found = tier_of(project)
    missing = sum(1 for each in found.inputs if each.points is None)
    if found.regulatory_critical:
        rule = _("The project is regulatory-critical, which is always tier 1.")
    else:
        rule = _("Points add up: 15 or more is tier 1, 10 to 14 tier 2, 5 to 9 tier 3, fewer tier 4.")
    if found.provisional:
        rule += " " + _(
            "Provisional: %(missing)d of 8 inputs are missing. Whatever they turn out to be, the tier lies "
            "between %(heaviest)d and %(lightest)d. A provisional tier obliges nobody to anything."
        ) % {"missing": missing, "heaviest": found.heaviest, "lightest": found.lightest}
    return Derivation(
        title=_("Tier"),
        result=_("Tier %(tier)s, %(points)d points") % {"tier": found.value or "–", "points": found.points},
        rule=rule,
        inputs=[
            Input(
                str(TIER_WORDS[each.name]),
                f"{each.points}/{each.highest}" if each.points is not None else "–",
                each.points / each.highest if each.points is not None else None,
                each.value or _("missing"),
            )
            for each in found.inputs
        ],
        source=_("Rule tier-2.7. Bands count in %(currency)s.") % {"currency": project.currency},
        coverage=_("%(known)d of 8 inputs known.") % {"known": 8 - missing},
        at=now,
    )


def _slip(project: Project, now: datetime) -> Derivation:
    months = rules.months_late(project.baseline_finish, project.forecast_finish)
    if months is None or project.baseline_finish is None or project.forecast_finish is None:
        raise NotFound
    days = (project.forecast_finish - project.baseline_finish).days
    return Derivation(
        title=_("Finish against baseline"),
        result=signed(months, _("mo")),
        rule=_("Days from the baseline finish to the forecast finish, in months of 30.44 days, to the nearest month."),
        decisive=Decisive(
            _("Worked through"),
            [
                Row(_("Baseline finish"), day(project.baseline_finish)),
                Row(_("Forecast finish"), day(project.forecast_finish)),
                Row(_("Days between"), signed(days, "d")),
                Row(_("In months"), f"{days / 30.4375:.1f}"),
            ],
        ),
        source=_("Declared dates of the project."),
        at=now,
    )


def _growth(project: Project, now: datetime) -> Derivation:
    grown = rules.growth(project.approved_budget, project.cost)
    if grown is None:
        raise NotFound
    is_forecast = project.forecast_cost is not None
    return Derivation(
        title=_("Forecast against approved"),
        result=percent_signed(grown * 100),
        rule=_("What the project is expected to cost, less the approved budget, as a share of the approved budget."),
        decisive=Decisive(
            _("Worked through"),
            [
                Row(
                    _("Forecast at completion") if is_forecast else _("Whole-life cost (no forecast given)"),
                    money_full(project.cost, project.currency),
                ),
                Row(_("Approved budget"), money_full(project.approved_budget, project.currency)),
                Row(_("Difference"), money_full(project.cost - project.approved_budget, project.currency)),
            ],
        ),
        source=_("Declared amounts of the project."),
        at=now,
    )
