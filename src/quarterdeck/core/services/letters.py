"""Mail about signing in: to whom it concerns, whoever did it."""

from datetime import datetime

from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _

from quarterdeck.core.models import Account


def send(to: str, *, subject: str, lines: list[str], now: datetime) -> None:
    """A mail of a few sentences."""
    send_mail(subject, "\n\n".join(lines) + "\n", None, [to])


def tell(account: Account, *, subject: str, happened: str, now: datetime) -> None:
    """Tell the owner of an account what was changed about its sign-in."""
    lines = [
        happened,
        _("It happened on %(day)s at %(time)s UTC.") % {"day": f"{now:%-d %b %Y}", "time": f"{now:%H:%M}"},
        _("If this was neither you nor somebody you asked, write to your PMO at once."),
        settings.BASE_URL,
    ]
    send(account.email, subject=subject, lines=lines, now=now)
