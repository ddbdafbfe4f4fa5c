"""Portfolios, programmes and projects: what they are, where they stand, what changed."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """The tree of projects and their facts."""

    name = "quarterdeck.projects"
    label = "projects"
    verbose_name = "Projects"

    def ready(self) -> None:
        from quarterdeck.projects import kinds, registers  # noqa: F401, PLC0415

        kinds.register()
