"""What was known when: needs transactions that really commit."""

from datetime import date

import pytest
from django.db import connection
from django.utils import timezone

from quarterdeck.core.history import GOVERNED
from quarterdeck.core.tests import make
from quarterdeck.core.tests.test_history import name_on, named


def test_what_was_recorded_later_is_left_out_when_asked_as_known_then(committed: str) -> None:
    unit = make.unit("Recorded first", effective_on=date(2022, 3, 31))
    known = timezone.now()
    named(unit, "Recorded later", date(2022, 3, 31))

    assert name_on(unit, date(2022, 4, 1)) == "Recorded later"
    assert name_on(unit, date(2022, 4, 1), known_at=known) == "Recorded first"


@pytest.mark.django_db
def test_the_past_has_every_column_of_the_present() -> None:
    """After a migration `prepare_database` makes the views again; one that was forgotten would fail here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'asof'")
        found = set(cursor.fetchall())
    assert found == {(m._meta.db_table, field.column) for m in GOVERNED for field in m._meta.concrete_fields}
