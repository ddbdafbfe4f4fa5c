"""What was known when: needs transactions that really commit."""

from datetime import date

from django.utils import timezone

from quarterdeck.core.tests import make
from quarterdeck.core.tests.test_history import name_on, named


def test_what_was_recorded_later_is_left_out_when_asked_as_known_then(committed: str) -> None:
    unit = make.unit("Recorded first", effective_on=date(2022, 3, 31))
    known = timezone.now()
    named(unit, "Recorded later", date(2022, 3, 31))

    assert name_on(unit, date(2022, 4, 1)) == "Recorded later"
    assert name_on(unit, date(2022, 4, 1), known_at=known) == "Recorded first"
