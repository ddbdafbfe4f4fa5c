"""The package that sees all: it brings the domains together."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Addresses, settings, the first page of an empty installation and the demo organisation."""

    name = "quarterdeck.site"
    label = "site"
    verbose_name = "Site"

    def ready(self) -> None:
        from quarterdeck.core import kinds  # noqa: PLC0415
        from quarterdeck.site import start  # noqa: PLC0415
        from quarterdeck.site.demo import jobs  # noqa: F401, PLC0415

        start.register()
        kinds.register_for_all()
