"""What tests of the interface share."""

from typing import Any

import pytest


@pytest.fixture
def world(db: None) -> Any:
    """Five people's programmes. Django is set up when a test runs, not yet when this file is read."""
    from tests.api.world import build

    return build()
