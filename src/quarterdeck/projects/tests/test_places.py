"""Portfolios, programmes and projects are renamed, put elsewhere, ended and brought back."""

from datetime import timedelta
from decimal import Decimal

import pytest

from quarterdeck.core import access
from quarterdeck.core.errors import NotAllowed, NotFound, Refused
from quarterdeck.core.models import Holding, LedgerEntry, Node, Role
from quarterdeck.core.services import roles, units
from quarterdeck.core.tests import make as core
from quarterdeck.core.time import at
from quarterdeck.projects import queries, services
from quarterdeck.projects.models import Portfolio, Programme, Project
from quarterdeck.projects.tests import make

pytestmark = pytest.mark.django_db
MONDAY = make.MONDAY
TODAY = MONDAY.date()
EARLIER = TODAY - timedelta(days=60)


def fresh(project: Project) -> Project:
    return Project.objects.select_related("node__unit", "portfolio__node", "programme__node").get(pk=project.pk)


def test_a_project_moves_to_another_portfolio_with_its_reference_and_the_past_keeps_the_old_one() -> None:
    roads = make.portfolio("Roads", ref="ROADS", effective_on=EARLIER)
    rail = make.portfolio("Rail", ref="RAIL", effective_on=EARLIER)
    bridge = make.project(roads, "Bridge", effective_on=EARLIER)
    moved_on = TODAY - timedelta(days=5)

    services.move_project(core.admin(), bridge, to=rail, now=MONDAY, effective_on=moved_on)

    found = fresh(bridge)
    assert (found.portfolio, found.node.within_id, found.ref) == (rail, rail.node_id, bridge.ref)
    with at(moved_on - timedelta(days=1)):
        assert Project.objects.get(pk=bridge.pk).portfolio_id == roads.pk
    with at(moved_on):
        assert Project.objects.get(pk=bridge.pk).portfolio_id == rail.pk
    assert LedgerEntry.objects.filter(event="core.project.moved").exists()


def test_who_sees_a_moved_project_are_those_of_the_new_place() -> None:
    roads, rail = make.portfolio("Roads"), make.portfolio("Rail")
    bridge = make.project(roads, "Bridge")
    of_roads, of_rail = core.actor("viewer", on=roads.node), core.actor("viewer", on=rail.node)

    services.move_project(core.admin(), bridge, to=rail, now=MONDAY)

    assert not queries.all_projects(of_roads).exists()
    assert queries.all_projects(of_rail).get() == bridge


@pytest.mark.parametrize("held", ["source", "destination", "project"])
def test_a_project_moves_only_by_who_may_at_both_ends(held: str) -> None:
    roads, rail = make.portfolio("Roads"), make.portfolio("Rail")
    bridge = make.project(roads, "Bridge")
    somebody = core.person()
    core.grant(somebody, "viewer", core.top())
    on = {"source": roads.node, "destination": rail.node, "project": bridge.node}[held]
    core.grant(somebody, "portfolio_manager", on)
    with pytest.raises(NotAllowed):
        services.move_project(access.actor_of(somebody, now=MONDAY), bridge, to=rail, now=MONDAY)
    assert fresh(bridge).portfolio == roads


def test_a_project_manager_takes_no_project_away() -> None:
    roads = make.portfolio("Roads")
    bridge = make.project(roads, "Bridge")
    manager = core.person()
    core.grant(manager, "project_manager", bridge.node)
    core.grant(manager, "portfolio_manager", make.portfolio("Rail").node)
    rail = Portfolio.objects.get(node__name="Rail")
    with pytest.raises(NotAllowed):
        services.move_project(access.actor_of(manager, now=MONDAY), bridge, to=rail, now=MONDAY)


def test_a_hidden_portfolio_is_no_destination() -> None:
    bridge = make.project(make.portfolio("Roads"), "Bridge")
    insider = core.actor("pmo_lead")
    hidden = services.add_portfolio(insider, name="Merger", ref="M", currency="EUR", now=MONDAY, confidential=True)
    with pytest.raises(NotFound):
        services.move_project(core.admin(), bridge, to=hidden, now=MONDAY)


