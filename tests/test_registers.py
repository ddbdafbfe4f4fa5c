"""Every register there is: what names a row finds it again, and every head, filter, export and earlier day answers."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from quarterdeck.core.access import Actor
from quarterdeck.core.models import Person
from quarterdeck.core.register import all_registers, listing, saved
from quarterdeck.core.register.cells import row_of
from quarterdeck.core.register.compare import Compared, compares
from quarterdeck.core.tests import make as core
from quarterdeck.core.time import at
from quarterdeck.exchange.tests import make as imports
from quarterdeck.projects.tests import make

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
pytestmark = pytest.mark.django_db
YESTERDAY = make.MONDAY.date() - timedelta(days=1)


@pytest.fixture
def admin() -> Actor:
    """Somebody who sees all, and some of everything."""
    actor = core.admin()
    of = make.portfolio("Roads", ref="ROADS", effective_on=YESTERDAY)
    make.programme(of)
    make.project(of, "Bridge", unit=core.unit("Works"))
    imports.imported(into=of)
    return actor


def test_what_names_a_row_finds_that_row(admin: Actor) -> None:
    wrong, seen = [], 0
    for register in all_registers().values():
        for row in list(register.question(admin)[:3]):
            seen += 1
            if row_of(register, admin, register.key(row)).pk != row.pk:
                wrong.append((register.name, register.key(row)))
    assert wrong == []
    assert seen >= 15


def test_every_column_orders_both_ways_today_and_on_an_earlier_day(admin: Actor) -> None:
    for register in all_registers().values():
        for column in register.columns:
            for sign in ("", "-") if column.sort else ():
                asked = QueryDict(f"sort={sign}{column.name}&columns={column.name}")
                found = listing(register, admin, asked)
                assert len(found.page_rows) == min(found.count, register.page_size)
                if sign and compares(register, admin):
                    with at(YESTERDAY):
                        assert listing(register, admin, asked).count >= 0


def test_every_list_with_a_history_is_compared(admin: Actor) -> None:
    compared = set()
    for register in all_registers().values():
        if compares(register, admin):
            every = ",".join(column.name for column in register.columns)
            found = Compared(register, admin, QueryDict(f"columns={every}"), YESTERDAY)
            assert len(found.body.split("<tr ")) - 1 == len(found.pairs)
            assert len(list(found.table()[1])) == found.count
            compared.add(register.name)
    assert compared >= {"projects", "portfolios", "programmes", "units", "roles", "holdings"}


def test_every_column_of_such_a_list_is_compared_by_something(admin: Actor) -> None:
    blind = [
        (register.name, column.name)
        for register in all_registers().values()
        if compares(register, admin)
        for column in register.columns
        if not (column.sort or column.reads or column.looked_up)
    ]
    assert blind == []


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person.accounts.first() or core.account(person), backend=BACKEND)
    return client


def _pages(admin: Actor) -> Any:
    client: Client = client_of(Person.objects.get(pk=admin.person_id))
    for register in all_registers().values():
        if path := saved.address_of_list(register):
            yield client, register, path


def test_every_filter_opens_and_every_list_is_exported(admin: Actor) -> None:
    pages = 0
    for client, register, path in _pages(admin):
        for name in register.filters(QueryDict(), queryset=register.question(admin), actor=admin).form.fields:
            assert client.get(f"{path}?control={name}").status_code == 200, (path, name)
        for kind in ("csv", "xlsx"):
            assert client.get(f"{path}?format={kind}")["Content-Disposition"].endswith(f'.{kind}"')
        assert client.get(f"{path}?q=nothing+is+called+so").status_code == 200
        pages += 1
    assert pages >= 9


def test_nothing_is_selected_where_nothing_can_be_done_to_many(admin: Actor) -> None:
    told = {}
    for client, register, path in _pages(admin):
        page = client.get(path).content.decode()
        told[register.name] = ("qd-editable" in page, "qd-select" in page)
    assert {name for name, (edits, _many) in told.items() if edits} == {
        "projects", "portfolios", "programmes", "units", "people", "roles", "holdings",
    }  # fmt: skip
    assert {name for name, (_edits, many) in told.items() if many} == {
        "projects", "portfolios", "programmes", "units", "holdings",
    }  # fmt: skip


def test_who_may_change_nothing_is_offered_nothing(admin: Actor) -> None:
    reader = core.person("Rita Reader")
    core.grant(reader, "viewer", core.top())
    client = client_of(reader)
    for register in all_registers().values():
        path = saved.address_of_list(register)
        answer = client.get(path) if path else None
        if answer is not None and answer.status_code == 200:
            page = answer.content.decode()
            assert "qd-editable" not in page, register.name
            assert "qd-select" not in page, register.name


def test_only_what_is_never_changed_is_named_by_its_number() -> None:
    by_number = {name for name, each in all_registers().items() if each.key_field == "pk"}
    assert by_number == {"ledger"}
