"""What an import may touch of confidential projects, and what its report tells of them."""

from datetime import date

import pytest

from quarterdeck.core import access, store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotAllowed, NotFound, Refused
from quarterdeck.core.models import Holding, Role
from quarterdeck.core.tests import make as core
from quarterdeck.exchange import queries
from quarterdeck.exchange.tests import make
from quarterdeck.exchange.tests.make import MARCH_26, MONDAY
from quarterdeck.projects import services as project_services
from quarterdeck.projects.models import Portfolio, Project, Snapshot
from quarterdeck.projects.tests import make as projects

pytestmark = pytest.mark.django_db


@pytest.fixture
def roads() -> Portfolio:
    """A portfolio of two projects from a register, the second confidential."""
    of = projects.portfolio("Roads", "ROADS")
    make.imported(into=of)
    secret = Project.objects.select_related("node", "portfolio__node").get(external_id="A2")
    project_services.make_confidential(core.admin(), secret, confidential=True, now=MONDAY)
    return of


def manager_who_is_also(role: str, of: Portfolio, external_id: str) -> Actor:
    """The portfolio manager, who holds a role inside the circle of one project too."""
    person = core.person()
    core.grant(person, "portfolio_manager", of.node)
    core.grant(person, role, Project.objects.get(external_id=external_id).node)
    return access.actor_of(person, now=MONDAY)


def test_who_only_reads_a_confidential_project_does_not_change_it_by_import(roads: Portfolio) -> None:
    sponsor = manager_who_is_also("sponsor", roads, "A2")
    content = make.register("A1,Bridge,Roads,Green,2027-03-31,10,first", "A2,Mine now,Roads,Red,2030-01-01,99,x")

    found = make.imported(content, sponsor, into=roads, as_of=MARCH_26)
    make.imported(make.register("A1,Bridge,Roads,Green,2027-03-31,10,first"), sponsor, into=roads, as_of=MARCH_26)

    assert make.outcomes(found)["A2"] == "refused"
    secret = Project.objects.select_related("node", "portfolio__node").get(external_id="A2")
    assert (secret.node.name, secret.confidence, secret.left_on) == ("Tunnel", "A", None)
    for act in (
        lambda: projects.recorded(roads, MARCH_26, "A2", "Mine now", by=sponsor, confidence="R"),
        lambda: project_services.leave_register(sponsor, secret, on=MARCH_26, now=MONDAY, reason=""),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_who_does_not_see_a_confidential_project_gets_no_answer_about_it(roads: Portfolio) -> None:
    with pytest.raises(NotFound):
        projects.recorded(roads, MARCH_26, "A2", "Mine now", by=core.actor("pmo_lead"), confidence="R")


def test_who_may_change_a_confidential_project_lets_nobody_into_its_circle_by_import(roads: Portfolio) -> None:
    own = manager_who_is_also("project_manager", roads, "A2")
    friend = core.person("Fiona Friend")
    header = "Project ID,Project Name,Sponsor"
    content = make.register("A1,Bridge,Fiona Friend", "A2,Tunnel,Fiona Friend", header=header)

    found = make.imported(content, own, into=roads, as_of=MARCH_26)

    assert [item["code"] for item in found.rows.get(external_id="A2").problems] == ["may_not_name"]
    held = Holding.objects.filter(person=friend).values_list("node__project__external_id", flat=True)
    assert list(held) == ["A1"]


def test_nobody_gives_by_naming_what_they_do_not_hold(roads: Portfolio) -> None:
    role = Role.objects.get(code="sponsor")
    role.rights = [*role.rights, "core.see_ledger"]
    store.save(role, core.why(), fields=["rights"])
    manager = core.actor("portfolio_manager", on=roads.node)
    friend = core.person("Fiona Friend")
    bridge = Project.objects.select_related("node").get(external_id="A1")

    with pytest.raises(Refused, match="you do not hold here"):
        project_services.name_holder(manager, bridge, "sponsor", friend, now=MONDAY)
    content = make.register("A1,Bridge,Fiona Friend", header="Project ID,Project Name,Sponsor")
    found = make.imported(content, manager, into=roads, as_of=MARCH_26)

    assert [item["code"] for item in found.rows.get(external_id="A1").problems] == ["may_not_name"]
    assert not Holding.objects.filter(person=friend).exists()


def test_nobody_puts_a_project_into_a_hidden_programme_of_which_they_see_one_project(roads: Portfolio) -> None:
    admin = core.admin()
    shut = project_services.add_programme(admin, roads, name="Merger", ref="MG", now=MONDAY, confidential=True)
    inside = projects.project(roads, "Inside", programme=shut)
    person = core.person()
    core.grant(person, "portfolio_manager", roads.node)
    core.grant(person, "project_manager", inside.node)
    manager = access.actor_of(person, now=MONDAY)

    with pytest.raises(NotFound):
        projects.project(roads, "Slipped in", programme=shut, by=manager)
    content = make.register("A1,Bridge,Merger", header="Project ID,Project Name,Programme")
    make.imported(content, manager, into=roads, as_of=MARCH_26)
    programme = Project.objects.get(external_id="A1").programme
    assert programme is not None
    assert programme != shut


def test_a_report_neither_names_nor_counts_what_is_hidden_from_its_readers(roads: Portfolio) -> None:
    insider = core.admin()
    for key in ("A1", "A2"):
        row = Project.objects.select_related("node", "portfolio__node").get(external_id=key)
        project_services.change_project(insider, row, {"category": "Changed since"}, now=MONDAY)
    found = make.imported(insider_register(), insider, into=roads, as_of=date(2026, 10, 31))

    assert [item["details"]["count"] for item in found.problems if item["code"] == "changed_since"] == ["1"]
    hidden = Project.objects.get(external_id="A2").node.ref
    assert hidden not in str(found.problems)
    assert Snapshot.objects.latest("pk").rows == 1
    assert queries.tally(core.actor("pmo_lead"), found)["total"] == 1


def insider_register() -> bytes:
    return make.register("A1,Bridge,Roads,Amber,2027-03-31,10,x", "A2,Tunnel,Roads,Red,2028-03-31,20,x")