def test_amounts_do_not_change_their_currency_by_a_move() -> None:
    roads = make.portfolio("Roads")
    rail = services.add_portfolio(core.admin(), name="Rail", ref="RAIL", currency="GBP", now=MONDAY)
    bridge = make.project(roads, "Bridge", facts={"approved_budget": Decimal(100)})
    with pytest.raises(Refused, match="Its amounts are in EUR, Rail counts in GBP"):
        services.move_project(core.admin(), bridge, to=rail, now=MONDAY)
    ferry = make.project(roads, "Ferry")
    services.move_project(core.admin(), ferry, to=rail, now=MONDAY)
    assert fresh(ferry).currency == "GBP"


def test_an_external_id_that_is_taken_keeps_a_project_where_it_is() -> None:
    roads, rail = make.portfolio("Roads"), make.portfolio("Rail")
    bridge = make.project(roads, "Bridge", external_id="A-1")
    make.project(rail, "Other", external_id="A-1")
    with pytest.raises(Refused, match="Other of Rail has the same external id"):
        services.move_project(core.admin(), bridge, to=rail, now=MONDAY)


def test_a_project_goes_into_a_programme_and_out_of_it() -> None:
    roads = make.portfolio("Roads")
    north = make.programme(roads, "North")
    bridge = make.project(roads, "Bridge")
    services.move_project(core.admin(), bridge, to=north, now=MONDAY)
    assert (fresh(bridge).programme, fresh(bridge).node.within_id) == (north, north.node_id)
    services.move_project(core.admin(), fresh(bridge), to=roads, now=MONDAY)
    assert (fresh(bridge).programme, fresh(bridge).node.within_id) == (None, roads.node_id)


def test_a_unit_that_one_does_not_see_is_no_place_for_a_project() -> None:
    roads = make.portfolio("Roads")
    bridge, works = make.project(roads, "Bridge"), core.unit("Works")
    manager = core.actor("project_manager", on=bridge.node)
    with pytest.raises(NotFound):
        services.move_project(manager, bridge, to=roads, unit=works, now=MONDAY)
    services.move_project(core.admin(), bridge, to=roads, unit=works, now=MONDAY)
    assert fresh(bridge).node.unit == works


def test_a_programme_takes_its_projects_along_also_those_that_are_hidden() -> None:
    roads, rail = make.portfolio("Roads"), make.portfolio("Rail")
    north = make.programme(roads, "North")
    bridge = make.project(roads, "Bridge", programme=north)
    owner = core.actor("pmo_lead")
    quiet = make.project(roads, "Quiet", programme=north, by=owner)
    services.make_confidential(owner, quiet, confidential=True, now=MONDAY)

    services.move_programme(core.admin(), north, to=rail, now=MONDAY)

    assert Programme.objects.get().portfolio == rail
    assert {fresh(project).portfolio for project in (bridge, quiet)} == {rail}
    assert Node.objects.get(pk=north.node_id).within_id == rail.node_id


def test_a_programme_moves_between_portfolios_of_one_currency() -> None:
    north = make.programme(make.portfolio("Roads"), "North")
    rail = services.add_portfolio(core.admin(), name="Rail", ref="RAIL", currency="GBP", now=MONDAY)
    with pytest.raises(Refused, match="Rail counts in GBP"):
        services.move_programme(core.admin(), north, to=rail, now=MONDAY)


@pytest.mark.parametrize("held", ["source", "destination"])
def test_a_programme_moves_only_by_who_may_at_both_portfolios(held: str) -> None:
    roads, rail = make.portfolio("Roads"), make.portfolio("Rail")
    north = make.programme(roads, "North")
    somebody = core.person()
    core.grant(somebody, "viewer", core.top())
    core.grant(somebody, "portfolio_manager", {"source": roads.node, "destination": rail.node}[held])
    with pytest.raises(NotAllowed):
        services.move_programme(access.actor_of(somebody, now=MONDAY), north, to=rail, now=MONDAY)


