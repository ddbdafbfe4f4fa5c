"""Files that come in: each format is read, looked at and imported through the services of its domain."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Imports of registers and what came with them."""

    name = "quarterdeck.exchange"
    label = "exchange"
    verbose_name = "Imports"

    def ready(self) -> None:
        from quarterdeck.exchange import jobs, kinds, registers  # noqa: F401, PLC0415

        kinds.register()
