"""From which day a change holds, and which days are refused."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Min
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from quarterdeck.core import store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Refused
from quarterdeck.core.history import Governed, version_model

# Nobody's plan reaches further, and a year of four digits is a slip of the hand less often.
LAST = date(2200, 1, 1)


def said(day: date) -> str:
    """A day in a sentence."""
    return date_format(day, "j M Y")


def day_of_change(actor: Actor, row: Governed, asked: date | None, *, now: datetime, reason: str = "") -> store.Because:
    """
    Who, why and from which day (None: today) a row takes other values.

    What is so takes effect on a day that has come. A day before the row's last change is refused: a write so early
    would tell of the past alone, and the row would stay as it is.
    """
    today = now.date()
    if asked is None or asked == today:
        return store.Because(actor.person_id, now, reason)
    _refuse_ahead(asked, today)
    if row.effective_on is not None and asked < row.effective_on:
        _refuse(
            "day_before_last_change",
            _("This last changed on %(day)s. Choose that day or a later one.") % {"day": said(row.effective_on)},
        )
    return store.Because(actor.person_id, now, reason, asked)


def day_of_making(actor: Actor, asked: date | None, *, now: datetime, reason: str = "") -> store.Because:
    """Who, why and from which day (None: today) something new is there."""
    if asked is not None:
        _refuse_ahead(asked, now.date())
    check_year(asked, "effective_on")
    return store.Because(actor.person_id, now, reason, asked)


def planned(actor: Actor, row: Governed, first_day: date, *, now: datetime, reason: str = "") -> store.Because:
    """
    For a fact that carries its own day, such as an end: it is written from that day where that day is past, but never
    before the row's last change, and from today where the day lies ahead, since it is known from today.
    """
    day = min(first_day, now.date())
    if row.effective_on is not None:
        day = max(day, row.effective_on)
    return store.Because(actor.person_id, now, reason, None if day == now.date() else day)


def day_known(actor: Actor, asked: date, rows: Iterable[Governed], *, now: datetime, reason: str = "") -> store.Because:
    """From which day something new is known: the day it begins, but not after today nor before what it rests on."""
    if asked >= now.date():
        return store.Because(actor.person_id, now, reason)
    return store.Because(actor.person_id, now, reason, max(asked, *(first_day(row) for row in rows)))


def check_year(day: date | None, field: str) -> None:
    """Refuse a year that nobody meant."""
    if day is not None and not date(1900, 1, 1) <= day <= LAST:
        sentence = _("Days lie between 1900 and 2200. The year %(year)s does not.") % {"year": day.year}
        raise Refused("no_such_day", sentence, {field: sentence})


def first_day(row: Governed) -> date:
    """The day from which a row is known."""
    found = version_model(type(row))._default_manager.filter(id=row.pk).aggregate(first=Min("effective_on"))["first"]
    return found or row.effective_on or date.today()


def day_before(day: date) -> date:
    """The last day of what somebody else begins on a day."""
    return day - timedelta(days=1)


def _refuse_ahead(asked: date, today: date) -> None:
    if asked > today:
        sentence = _("%(day)s has not come yet. Choose today or an earlier day, or wait until then.")
        _refuse("day_ahead", sentence % {"day": said(asked)})


def _refuse(code: str, sentence: str) -> None:
    raise Refused(code, sentence, {"effective_on": sentence})
