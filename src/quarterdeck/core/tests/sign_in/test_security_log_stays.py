"""What is in the security log stays there."""

from typing import Any

import psycopg
import pytest
from django.db import DatabaseError

from quarterdeck.core.models import SecurityEvent
from quarterdeck.core.tests import make


def test_the_application_only_adds_to_it(owner: psycopg.Connection[Any]) -> None:
    SecurityEvent.objects.create(at=make.MONDAY, event="core.test.said", outcome="done")
    for wrong in (
        lambda: SecurityEvent.objects.all().delete(),
        lambda: SecurityEvent.objects.update(outcome="refused"),
    ):
        with pytest.raises(DatabaseError, match="permission denied"):
            wrong()
    assert SecurityEvent.objects.count() == 1
    held = owner.execute("SELECT has_table_privilege('quarterdeck_app', 'core_securityevent', 'TRUNCATE')").fetchone()
    assert held == (False,)
