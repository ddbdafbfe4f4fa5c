"""Events of signing in."""

from django.utils.translation import gettext_lazy as _

from quarterdeck.core import security
from quarterdeck.core.web import happenings

EVENTS = {
    "core.account.opened": _("Account opened"),
    "core.account.signed_in_by_link": _("Signed in by link"),
    "core.sign_in_link.made": _("Sign-in link made"),
    "core.password.set": _("Password set"),
    "core.token.made": _("Token made"),
    "core.token.revoked": _("Token revoked"),
}
# What is in the ledger and in the security log too.
WATCHED = ("core.account.", "core.sign_in_link.", "core.password.", "core.token.", "core.role.", "core.organisation.")


def register() -> None:
    """What the events are called."""
    for event, words in EVENTS.items():
        happenings.call(event, words)
    security.watch(*WATCHED)
