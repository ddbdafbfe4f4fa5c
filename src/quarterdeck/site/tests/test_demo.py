"""The demo organisation: what it shows, that it is made once, and that it stays away from people's own work."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

import pytest
from django.db import connection, transaction

from quarterdeck.core import access, jobs, ledger
from quarterdeck.core.errors import NotAllowed, NotFound, Refused
from quarterdeck.core.models import Account, Holding, Job, LedgerEntry, Node, NodeAlias, Organisation, Person, Role
from quarterdeck.core.services import accounts
from quarterdeck.core.services.roles import STANDARD
from quarterdeck.core.tests import make
from quarterdeck.core.time import at
from quarterdeck.projects import queries, rules, services
from quarterdeck.projects.models import Project, Snapshot
from quarterdeck.site.demo import catalogue, story
from quarterdeck.site.demo.build import DemoReport, build, digest
from quarterdeck.site.demo.jobs import DEMO

FIRST, SECOND = date(2025, 9, 30), date(2026, 9, 30)
SECRET = "Retail book transfer"


@pytest.fixture(scope="module")
def built(django_db_blocker: Any) -> Iterator[DemoReport]:
    """
    The demo organisation, built once for all tests of this file and taken back at the end.

    Tests marked django_db run before those that ask for it and do not see it.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield build(make.admin(), now=make.MONDAY)
        transaction.set_rollback(True)


