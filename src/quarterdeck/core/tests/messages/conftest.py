"""Fixtures of all tests about messages."""

from typing import Any

import pytest


@pytest.fixture
def place(db: None) -> Any:
    """A unit with its people. Models cannot be imported before the settings are there."""
    from quarterdeck.core.tests.messages.people import works

    return works()
