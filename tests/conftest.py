"""The world of the harness, made once a module."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def world_of_the_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """Made inside a transaction that is never committed. Models cannot be imported before the settings are there."""
    from django.core.cache import cache

    from tests.proof.world import build, undone

    with django_db_blocker.unblock(), undone():
        cache.clear()
        yield build()


@pytest.fixture
def world(world_of_the_module: Any) -> Iterator[Any]:
    """The world of the module; what a test does to it is taken back. Not to be used together with `db`."""
    from tests.proof.world import undone

    with undone():
        yield world_of_the_module
