"""The demo organisation, of our own invention."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Declares the job that builds it."""

    name = "quarterdeck.site.demo"
    label = "demo"
    verbose_name = "Demo organisation"

    def ready(self) -> None:
        from quarterdeck.site.demo import jobs  # noqa: F401, PLC0415
