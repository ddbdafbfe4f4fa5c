"""The chain, its seal and what breaks it. The manipulations are in tests/journeys/test_ledger_holds.py."""

from decimal import Decimal

import pytest
from django.db import connection

from quarterdeck.core import ledger
from quarterdeck.core.models import LedgerEntry, LedgerStream
from quarterdeck.core.tests import make


def seal() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.django_db
def test_entries_are_sealed_in_order_and_the_chain_holds() -> None:
    organisation = make.organisation()
    for number in range(3):
        ledger.record(None, "core.test.done", on=organisation, at=make.MONDAY, stream="b", number=number)
        ledger.record(None, "core.test.done", on=organisation, at=make.MONDAY, stream="a", number=number)
    seal()

    assert list(LedgerEntry.objects.filter(stream="a").order_by("pk").values_list("seq", flat=True)) == [1, 2, 3]
    assert LedgerStream.objects.get(name="b").head_seq == 3
    assert ledger.verify()["problems"] == []


@pytest.mark.django_db
def test_the_seal_is_the_hash_that_the_text_describes() -> None:
    organisation = make.organisation()
    ledger.record(None, "core.test.done", on=organisation, at=make.MONDAY, stream="x", words="Größe, “quoted”")
    seal()

    entry = LedgerEntry.objects.get(stream="x")
    assert entry.sealed_at is not None
    assert entry.hash == ledger.digest("x", 1, ledger.microseconds(entry.sealed_at), entry.entry, ledger.GENESIS)


def test_a_commit_seals_and_a_rollback_leaves_nothing(committed: str) -> None:
    make.organisation()
    before = LedgerEntry.objects.count()
    ledger.record(None, "core.test.done", on=None, at=make.MONDAY)
    assert LedgerEntry.objects.filter(seq=None).count() == 0
    assert LedgerEntry.objects.count() == before + 1
    from django.db import transaction

    with transaction.atomic():
        ledger.record(None, "core.test.done", on=None, at=make.MONDAY)
        transaction.set_rollback(True)
    assert LedgerEntry.objects.count() == before + 1
    assert ledger.verify()["problems"] == []


def test_canonical_json_is_the_same_whatever_the_order_and_holds_no_floats() -> None:
    assert ledger.canonical({"b": Decimal("1.50"), "a": [1, None]}) == '{"a":[1,null],"b":"1.50"}'
    with pytest.raises(TypeError):
        ledger.canonical({"a": 0.1})
