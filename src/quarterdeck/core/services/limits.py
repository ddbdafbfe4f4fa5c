"""How often something may be done: counted in the database, for all processes together."""

from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quarterdeck.core import security
from quarterdeck.core.errors import TooMany
from quarterdeck.core.models import RateCounter

# Of a run the last counted time is kept, otherwise the first. Once the limit is reached a run is not prolonged, so that
# nobody shuts somebody else out for good by trying on.
COUNT = """
    INSERT INTO core_ratecounter (key, "window", count) VALUES (%(key)s, %(now)s, 1)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN core_ratecounter."window" + %(seconds)s <= %(now)s THEN 1
                     ELSE least(core_ratecounter.count + 1, %(limit)s + 2) END,
        "window" = CASE WHEN core_ratecounter."window" + %(seconds)s <= %(now)s
                          OR (%(run)s AND core_ratecounter.count < %(limit)s) THEN %(now)s
                        ELSE core_ratecounter."window" END
    RETURNING count, "window"
"""


def spend(key: str, limit: int, window: timedelta, now: datetime, *, run: bool = False) -> None:
    """
    Count one use, and raise TooMany beyond the limit.

    key : what is counted, such as `api:17`; at most 120 characters.
    window : the limit holds for so long from the first use on.
    run : it holds until there was none for so long instead, as for tries at a code.

    Called outside of a transaction that may be rolled back, or the use is not counted.
    """
    seconds, moment = int(window.total_seconds()), int(now.timestamp())
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"key": key, "now": moment, "seconds": seconds, "limit": limit, "run": run})
        count, since = cursor.fetchone()
    if count <= limit:
        return
    wait = max(1, since + seconds - moment)
    if count == limit + 1:
        # The first beyond the limit is in the log; a flood does not fill it.
        security.note("core.limit.reached", at=now, outcome="refused", facts={"limit": key.partition(":")[0]})
    raise TooMany(sentence(wait), retry_after=wait)


def forget(key: str) -> None:
    """Begin to count anew, as after a code that was right."""
    RateCounter.objects.filter(key=key).delete()


def take_once(key: str, now: datetime) -> bool:
    """Whether this is the first use of what may be used once; of two at once one is the first."""
    _row, first = RateCounter.objects.get_or_create(key=key, defaults={"window": int(now.timestamp()), "count": 1})
    return first


def clear_old(now: datetime) -> int:
    """Remove what no limit looks at any more: the longest holds for an hour, and a code for some minutes."""
    deleted, _each = RateCounter.objects.filter(window__lt=int(now.timestamp()) - 86_400).delete()
    return deleted


def sentence(wait: int) -> str:
    """When it is possible again, in words."""
    if wait < 60:
        text = ngettext("in %(count)d second", "in %(count)d seconds", wait) % {"count": wait}
    else:
        minutes = -(-wait // 60)
        text = ngettext("in %(count)d minute", "in %(count)d minutes", minutes) % {"count": minutes}
    return _("That was too often in a short time. It is possible again %(when)s.") % {"when": text}
