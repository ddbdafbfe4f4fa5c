"""From the facts of a project to its tier."""

from quarterdeck.projects import rules
from quarterdeck.projects.models import Project

JUDGED = ("novelty", "criticality", "sensitivity", "external_dependency", "experience_gap")


def tier_of(project: Project) -> rules.Tier:
    """The tier of a project with its inputs."""
    return rules.tier(
        cost=project.cost if project.cost is not None else project.approved_budget,
        start=project.actual_start or project.forecast_start or project.baseline_start,
        finish=project.actual_finish or project.forecast_finish or project.baseline_finish,
        units_affected=project.units_affected,
        judged={name: getattr(project, name) for name in JUDGED},
        regulatory_critical=project.regulatory_critical,
    )
