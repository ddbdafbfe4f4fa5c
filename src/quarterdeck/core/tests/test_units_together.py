"""A unit does not end while something comes into it."""

import threading
from typing import Any

import pytest
from django.db import connections, models

from quarterdeck.core import access, store
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Node
from quarterdeck.core.services import units
from quarterdeck.core.tests import make


def ended_with_something_inside(monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a unit ends although another one is put into it, checked before and written after."""
    division, admin = make.unit("Division"), make.admin()
    looked, go = threading.Event(), threading.Event()
    before = units._refuse_same_name

    def pause(actor: access.Actor, name: str, parent: Node) -> None:
        looked.set()
        go.wait(1)
        before(actor, name, parent)

    monkeypatch.setattr(units, "_refuse_same_name", pause)

    def come_in() -> None:
        try:
            units.add_unit(admin, name="Team", parent=division, now=make.MONDAY)
        finally:
            connections.close_all()

    thread = threading.Thread(target=come_in)
    thread.start()
    assert looked.wait(20)
    refused = False
    try:
        units.end_unit(admin, Node.objects.get(pk=division.pk), now=make.MONDAY)
    except Refused:
        refused = True
    go.set()
    thread.join(30)
    assert Node.objects.filter(name="Team").exists()
    division.refresh_from_db()
    assert refused == (division.ended_on is None)
    return division.ended_on is not None


def test_a_unit_waits_for_what_comes_in_and_then_stays(committed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not ended_with_something_inside(monkeypatch)


def test_without_holding_it_still_it_would_end_with_something_inside(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant: the end is read, and the unit left to others."""

    def read(row: models.Model, column: str) -> Any:
        return type(row)._default_manager.values_list(column, flat=True).get(pk=row.pk)

    monkeypatch.setattr(store, "hold_still", read)
    assert ended_with_something_inside(monkeypatch)
