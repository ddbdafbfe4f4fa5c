"""The kernel: people, nodes, roles, ledger, history, jobs and the web shell."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """What every domain stands on."""

    name = "quarterdeck.core"
    label = "core"
    verbose_name = "Kernel"

    def ready(self) -> None:
        from quarterdeck.core import kinds  # noqa: PLC0415

        kinds.register()
