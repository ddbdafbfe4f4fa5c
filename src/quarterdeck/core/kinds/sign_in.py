"""Events of signing in."""

from django.utils.translation import gettext_lazy as _

from quarterdeck.core.web import happenings

EVENTS = {
    "core.account.opened": _("Account opened"),
    "core.account.signed_in_by_link": _("Signed in by link"),
    "core.sign_in_link.made": _("Sign-in link made"),
    "core.password.set": _("Password set"),
}


def register() -> None:
    """What the events are called."""
    for event, words in EVENTS.items():
        happenings.call(event, words)
