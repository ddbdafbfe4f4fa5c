"""Mail about signing in: to whom it concerns, whoever did it."""

from datetime import datetime

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from quarterdeck.core import sealing
from quarterdeck.core.models import Account, Person
from quarterdeck.core.services import outbox

STYLE = "font-family:sans-serif;font-size:15px;line-height:1.5;color:#1d2733"
BUTTON = "display:inline-block;padding:9px 16px;border-radius:6px;background:#1f5f8b;color:#ffffff;text-decoration:none"


def send(
    to: str,
    *,
    subject: str,
    lines: list[str],
    now: datetime,
    path: str = "",
    button: str = "",
    person: Person | None = None,
) -> None:
    """
    A mail of a few sentences, with one link of ours at most.

    path : where the link leads within the configured address. It opens something, so it is kept sealed until it goes.
    """
    link = sealing.hide(settings.BASE_URL + path) if path else ""
    text = "\n\n".join([*lines[:1], *([link] if link else []), *lines[1:]]) + "\n"
    first, rest = lines[:1], lines[1:]
    paragraphs = format_html_join("", "<p>{}</p>", ((line,) for line in first))
    if link:
        paragraphs += format_html('<p><a href="{}" style="{}">{}</a></p>', link, BUTTON, button)
    paragraphs += format_html_join("", "<p>{}</p>", ((line,) for line in rest))
    html = format_html('<div style="{}">{}</div>', STYLE, paragraphs)
    outbox.post(to=to, subject=subject, text=text, html=html, now=now, person=person)


def tell(account: Account, *, subject: str, happened: str, now: datetime) -> None:
    """Tell the owner of an account what was changed about its sign-in."""
    lines = [
        happened,
        _("It happened on %(day)s at %(time)s UTC.") % {"day": f"{now:%-d %b %Y}", "time": f"{now:%H:%M}"},
        _("If this was neither you nor somebody you asked, write to your PMO at once."),
        settings.BASE_URL,
    ]
    send(account.email, subject=subject, lines=lines, now=now, person=account.person)
