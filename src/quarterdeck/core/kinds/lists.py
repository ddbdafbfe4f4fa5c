"""The kernel's own registers, and what happens to views of lists."""

from django.utils.translation import gettext_lazy as _

from quarterdeck.core import registers, rights
from quarterdeck.core.web import happenings, navigation

# Importing them has declared them.
DECLARED = (registers.JOBS, registers.LEDGER)
EVENTS = {
    "core.view.shared": _("View of a list shared"),
    "core.view.withdrawn": _("Shared view of a list withdrawn"),
}


def register() -> None:
    """The page of long work, and the words for what happens to views."""
    navigation.add_item(
        navigation.Item(
            "data",
            _("Long work"),
            "jobs",
            "progress-check",
            830,
            lambda actor: actor.holds(rights.MANAGE_ORGANISATION),
            also=("job", "bulk_plan", "bulk_result"),
        )
    )
    for event, words in EVENTS.items():
        happenings.call(event, words)