@pytest.fixture
def undone(built: DemoReport) -> Iterator[None]:
    """Takes back what the test writes."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def admin(built: DemoReport) -> access.Actor:
    return access.actor_of_account(accounts.first_administrator(), now=make.MONDAY)


def someone(key: str) -> access.Actor:
    return access.actor_of(Person.objects.get(email=f"{key}@tarnholm.example"), now=make.MONDAY)


def current(actor: access.Actor) -> list[Project]:
    return list(queries.projects(actor))


def names_of(found: list[Project]) -> set[str]:
    return {each.name for each in found}


def late(project: Project) -> int | None:
    return rules.months_late(project.baseline_finish, project.forecast_finish)


def growth(project: Project) -> Decimal | None:
    return rules.growth(project.approved_budget, project.forecast_cost)


@pytest.mark.django_db
def test_it_is_refused_beside_projects_of_ones_own() -> None:
    own = make.admin()
    services.add_portfolio(own, name="Ours", ref="OURS", currency="EUR", now=make.MONDAY)

    with pytest.raises(Refused, match="projects of your own"):
        build(own, now=make.MONDAY)

    assert not Organisation.objects.get().is_demo
    assert Organisation.objects.get().name == "Norhaven"
    assert Person.objects.count() == 1


@pytest.mark.django_db
def test_it_is_refused_beside_units_of_ones_own() -> None:
    make.unit("Our unit")

    with pytest.raises(Refused, match="units of your own"):
        build(make.admin(), now=make.MONDAY)

    assert not Project.objects.exists()


@pytest.mark.django_db
def test_who_may_not_manage_the_organisation_does_not_build_it() -> None:
    analyst = make.actor("pmo_analyst")

    with pytest.raises(NotAllowed):
        build(analyst, now=make.MONDAY)

    assert not Organisation.objects.get().is_demo


def test_the_same_seed_tells_the_same_story_and_another_one_another() -> None:
    told = story.tell(2026, make.MONDAY.date())

    assert digest(told) == digest(story.tell(2026, make.MONDAY.date()))
    assert digest(told) != digest(story.tell(7, make.MONDAY.date()))


@pytest.mark.parametrize(
    ("today", "days"),
    [
        (date(2026, 11, 23), (FIRST, SECOND)),
        (date(2026, 10, 1), (FIRST, SECOND)),
        (date(2026, 9, 30), (date(2024, 9, 30), FIRST)),
        (date(2026, 2, 28), (date(2024, 9, 30), FIRST)),
    ],
)
def test_the_snapshots_are_of_the_last_two_autumns(today: date, days: tuple[date, date]) -> None:
    told = story.tell(2026, today)

    assert (told.first, told.second) == days
    assert max(report.on for each in told.projects for report in each.reports) == told.second


def test_every_seed_gives_a_portfolio_of_the_same_shape() -> None:
    for seed in range(40):
        told = story.tell(seed, make.MONDAY.date())
        last = [each.reports[-1].facts for each in told.projects if each.left is None]
        assert (told.in_register(told.first), told.in_register(told.second)) == (58, 60), seed
        assert Counter(facts["confidence"] for facts in last) == {"G": 16, "AG": 16, "A": 15, "AR": 9, "R": 4}, seed


def test_there_are_three_divisions_four_programmes_and_sixty_projects(built: DemoReport, admin: access.Actor) -> None:
    top = Node.objects.get(kind="unit", unit__isnull=True)

    assert top.name == "Tarnholm Group"
    assert Organisation.objects.get().is_demo
    assert set(top.unit_children.filter(kind="unit").values_list("name", flat=True)) == {
        "Energy Networks",
        "Water Services",
        "Customer & Digital",
    }
    assert queries.programmes(admin).count() == 4
    assert len(current(admin)) == 60
    assert (built.divisions, built.programmes, built.projects, built.people) == (3, 4, 60, 27)


def test_the_earlier_snapshot_had_58_projects_of_which_four_left_and_six_are_new(
    built: DemoReport, admin: access.Actor
) -> None:
    now = names_of(current(admin))
    with at(FIRST):
        then = names_of(current(admin))
    with at(SECOND):
        at_second = names_of(current(admin))

    assert (len(then), len(at_second)) == (58, 60)
    assert at_second == now
    renamed = {"Asset master data clean-up": "Grid asset register"}
    kept = {renamed.get(name, name) for name in then}
    assert (len(now - kept), len(kept - now)) == (6, 4)
    assert list(Snapshot.objects.order_by("on").values_list("on", "rows")) == [(FIRST, 58), (SECOND, 60)]


def test_a_snapshot_shows_the_same_as_known_when_it_was_recorded(built: DemoReport, admin: access.Actor) -> None:
    for snapshot in Snapshot.objects.all():
        with at(snapshot.on, snapshot.known_at):
            assert len(current(admin)) == snapshot.rows


def test_the_headlines_are_those_of_a_portfolio_in_some_trouble(built: DemoReport, admin: access.Actor) -> None:
    found = current(admin)
    priced = [each for each in found if each.forecast_cost is not None]
    dated = [months for each in found if (months := late(each)) is not None]
    total = rules.growth(
        sum((each.approved_budget for each in priced), Decimal()),
        sum((each.forecast_cost for each in priced), Decimal()),
    )
    broken = [
        (each.confidence in ("AR", "R")) + ((late(each) or 0) >= 6) + ((growth(each) or 0) >= Decimal("0.1"))
        for each in found
    ]

    assert Counter(each.confidence for each in found) == {"G": 16, "AG": 16, "A": 15, "AR": 9, "R": 4}
    assert total is not None
    assert Decimal("0.045") < total < Decimal("0.057")
    assert (sum(months > 0 for months in dated), len(dated)) == (39, 57)
    assert median(months for months in dated if months > 0) == 3
    assert sum(count >= 2 for count in broken) == 12


def test_who_is_worse_off_is_later_and_dearer(built: DemoReport, admin: access.Actor) -> None:
    slips = {
        word: [months for each in current(admin) if each.confidence == word and (months := late(each)) is not None]
        for word in ("G", "AG", "A", "AR", "R")
    }
    averages = [sum(months) / len(months) for months in slips.values()]

    assert averages == sorted(averages)


def test_a_few_rows_are_stale_incomplete_or_contradictory(built: DemoReport, admin: access.Actor) -> None:
    found = current(admin)

    stale = [each for each in found if each.effective_on == FIRST]
    no_cost = [each for each in found if each.forecast_cost is None]
    no_baseline = [each for each in found if each.baseline_finish is None]
    backwards = [each for each in found if each.forecast_finish < each.forecast_start]
    overspent = [each for each in found if each.forecast_cost is not None and each.spent > each.forecast_cost]
    assert [len(rows) for rows in (stale, no_cost, no_baseline, backwards, overspent)] == [4, 2, 3, 1, 2]
    assert sum("forecast_cost" in each.unknown for each in no_cost) == 1
    assert all(each.unknown["baseline_finish"] for each in no_baseline)
    assert sum(each.tier_provisional for each in found) == 6
    assert {each.tier for each in found} == {1, 2, 3}


def test_every_standard_role_is_held_by_somebody_since_before_the_first_snapshot(
    built: DemoReport, admin: access.Actor
) -> None:
    with at(FIRST):
        held = set(Holding.objects.filter(from_on__lte=FIRST).values_list("role__code", flat=True))

    # The administrator founded the installation today.
    assert held == set(STANDARD) - {"administrator"}
    assert Holding.objects.filter(role__code="administrator", to_on=None).exists()
    assert Account.objects.filter(email__endswith="@tarnholm.example").count() == 11


def test_every_project_has_a_sponsor_and_a_manager_then_and_now(built: DemoReport, admin: access.Actor) -> None:
    for day in (FIRST, SECOND):
        with at(day):
            for each in queries.projects_with_holders(admin):
                assert each.sponsor_name, each.name
                assert each.manager_name, each.name
                assert each.sponsor_name != each.manager_name


def test_a_unit_and_a_project_were_renamed_and_stay_the_same_thing(built: DemoReport) -> None:
    with at(FIRST):
        unit = Node.objects.get(kind="unit", ref="CD-DP").name
        project = Node.objects.get(kind="project", name="Asset master data clean-up")

    assert unit == "Information Technology"
    assert Node.objects.get(kind="unit", ref="CD-DP").name == "Digital Platforms"
    assert Node.objects.get(pk=project.pk).name == "Grid asset register"
    assert set(NodeAlias.objects.values_list("alias", flat=True)) == {
        "Information Technology",
        "Asset master data clean-up",
    }


def test_some_sponsors_and_managers_changed_between_the_snapshots(built: DemoReport, admin: access.Actor) -> None:
    with at(FIRST):
        then = {each.pk: (each.sponsor_name, each.manager_name) for each in queries.projects_with_holders(admin)}
    changed = Counter[str]()
    for each in queries.projects_with_holders(admin):
        if each.pk in then:
            changed["sponsor"] += each.sponsor_name != then[each.pk][0]
            changed["manager"] += each.manager_name != then[each.pk][1]

    assert changed == {"sponsor": 2, "manager": 3}


def test_a_project_that_fell_tells_its_quarters(built: DemoReport, admin: access.Actor) -> None:
    fallen = queries.projects(admin).filter(confidence="R").first()
    assert fallen is not None

    days = {change.effective_on for change in queries.changes_of(admin, fallen) if change.field == "forecast_finish"}

    assert days == {date(2025, 12, 31), date(2026, 3, 31), date(2026, 6, 30), SECOND}


def test_the_confidential_project_is_seen_by_its_circle_only(built: DemoReport, undone: None) -> None:
    secret = Node.objects.get(kind="project", name=SECRET)
    lead = someone("dagny")

    assert SECRET not in names_of(list(queries.projects(lead)))
    assert queries.projects(lead).count() == 59
    with pytest.raises(NotFound):
        queries.project(lead, secret.ref)
    for key in ("birgit", "willem"):
        assert queries.project(someone(key), secret.ref).name == SECRET

    make.grant(lead.person, "viewer", secret)
    assert queries.project(someone("dagny"), secret.ref).name == SECRET
    assert queries.projects(someone("dagny")).count() == 60


def test_a_project_manager_sees_their_own_projects_only(built: DemoReport) -> None:
    joris = someone("joris")

    own = Holding.objects.filter(person_id=joris.person_id, role__code="project_manager", to_on=None)
    assert set(queries.all_projects(joris).values_list("node_id", flat=True)) == set(
        own.values_list("node_id", flat=True)
    )


def test_made_again_it_changes_nothing_and_says_so(built: DemoReport, admin: access.Actor, undone: None) -> None:
    counted = [Node, Person, Account, Holding, Project, Snapshot, Role, LedgerEntry]
    before = [model._default_manager.count() for model in counted]

    again = build(admin, now=make.MONDAY, seed=7)

    assert not again.made
    assert again.message == "The demo organisation is here already. Nothing was changed."
    assert (again.seed, again.digest, again.snapshots) == (2026, built.digest, (FIRST, SECOND))
    assert [model._default_manager.count() for model in counted] == before


def test_one_ledger_entry_holds_the_digest_and_the_chain_holds(built: DemoReport, undone: None) -> None:
    entry = LedgerEntry.objects.get(event="site.demo.built")
    assert built.digest == digest(story.tell(2026, make.MONDAY.date()))
    assert f'"digest":"{built.digest}"' in entry.entry

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert ledger.verify()["problems"] == []


def test_no_name_of_a_person_is_written_into_ledger_or_narratives(built: DemoReport, admin: access.Actor) -> None:
    texts = [*LedgerEntry.objects.values_list("entry", flat=True), *(each.narrative for each in current(admin))]

    assert [name for name in (each.name for each in catalogue.PEOPLE) if any(name in text for text in texts)] == []


def test_the_job_ends_at_the_first_page(built: DemoReport, admin: access.Actor, undone: None) -> None:
    job = Job(kind=DEMO, label="Demo", person_id=admin.person_id, arguments={})

    result = jobs.KINDS[DEMO](job, admin, jobs.Progress(0), make.MONDAY)

    assert result.url == "/"
    assert result.facts["projects"] == 60
    assert result.message == "The demo organisation is here already. Nothing was changed."
