"""Units, portfolios, programmes, people, roles and holdings are changed in their lists, through their services."""

from datetime import timedelta
from typing import Any

import pytest

from quarterdeck.core import access
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Holding, Job, Node, Person, Role
from quarterdeck.core.register import cells, register_named
from quarterdeck.core.services import roles
from quarterdeck.core.tests import make as core
from quarterdeck.projects import services
from quarterdeck.projects.models import Portfolio, Programme
from quarterdeck.projects.tests import make
from quarterdeck.projects.tests.test_register_bulk import Someone

pytestmark = pytest.mark.django_db
TODAY = make.MONDAY.date()


def in_a_cell(someone: Someone, name: str, key: str, column: str, value: str) -> Any:
    """What a cell answers to a value that is typed into it."""
    editor = someone.client.get(f"/lists/{name}/rows/{key}/{column}/")
    if editor.status_code != 200:
        return editor
    cell = cells.cell(register_named(name), someone.actor, key, column)
    sent = {each: cell.form().initial[each] for each in ("version", "was")}
    return someone.client.post(f"/lists/{name}/rows/{key}/{column}/", sent | {"value": value, "columns": ""})


def look(someone: Someone, name: str, act: str, value: Any, keys: list[str]) -> Any:
    sent = {"act": act, "value": value, "keys": keys, "looked": "1", "address": ""}
    return someone.client.post(f"/lists/{name}/bulk/", sent)


def refusals(answer: Any) -> list[str]:
    """The reasons that a look or a result tells, row by row."""
    uid = answer["Location"].strip("/").split("/")[1]
    return [why for _pk, why in Job.objects.get(uid=uid).result["refused"]]


def test_a_name_is_corrected_in_its_cell() -> None:
    admin = Someone("administrator")
    unit, of, rosa = core.unit("Works"), make.portfolio("Roads"), core.person("Rosa")
    programme = make.programme(of)
    for name, key, value in (
        ("units", unit.ref, "Public works"),
        ("portfolios", of.ref, "Roads and bridges"),
        ("programmes", programme.node.ref, "Resurfacing"),
        ("people", str(rosa.uid), "Rosa Rail"),
        ("roles", "viewer", "Reader"),
    ):
        answer = in_a_cell(admin, name, key, "name", value)
        assert answer.status_code == 200, name
        assert value in answer.content.decode()
    assert Node.objects.get(pk=unit.pk).name == "Public works"
    assert Portfolio.objects.get(pk=of.pk).name == "Roads and bridges"
    assert Programme.objects.get(pk=programme.pk).name == "Resurfacing"
    assert Person.objects.get(pk=rosa.pk).name == "Rosa Rail"
    assert Role.objects.get(code="viewer").name == "Reader"


def test_of_two_who_correct_a_person_the_second_is_told() -> None:
    admin, rosa = Someone("administrator"), core.person("Rosa")
    key = str(rosa.uid)
    form = cells.cell(register_named("people"), admin.actor, key, "name").form().initial
    Person.objects.filter(pk=rosa.pk).update(name="Rosalind")
    sent = {"version": form["version"], "was": form["was"], "value": "Rosa Rail"}
    answer = admin.client.post(f"/lists/people/rows/{key}/name/", sent)
    assert answer.status_code == 409
    assert "Rosalind" in answer.content.decode()
    assert Person.objects.get(pk=rosa.pk).name == "Rosalind"


@pytest.mark.parametrize("name", ["units", "portfolios", "programmes", "people", "roles", "holdings"])
def test_who_only_sees_a_row_changes_nothing_in_it(name: str) -> None:
    admin = core.admin()
    make.programme(make.portfolio("Roads"))
    reader = Someone("viewer")
    register = register_named(name)
    column = next(column for column in register.columns if column.edit).name
    key = register.key(register.question(admin)[0])
    assert in_a_cell(reader, name, key, column, "x").status_code == 403
    outsider = Someone("viewer", make.portfolio("Elsewhere").node)
    assert in_a_cell(outsider, name, "nothing-is-called-so", column, "x").status_code == 404


def test_units_are_moved_together_as_previewed_and_put_back() -> None:
    admin = Someone("administrator")
    above, below = core.unit("Works"), core.unit("Bridges")
    roads = core.unit("Roads")
    looked = look(admin, "units", "unit", above.pk, [below.ref, roads.ref, above.ref])
    assert Node.objects.get(pk=below.pk).unit_id == core.top().pk
    assert refusals(looked) == ["Works lies below Works, so Works cannot lie below it."]
    done = admin.change(looked)
    assert {Node.objects.get(pk=each.pk).unit_id for each in (below, roads)} == {above.pk}
    admin.client.post(done["Location"])
    assert {Node.objects.get(pk=each.pk).unit_id for each in (below, roads)} == {core.top().pk}


