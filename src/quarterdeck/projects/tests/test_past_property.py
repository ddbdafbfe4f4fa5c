"""Whatever is written in whatever order, each day as known at each moment is what a plain list says."""

from datetime import date, datetime, timedelta
from itertools import count

from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quarterdeck.core.time import at
from quarterdeck.projects import services
from quarterdeck.projects.models import Portfolio, Project
from quarterdeck.projects.tests import make

TODAY = make.MONDAY.date()
DAYS = [TODAY - timedelta(days=days) for days in (0, 10, 20, 30, 40)]
FACTS = st.dictionaries(st.sampled_from(["category", "narrative"]), st.sampled_from("abc"), min_size=1)
WRITES = st.lists(
    st.tuples(st.sampled_from(["file", "file", "file", "person", "leave"]), st.sampled_from(DAYS), FACTS),
    min_size=2,
    max_size=6,
)
Row = dict[str, object]
_numbers = count(1)


class Plain:
    """Versions as a list: day, order of writing, the whole row. The last of the latest day counts."""

    def __init__(self) -> None:
        self.versions: list[tuple[date, int, Row]] = []

    def on(self, day: date, known: int | None = None) -> Row | None:
        found = [v for v in self.versions[:known] if v[0] <= day]
        return max(found, key=lambda v: v[:2])[2] if found else None

    def write(self, day: date, facts: Row) -> None:
        before = self.on(day)
        if before is None and self.versions:
            # A file tells of a day before the project was heard of: it was then what it was at first.
            before = min(self.versions, key=lambda v: v[:2])[2]
            self.versions.append((day, len(self.versions), before))
        after = {"category": "", "narrative": "", "left_on": None} | (before or {}) | facts
        if after != before:
            self.versions.append((day, len(self.versions), after))


def write(of: Portfolio, key: str, plain: Plain, act: str, day: date, facts: Row) -> None:
    known = Project.objects.select_related("node", "portfolio__node").filter(external_id=key).first()
    if act == "file" or known is None:
        make.recorded(of, day, key, **facts)
        plain.write(day, facts | {"left_on": None})
    elif act == "person":
        services.change_project(make.core.admin(), known, facts, now=make.MONDAY)
        plain.write(TODAY, facts)
    elif known.effective_on is not None and known.effective_on <= day:
        services.leave_register(make.core.admin(), known, on=day, now=make.MONDAY, reason="")
        plain.write(day, {"left_on": day})


def read(key: str, day: date, known_at: datetime | None = None) -> Row | None:
    with at(day, known_at):
        return Project.objects.filter(external_id=key).values("category", "narrative", "left_on").first()


def clock() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        ((now,),) = cursor.fetchall()
    assert isinstance(now, datetime)
    return now


def test_each_day_as_known_at_each_moment_is_what_a_plain_list_says(committed: str) -> None:
    of = make.portfolio()

    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(WRITES)
    def check(writes: list[tuple[str, date, Row]]) -> None:
        key, plain = f"X-{next(_numbers)}", Plain()
        moments: list[tuple[datetime, int]] = []
        for act, day, facts in writes:
            write(of, key, plain, act, day, facts)
            moments.append((clock(), len(plain.versions)))

        assert {day: read(key, day) for day in DAYS} == {day: plain.on(day) for day in DAYS}
        now = Project.objects.filter(external_id=key).values("category", "narrative", "left_on").first()
        assert now == plain.on(date.max)
        for moment, known in moments:
            assert {day: read(key, day, moment) for day in DAYS[::2]} == {d: plain.on(d, known) for d in DAYS[::2]}

    check()
