"""Projects are added, changed and recorded from files."""

from datetime import date
from decimal import Decimal

import pytest

from quarterdeck.core import access
from quarterdeck.core.errors import Conflict, NotAllowed, NotFound, Refused
from quarterdeck.core.models import Holding, LedgerEntry, Node
from quarterdeck.core.tests import make as core
from quarterdeck.core.time import at
from quarterdeck.projects import queries, services
from quarterdeck.projects.models import Project
from quarterdeck.projects.tests import make

pytestmark = pytest.mark.django_db

MARCH_22, MARCH_23 = date(2022, 3, 31), date(2023, 3, 31)


def test_references_run_on_in_each_portfolio_by_itself() -> None:
    first, second = make.portfolio("First"), make.portfolio("Second")
    refs = [make.project(first).ref, make.project(second).ref, make.project(first).ref]
    assert refs == ["N1-0001", "N2-0001", "N1-0002"]


def test_a_project_knows_its_tier_and_says_when_it_is_provisional() -> None:
    project = make.project(facts={"forecast_cost": Decimal(30_000_000)})
    assert (project.tier, project.tier_provisional) == (4, True)


def test_a_file_updates_the_project_it_named_before_and_the_past_stays() -> None:
    portfolio = make.portfolio(effective_on=MARCH_22)
    make.recorded(portfolio, MARCH_22, whole_life_cost=Decimal(100), confidence="A")
    outcome = make.recorded(portfolio, MARCH_23, whole_life_cost=Decimal(130), confidence="R")

    assert outcome.result == "updated"
    assert outcome.changes["whole_life_cost"] == (Decimal(100), Decimal(130))
    admin = core.admin()
    with at(MARCH_22):
        then = queries.projects(admin).get()
        assert (then.whole_life_cost, then.confidence) == (100, "A")
    assert queries.projects(admin).get().confidence == "R"


def test_the_same_file_again_changes_nothing() -> None:
    portfolio = make.portfolio()
    make.recorded(portfolio, MARCH_22, confidence="A")
    version = Project.objects.get().version
    assert make.recorded(portfolio, MARCH_22, confidence="A").result == "unchanged"
    assert Project.objects.get().version == version


def test_a_file_of_an_earlier_day_adds_to_the_past_and_leaves_the_present() -> None:
    portfolio = make.portfolio(effective_on=MARCH_23)
    make.recorded(portfolio, MARCH_23, name="New name", confidence="R", forecast_finish=date(2027, 1, 1))
    make.recorded(portfolio, MARCH_22, name="Old name", confidence="G")

    admin = core.admin()
    now = queries.projects(admin).get()
    assert (now.name, now.confidence) == ("New name", "R")
    with at(MARCH_22):
        then = queries.projects(admin).get()
        assert (then.name, then.confidence) == ("Old name", "G")


def test_a_renamed_project_is_the_same_project() -> None:
    portfolio = make.portfolio()
    make.recorded(portfolio, MARCH_22, name="Digital Identity")
    make.recorded(portfolio, MARCH_23, name="One Login")
    assert [p.name for p in Project.objects.select_related("node")] == ["One Login"]
    changes = queries.changes_of(core.admin(), queries.projects_with_holders(core.admin()).get())
    assert [(c.field, c.before, c.after) for c in changes] == [("name", "Digital Identity", "One Login")]


def test_a_project_that_left_is_kept_and_comes_back_with_the_next_file_that_has_it() -> None:
    portfolio = make.portfolio(effective_on=MARCH_22)
    project = make.recorded(portfolio, MARCH_22).project
    services.leave_register(core.admin(), project, on=MARCH_23, now=make.MONDAY, reason="register.csv")
    assert not queries.projects(core.admin()).exists()
    assert queries.projects_that_left(core.admin()).get() == project

    outcome = make.recorded(portfolio, date(2024, 3, 31))
    assert outcome.changes["left_on"] == (MARCH_23, None)
    assert queries.projects(core.admin()).exists()


def test_a_file_of_an_earlier_day_brings_back_who_left_on_that_day() -> None:
    portfolio = make.portfolio(effective_on=MARCH_22)
    project = make.recorded(portfolio, MARCH_22, category="IT").project
    services.leave_register(core.admin(), project, on=MARCH_22, now=make.MONDAY, reason="register.csv")
    make.recorded(portfolio, MARCH_23, category="IT")
    make.recorded(portfolio, MARCH_22, category="IT")
    admin = core.admin()
    with at(MARCH_22):
        assert queries.projects(admin).get().left_on is None


