"""The portfolio dashboard: reads every domain, writes nothing."""

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    """Dashboards."""

    name = "quarterdeck.reporting"
    label = "reporting"
    verbose_name = "Reporting"

    def ready(self) -> None:
        from quarterdeck.reporting import kinds  # noqa: PLC0415

        kinds.register()