def test_programmes_are_moved_and_ended_each_with_its_own_right() -> None:
    here, there = make.portfolio("Roads"), make.portfolio("Rails")
    mine, other = make.programme(here, "Mine"), make.programme(make.portfolio("Foreign", ref="FOR"), "Theirs")
    runs = Someone("portfolio_manager", here.node, there.node)
    core.grant(runs.person, "viewer", core.top())
    keys = [mine.node.ref, other.node.ref]
    looked = look(runs, "programmes", "portfolio", there.pk, keys)
    assert refusals(looked) == ["You may see this one but not change it."]
    runs.change(looked)
    assert Programme.objects.get(pk=mine.pk).portfolio_id == there.pk
    assert Programme.objects.get(pk=other.pk).portfolio_id == other.portfolio_id

    looked = look(runs, "programmes", "ended_on", (TODAY + timedelta(days=30)).isoformat(), keys[:1])
    done = runs.change(looked)
    assert Node.objects.get(pk=mine.node_id).ended_on == TODAY + timedelta(days=30)
    runs.client.post(done["Location"])
    assert Node.objects.get(pk=mine.node_id).ended_on is None


def test_a_programme_that_still_holds_projects_is_refused_and_the_empty_one_ends() -> None:
    admin, of = Someone("administrator"), make.portfolio("Roads")
    full, empty = make.programme(of, "Full"), make.programme(of, "Empty")
    services.add_project(core.admin(), of, name="Bridge", facts={}, programme=full, now=make.MONDAY)
    looked = look(admin, "programmes", "ended_on", TODAY.isoformat(), [full.node.ref, empty.node.ref])
    assert refusals(looked)[0].startswith("Full still holds Bridge.")
    admin.change(looked)
    assert [Node.objects.get(pk=each.node_id).ended_on for each in (full, empty)] == [None, TODAY]


def test_roles_of_many_end_on_a_day_and_go_on_again() -> None:
    admin, unit = Someone("administrator"), core.unit("Works")
    held = [core.grant(core.person(name), "viewer", unit) for name in ("Rosa", "Ann")]
    day = TODAY + timedelta(days=7)
    keys = [str(each.uid) for each in held]
    done = admin.change(look(admin, "holdings", "to_on", day.isoformat(), keys))
    assert set(Holding.objects.filter(uid__in=keys).values_list("to_on", flat=True)) == {day}
    admin.client.post(done["Location"])
    assert set(Holding.objects.filter(uid__in=keys).values_list("to_on", flat=True)) == {None}


def test_a_holding_does_not_last_longer_than_it_could_be_given() -> None:
    admin = core.admin()
    unit, rosa = core.unit("Works"), core.person("Rosa")
    lead = Role.objects.get(code="pmo_lead")
    given = roles.give_role(admin, rosa, lead, on=unit, now=make.MONDAY, from_on=TODAY, to_on=TODAY + timedelta(days=5))
    clerk = core.person("Cleo Clerk")
    own = Role.objects.create(code="clerk", name="Clerk", rights=["core.see_organisation", "core.manage_organisation"])
    core.grant(clerk, own.code, core.top())
    with pytest.raises(Refused, match="carries the right"):
        roles.end_holding(
            access.actor_of(clerk, now=make.MONDAY), given, last_day=TODAY + timedelta(days=90), now=make.MONDAY
        )
    Person.objects.filter(pk=rosa.pk).update(left_on=TODAY + timedelta(days=8))
    given.refresh_from_db()
    with pytest.raises(Refused, match="left on"):
        roles.end_holding(admin, given, last_day=TODAY + timedelta(days=20), now=make.MONDAY)
    assert Holding.objects.get(pk=given.pk).to_on == TODAY + timedelta(days=5)


def test_a_list_of_units_does_not_name_what_lies_above_and_is_not_seen() -> None:
    above = core.unit("Hidden above")
    reader = Someone("viewer", core.unit("Seen below", parent=above))
    page = reader.client.get("/organisation/units/").content.decode()
    assert "Seen below" in page
    assert "Hidden above" not in page
    assert "Seen below" not in reader.client.get("/organisation/units/?q=Hidden").content.decode()
    assert "Hidden above" not in reader.client.get("/organisation/units/?format=csv").content.decode()


def test_who_runs_a_unit_alone_does_not_take_it_away_from_where_it_lies() -> None:
    below = core.unit("Below", parent=core.unit("Above"))
    runs = Someone("pmo_lead", below)
    assert in_a_cell(runs, "units", below.ref, "parent", str(below.pk)).status_code == 403
    assert refusals(look(runs, "units", "unit", below.pk, [below.ref])) == ["You may see this one but not change it."]
    assert in_a_cell(runs, "units", below.ref, "name", "Renamed").status_code == 200


def test_of_the_last_two_administrators_one_stays_however_many_are_ended_at_once() -> None:
    admin = Someone("administrator")
    core.admin()
    role = Role.objects.get(code="administrator")
    keys = [str(each.uid) for each in Holding.objects.filter(role=role, node=core.top(), to_on=None)]
    done = admin.change(look(admin, "holdings", "to_on", TODAY.isoformat(), keys))
    assert len(refusals(done)) == 1
    assert "last administrator" in refusals(done)[0]
    assert Holding.objects.filter(role=role, node=core.top(), to_on=None).count() == 1
