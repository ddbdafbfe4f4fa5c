"""What several people write at the same time. Many at once: tests/journeys/test_lost_updates.py."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connections, transaction

from quarterdeck.core.errors import Conflict
from quarterdeck.core.models import Organisation
from quarterdeck.core.time import at
from quarterdeck.projects import services
from quarterdeck.projects.models import Project
from quarterdeck.projects.tests import make


@contextmanager
def begun_before(act: Callable[[], object]) -> Iterator[None]:
    """A transaction that begins before the block and does its act after it."""
    begun, go = threading.Event(), threading.Event()
    problems: list[Exception] = []

    def late() -> None:
        try:
            with transaction.atomic():
                Organisation.objects.first()
                begun.set()
                assert go.wait(20)
                act()
        except Exception as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    thread = threading.Thread(target=late)
    thread.start()
    assert begun.wait(20)
    try:
        yield
    finally:
        go.set()
        thread.join(30)
    assert problems == []


def test_of_two_changes_on_one_day_the_one_written_last_counts_whoever_began_first(committed: str) -> None:
    """An import may begin, wait, and write after a person who began later and was quicker."""
    make.project(name="Tariff engine")
    admin = make.core.admin()

    def change(category: str) -> None:
        services.change_project(admin, Project.objects.get(), {"category": category}, now=make.MONDAY)

    with begun_before(lambda: change("written last")):
        change("written first")

    assert Project.objects.get().category == "written last"
    with at(make.MONDAY.date()):
        assert Project.objects.get().category == "written last"


def test_a_new_name_is_not_saved_over_by_who_read_the_old_one(committed: str) -> None:
    project = make.project(name="Tariff engine")
    admin = make.core.admin()
    read = [Project.objects.select_related("node", "portfolio__node").get() for _ in range(2)]
    services.change_project(admin, read[0], {}, name="Tariff engine 2", now=make.MONDAY)

    with pytest.raises(Conflict):
        services.change_project(admin, read[1], {"category": "Billing"}, name="Tariff engine", now=make.MONDAY)

    project.refresh_from_db()
    project.node.refresh_from_db()
    assert (project.node.name, project.category) == ("Tariff engine 2", "")