def test_a_portfolio_moves_to_another_unit_by_who_may_at_both() -> None:
    works, water = core.unit("Works"), core.unit("Water")
    roads = make.portfolio("Roads", unit=works)
    somebody = core.person()
    core.grant(somebody, "viewer", core.top())
    core.grant(somebody, "pmo_lead", works)
    with pytest.raises(NotAllowed, match="put this into Water"):
        services.move_portfolio(access.actor_of(somebody, now=MONDAY), roads, unit=water, now=MONDAY)
    core.grant(somebody, "pmo_lead", water)
    services.move_portfolio(access.actor_of(somebody, now=MONDAY), roads, unit=water, now=MONDAY)
    assert Node.objects.get(pk=roads.node_id).unit == water


def test_a_portfolio_with_work_under_way_does_not_end_and_without_takes_nothing_new() -> None:
    roads = make.portfolio("Roads")
    bridge = make.project(roads, "Bridge")
    with pytest.raises(Refused, match="Roads still holds Bridge"):
        services.end_place(core.admin(), roads, now=MONDAY)
    services.change_project(core.admin(), bridge, {"stage": "closed"}, now=MONDAY)

    services.end_place(core.admin(), roads, now=MONDAY)

    with pytest.raises(Refused, match="Roads has its end on 23 Nov 2026"):
        services.add_programme(core.admin(), Portfolio.objects.get(pk=roads.pk), name="N", ref="N", now=MONDAY)
    assert not queries.portfolios_to_add_to(core.admin()).exists()
    roads.node.refresh_from_db()
    services.bring_back_place(core.admin(), roads, now=MONDAY)
    assert queries.portfolios_to_add_to(core.admin()).exists()


def test_a_unit_with_work_under_way_does_not_end_and_what_is_hidden_is_not_told() -> None:
    works = core.unit("Works")
    roads = make.portfolio("Roads")
    bridge = make.project(roads, "Bridge", unit=works)
    with pytest.raises(Refused, match="Works still holds Bridge"):
        units.end_unit(core.admin(), works, now=MONDAY)
    owner = core.actor("pmo_lead")
    services.make_confidential(owner, bridge, confidential=True, now=MONDAY)
    units.end_unit(core.admin(), works, now=MONDAY)
    assert Node.objects.get(pk=works.pk).ended_on == TODAY


def test_a_renamed_programme_is_found_by_its_old_name() -> None:
    north = make.programme(make.portfolio("Roads"), "North")
    services.rename_place(core.admin(), north, name="Northern  line", now=MONDAY)
    assert Node.objects.get(pk=north.node_id).name == "Northern line"
    assert north.node.aliases.get().alias == "North"


def test_a_project_leaves_its_register_and_comes_back() -> None:
    bridge = make.project(make.portfolio("Roads"), "Bridge")
    services.take_out_project(core.admin(), bridge, now=MONDAY)
    assert not queries.projects(core.admin()).exists()
    services.bring_back_project(core.admin(), fresh(bridge), now=MONDAY)
    assert queries.projects(core.admin()).exists()


def test_whoever_names_them_sponsor_and_manager_are_two_people() -> None:
    bridge = make.project(make.portfolio("Roads"), "Bridge")
    rosa = core.person("Rosa")
    roles.give_role(core.admin(), rosa, Role.objects.get(code="sponsor"), on=bridge.node, now=MONDAY)
    with pytest.raises(Refused, match="Sponsor and manager are two people"):
        roles.give_role(core.admin(), rosa, Role.objects.get(code="project_manager"), on=bridge.node, now=MONDAY)


def test_people_inside_a_circle_say_who_else_comes_in() -> None:
    insider = core.actor("pmo_lead")
    hidden = services.add_portfolio(insider, name="Merger", ref="M", currency="EUR", now=MONDAY, confidential=True)
    inside = access.actor_of(insider.person_id, now=MONDAY)
    rosa = core.person("Rosa")
    viewer = Role.objects.get(code="viewer")
    with pytest.raises(NotFound):
        roles.give_role(core.admin(), rosa, viewer, on=hidden.node, now=MONDAY)
    roles.give_role(inside, rosa, viewer, on=hidden.node, now=MONDAY)
    assert Holding.objects.filter(node=hidden.node, person=rosa).exists()
    with pytest.raises(Refused, match="which you do not hold here"):
        roles.give_role(inside, rosa, Role.objects.get(code="administrator"), on=hidden.node, now=MONDAY)