def test_an_unknown_fact_keeps_its_reason_until_somebody_enters_it() -> None:
    portfolio = make.portfolio()
    project = make.recorded(
        portfolio, MARCH_22, forecast_finish=None, unknown={"forecast_finish": "In the file: “Exempt”."}
    ).project
    assert project.unknown == {"forecast_finish": "In the file: “Exempt”."}

    services.change_project(core.admin(), project, {"forecast_finish": date(2027, 1, 1)}, now=make.MONDAY)
    assert Project.objects.get().unknown == {}


def test_who_may_not_change_a_project_changes_nothing() -> None:
    project = make.project()
    viewer, stranger = core.actor("viewer", on=project.node), core.actor()
    before = Project.objects.get().version, LedgerEntry.objects.count()

    with pytest.raises(NotAllowed, match="Change the facts"):
        services.change_project(viewer, project, {"category": "IT"}, now=make.MONDAY)
    with pytest.raises(NotFound):
        services.change_project(stranger, project, {"category": "IT"}, now=make.MONDAY)
    assert (Project.objects.get().version, LedgerEntry.objects.count()) == before


def test_two_people_who_change_one_project_do_not_overwrite_each_other() -> None:
    pk = make.project().pk
    mine, theirs = (queries.all_projects(core.admin()).get(pk=pk) for _ in range(2))
    services.change_project(core.admin(), theirs, {"category": "Theirs"}, now=make.MONDAY)
    with pytest.raises(Conflict):
        services.change_project(core.admin(), mine, {"category": "Mine"}, now=make.MONDAY)
    assert Project.objects.get().category == "Theirs"


def test_actual_dates_in_the_wrong_order_are_refused_with_their_field() -> None:
    project = make.project()
    with pytest.raises(Refused) as refusal:
        services.change_project(
            core.admin(),
            project,
            {"actual_start": date(2026, 2, 1), "actual_finish": date(2026, 1, 1)},
            now=make.MONDAY,
        )
    assert list(refusal.value.fields) == ["actual_finish"]
    assert Project.objects.get().actual_start is None


def test_sponsor_and_manager_are_two_people_and_the_next_sponsor_follows_the_last() -> None:
    project = make.project()
    first, second = core.person("First"), core.person("Second")
    services.name_holder(core.admin(), project, "sponsor", first, now=make.MONDAY)
    with pytest.raises(Refused, match="two people"):
        services.name_holder(core.admin(), project, "manager", first, now=make.MONDAY)
    services.name_holder(core.admin(), project, "sponsor", second, now=make.MONDAY)

    assert queries.project(core.admin(), project.ref).sponsor_name == "Second"  # type: ignore[attr-defined]
    assert Holding.objects.filter(role__code="sponsor").count() == 2


def test_a_manager_of_one_project_sees_exactly_that_project() -> None:
    portfolio = make.portfolio()
    mine, other = make.project(portfolio, "Mine"), make.project(portfolio, "Other")
    someone = core.person()
    services.name_holder(core.admin(), mine, "manager", someone, now=make.MONDAY)
    manager = access.actor_of(someone, now=make.MONDAY)

    assert [p.name for p in queries.projects(manager)] == ["Mine"]
    assert [p.name for p in queries.portfolios(manager)] == ["Norhaven IT"]
    with pytest.raises(NotFound):
        queries.project(manager, other.ref)


def test_a_confidential_portfolio_does_not_exist_for_those_outside_even_for_the_lead() -> None:
    lead = core.actor("pmo_lead")
    secret = make.portfolio("Secret", confidential=True)
    project = make.project(secret, "Hidden")

    assert [p.name for p in queries.projects(core.admin())] == ["Hidden"]
    assert not queries.projects(lead).exists()
    assert not queries.portfolios(lead).exists()
    with pytest.raises(NotFound):
        queries.project(lead, project.ref)


def test_a_project_made_confidential_keeps_its_circle_and_leaves_everybody_else_out() -> None:
    project = make.project()
    lead = core.actor("pmo_lead")
    assert queries.projects(lead).exists()

    services.make_confidential(core.admin(), project, confidential=True, now=make.MONDAY)

    assert not queries.projects(lead).exists()
    assert queries.projects(core.admin()).exists()
    assert Node.objects.get(pk=project.node_id).confidential


def test_the_past_is_shown_under_the_rights_of_today() -> None:
    portfolio = make.portfolio(effective_on=MARCH_22)
    project = make.recorded(portfolio, MARCH_22).project
    lead = core.actor("pmo_lead")
    with at(MARCH_22):
        assert queries.projects(lead).exists()
    services.make_confidential(core.admin(), project, confidential=True, now=make.MONDAY)
    with at(MARCH_22):
        assert not queries.projects(lead).exists()
