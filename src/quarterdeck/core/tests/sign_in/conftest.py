"""What the tests of signing in share."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], datetime]:
    """A clock that stands still until it is put forward."""
    moment = [timezone.now()]
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment[0])

    def forward(by: timedelta) -> datetime:
        moment[0] += by
        return moment[0]

    return forward
