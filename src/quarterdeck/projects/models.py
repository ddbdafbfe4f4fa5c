"""Facts about portfolios, programmes and projects. Names, parents and confidentiality are facts of their nodes."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quarterdeck.core.history import Governed, governed
from quarterdeck.core.models import Node, Person
from quarterdeck.core.search import triggers_on_node


def amount_field() -> "models.DecimalField[Any, Any]":
    """An amount in whole units of the project's currency; unknown is null, never zero."""
    return models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)


def points_field(highest: int) -> "models.PositiveSmallIntegerField[Any, Any]":
    """An input of the tier that a person judges, 0 to a highest number of points; null while nobody did."""
    return models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(highest)])


@governed
class Portfolio(Governed):
    """Projects that are looked at and decided on together."""

    node = models.OneToOneField(Node, on_delete=models.PROTECT, related_name="portfolio")
    currency = models.CharField(max_length=3)
    prefix = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_portfolio_has_a_prefix_for_references", condition=~Q(prefix="")),
        ]
        triggers = triggers_on_node("portfolio")

    def __str__(self) -> str:
        return self.node.name

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def ref(self) -> str:
        return self.node.ref


class NumberSeries(models.Model):
    """The last number used for references of a portfolio's projects, so that no other portfolio shows a gap."""

    portfolio = models.OneToOneField(Portfolio, on_delete=models.CASCADE, related_name="number_series")
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.portfolio_id}: {self.last}"


@governed
class Programme(Governed):
    """Related projects of a portfolio, managed for a common outcome."""

    node = models.OneToOneField(Node, on_delete=models.PROTECT, related_name="programme")
    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT, related_name="programmes")

    class Meta:
        triggers = triggers_on_node("programme")

    def __str__(self) -> str:
        return self.node.name

    @property
    def name(self) -> str:
        return self.node.name


@governed
class Project(Governed):
    """A temporary endeavour, with what is declared about it. What is unknown is null, its reason in `unknown`."""

    class Approach(models.TextChoices):
        PREDICTIVE = "predictive", _("Predictive")
        AGILE = "agile", _("Agile")
        HYBRID = "hybrid", _("Hybrid")

    class Stage(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        INITIATING = "initiating", _("Initiating")
        PLANNING = "planning", _("Planning")
        EXECUTING = "executing", _("Delivery")
        CLOSING = "closing", _("Closing")
        CLOSED = "closed", _("Closed")
        ON_HOLD = "on_hold", _("On hold")
        STOPPED = "stopped", _("Stopped")

    class Confidence(models.TextChoices):
        """Declared delivery confidence, best first."""

        GREEN = "G", _("Green")
        AMBER_GREEN = "AG", _("Amber/Green")
        AMBER = "A", _("Amber")
        AMBER_RED = "AR", _("Amber/Red")
        RED = "R", _("Red")

    node = models.OneToOneField(Node, on_delete=models.PROTECT, related_name="project")
    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT, related_name="projects")
    programme = models.ForeignKey(Programme, null=True, blank=True, on_delete=models.PROTECT, related_name="projects")
    external_id = models.CharField(max_length=120, blank=True, default="")
    category = models.CharField(max_length=120, blank=True, default="")
    approach = models.CharField(max_length=12, choices=Approach, blank=True, default="")
    stage = models.CharField(max_length=12, choices=Stage, blank=True, default="")

    baseline_start = models.DateField(null=True, blank=True)
    baseline_finish = models.DateField(null=True, blank=True)
    forecast_start = models.DateField(null=True, blank=True)
    forecast_finish = models.DateField(null=True, blank=True)
    actual_start = models.DateField(null=True, blank=True)
    actual_finish = models.DateField(null=True, blank=True)

    currency = models.CharField(max_length=3)
    approved_budget = amount_field()
    whole_life_cost = amount_field()
    forecast_cost = amount_field()
    spent = amount_field()
    benefits = amount_field()

    confidence = models.CharField(max_length=2, choices=Confidence, blank=True, default="")
    confidence_note = models.TextField(blank=True, default="")
    schedule_note = models.TextField(blank=True, default="")
    cost_note = models.TextField(blank=True, default="")
    description = models.TextField(blank=True, default="")
    narrative = models.TextField(blank=True, default="")
    unknown = models.JSONField(default=dict, blank=True)

    units_affected = models.PositiveSmallIntegerField(null=True, blank=True)
    novelty = points_field(3)
    criticality = points_field(4)
    sensitivity = points_field(3)
    external_dependency = points_field(2)
    experience_gap = points_field(2)
    regulatory_critical = models.BooleanField(null=True, blank=True)
    tier = models.PositiveSmallIntegerField(null=True, blank=True)
    tier_provisional = models.BooleanField(default=True)

    left_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["portfolio", "external_id"],
                condition=~Q(external_id=""),
                name="an_external_id_names_one_project_of_a_portfolio",
            ),
            models.CheckConstraint(
                name="a_tier_is_one_to_four", condition=Q(tier__isnull=True) | Q(tier__gte=1, tier__lte=4)
            ),
            models.CheckConstraint(
                name="what_is_finished_has_started",
                condition=Q(actual_finish__isnull=True)
                | Q(actual_start__isnull=True)
                | Q(actual_finish__gte=F("actual_start")),
            ),
        ]
        indexes = [
            models.Index(fields=["portfolio", "left_on"], name="project_by_portfolio"),
            GinIndex(fields=["unknown"], name="project_unknown"),
        ]
        triggers = triggers_on_node("project", "external_id", "category", "description", "narrative")

    def __str__(self) -> str:
        return self.node.name

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def ref(self) -> str:
        return self.node.ref

    def _holder(self, role: str) -> str:
        held = getattr(self.node, "held", None)
        if held is None:
            raise AttributeError("Ask a question that brings the holders: queries.with_holders.")
        return next((holding.person.name for holding in held if holding.role.code == role), "")

    @property
    def sponsor_name(self) -> str:
        """Who owns the business case on the day that is looked at; empty while nobody does."""
        return self._holder("sponsor")

    @property
    def manager_name(self) -> str:
        """Who leads the work on the day that is looked at; empty while nobody does."""
        return self._holder("project_manager")

    @property
    def cost(self) -> Any:
        """Forecast at completion where there is one, otherwise the declared whole-life cost."""
        return self.forecast_cost if self.forecast_cost is not None else self.whole_life_cost


class Snapshot(models.Model):
    """
    A day for which the state of a portfolio was recorded, and by what.

    The state itself is the history: what was effective on that day, as known at `known_at`.
    """

    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT, related_name="snapshots")
    on = models.DateField()
    label = models.CharField(max_length=200)
    source = models.CharField(max_length=60, blank=True, default="")
    rows = models.PositiveIntegerField()
    known_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["portfolio", "-on", "-known_at"], name="snapshot_by_portfolio")]

    def __str__(self) -> str:
        return f"{self.label} ({self.on})"
