"""Who may import what where; who may not changes nothing and learns nothing."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotAllowed, NotFound, Refused
from quarterdeck.core.models import Node, Person
from quarterdeck.core.tests import make as core
from quarterdeck.exchange import forms, queries, services
from quarterdeck.exchange.models import Import
from quarterdeck.exchange.tests import make
from quarterdeck.exchange.tests.make import MARCH_25, MARCH_26, MONDAY
from quarterdeck.projects import queries as project_queries
from quarterdeck.projects import services as project_services
from quarterdeck.projects.models import Portfolio, Programme, Project
from quarterdeck.projects.tests import make as projects

pytestmark = pytest.mark.django_db

Act = Callable[[Actor, Import, Import], object]
ACTS: list[tuple[str, Act]] = [
    ("upload", lambda actor, shown, own: make.uploaded(by=actor, into=shown.portfolio)),
    ("choose", lambda actor, shown, own: services.choose_table(actor, shown, sheet="", header_line=1, now=MONDAY)),
    (
        "map",
        lambda actor, shown, own: services.map_columns(
            actor, shown, services.mapping_of(shown), as_of=MARCH_25, now=MONDAY
        ),
    ),
    ("look", lambda actor, shown, own: services.start_preview(actor, shown, now=MONDAY)),
    ("import", lambda actor, shown, own: services.start_import(actor, shown, now=MONDAY)),
    (
        "do",
        lambda actor, shown, own: services.import_all(actor, shown, expected=shown.digest, now=MONDAY),
    ),
    ("abandon", lambda actor, shown, own: services.abandon(actor, shown, now=MONDAY)),
    (
        "keep",
        lambda actor, shown, own: services.save_mapping(actor, "Roads", services.mapping_of(shown), now=MONDAY),
    ),
]
ROLES = {
    "administrator": True, "pmo_lead": True, "pmo_analyst": True, "portfolio_manager": True, "programme_manager": False,
    "sponsor": False, "project_manager": False, "board_member": False, "finance_partner": False, "auditor": False,
    "viewer": False, "": False,
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("name", "act"), ACTS, ids=[name for name, _act in ACTS])
def test_each_act_needs_the_right_to_import_at_the_portfolio(role: str, name: str, act: Act) -> None:
    of = projects.portfolio("Roads", "ROADS")
    # No units and people, so that the rows come to the same for everybody.
    shown = make.previewed(make.register("A1,Bridge", header="Project ID,Project Name"), into=of)
    actor = core.actor(role, on=of.node)
    # As if the actor had made it while they held a role that let them.
    Import.objects.filter(pk=shown.pk).update(person_id=actor.person_id)
    shown.refresh_from_db()
    before = make.everything()

    if ROLES[role]:
        act(actor, shown, shown)
    else:
        with pytest.raises((NotAllowed, NotFound)):
            act(actor, shown, shown)
        assert make.everything() == before
        assert Import.objects.get(pk=shown.pk).state == "previewed"


@pytest.mark.parametrize(("role", "allowed"), [("pmo_lead", True), ("pmo_analyst", False), ("viewer", False)])
def test_making_a_portfolio_by_import_needs_the_right_at_the_top(role: str, allowed: bool) -> None:
    actor = core.actor(role)
    before = make.everything()
    if allowed:
        make.uploaded(by=actor)
        return
    with pytest.raises(NotAllowed):
        make.uploaded(by=actor)
    assert make.everything() == before


def test_an_analyst_brings_rows_in_and_the_words_nobody_knows_are_listed() -> None:
    of = projects.portfolio("Roads", "ROADS")
    core.unit("Streets")
    analyst = core.actor("pmo_analyst")
    header = "Project ID,Project Name,Department,Programme,Sponsor"
    content = make.register("A1,Bridge,Streets,,", "A2,Tunnel,Nowhere,No programme,Nobody", header=header)
    counts = Node.objects.filter(kind="unit").count(), Person.objects.count()

    found = make.imported(content, analyst, into=of)

    assert [(i["line"], i["column"], i["code"]) for row in found.rows.order_by("line") for i in row.problems] == [
        (3, "Department", "unknown_unit"),
        (3, "Programme", "unknown_programme"),
        (3, "Sponsor", "may_not_name"),
    ]
    assert (Node.objects.filter(kind="unit").count(), Person.objects.count()) == counts
    assert Programme.objects.count() == 0
    units = {p.external_id: p.node.unit.name if p.node.unit else "" for p in project_queries.all_projects(core.admin())}
    assert units == {"A1": "Streets", "A2": ""}


def test_a_portfolio_of_others_in_the_form_is_refused_like_one_that_does_not_exist() -> None:
    own, foreign = projects.portfolio("Own", "OWN"), projects.portfolio("Foreign", "FOREIGN")
    analyst = core.actor("pmo_analyst", on=own.node)

    def errors(portfolio: int) -> object:
        file = SimpleUploadedFile("register.csv", make.TWO)
        form = forms.Upload({"portfolio": str(portfolio)}, {"file": file}, actor=analyst, may_make=False)
        assert not form.is_valid()
        return form.errors.get_json_data()

    assert errors(foreign.pk) == errors(99_999_999)


@pytest.mark.parametrize(("name", "act"), ACTS[1:-1], ids=[name for name, _act in ACTS[1:-1]])
def test_nobody_acts_on_what_somebody_else_is_bringing_in(name: str, act: Act) -> None:
    """Else they would map the column away that marks a row as confidential, or come into its circle by importing it."""
    of = projects.portfolio("Roads", "ROADS")
    shown = make.previewed(make.register("A1,Bridge", header="Project ID,Project Name"), into=of)
    colleague = core.actor("pmo_lead")
    before = make.everything()
    with pytest.raises(NotFound):
        act(colleague, shown, shown)
    assert make.everything() == before
    assert Import.objects.get().state == "previewed"


def test_imports_are_seen_by_who_makes_them_and_once_imported_by_those_who_may_import_there() -> None:
    of = projects.portfolio("Roads", "ROADS")
    maker, colleague = core.actor("pmo_analyst", on=of.node), core.actor("portfolio_manager", on=of.node)
    outsider, viewer = core.actor("pmo_analyst", on=projects.portfolio("Other").node), core.actor("viewer")
    found = make.previewed(by=maker, into=of)
    everybody = (maker, colleague, outsider, viewer, core.actor())
    for seen_by in ({maker.person_id}, {maker.person_id, colleague.person_id}):
        for actor in everybody:
            assert queries.imports(actor).filter(pk=found.pk).exists() is (actor.person_id in seen_by)
            if actor.person_id not in seen_by:
                with pytest.raises(NotFound):
                    queries.import_of(actor, found.uid)
        services.import_all(maker, found, expected=found.digest, now=MONDAY)


def test_a_mapping_is_kept_under_a_name_that_can_be_read() -> None:
    found = make.uploaded()
    kept = services.save_mapping(core.admin(), " Ro\x00ads \n 2026\u202e", services.mapping_of(found), now=MONDAY)
    assert kept.name == "Roads 2026"
    mapped = services.map_columns(
        core.admin(), found, services.mapping_of(found), as_of=MARCH_25, called="Ro\x00ads", now=MONDAY
    )
    assert mapped.mapping_name == "Roads"


def test_who_lost_the_portfolio_lost_the_imports_they_made() -> None:
    of = projects.portfolio("Roads", "ROADS")
    person = core.person()
    holding = core.grant(person, "pmo_analyst", of.node)
    make.imported(into=of, by=core.access.actor_of(person, now=MONDAY))
    holding.delete()
    assert not queries.imports(core.access.actor_of(person, now=MONDAY)).exists()


def test_a_confidential_row_is_seen_by_its_circle_only_and_counted_by_it_only() -> None:
    of = projects.portfolio("Roads", "ROADS")
    lead = core.actor("pmo_lead")
    header = "Project ID,Project Name,Confidential"
    content = make.register("A1,Bridge,no", "A2,Secret tunnel,yes", header=header)
    shown = make.previewed(content, into=of)
    assert queries.tally(lead, shown)["total"] == 1
    assert queries.tally(core.admin(), shown)["total"] == 2

    done = services.import_all(core.admin(), shown, expected=shown.digest, now=MONDAY)

    assert [row.name for row in queries.rows_of(lead, done)] == ["Bridge"]
    assert [row.name for row in queries.rows_of(core.admin(), done)] == ["Bridge", "Secret tunnel"]
    assert [p.name for p in project_queries.projects(lead)] == ["Bridge"]
    assert queries.listed_imports(lead).get().seen_rows == 1  # type: ignore[attr-defined]


def test_who_does_not_see_a_project_neither_changes_it_by_import_nor_makes_it_leave() -> None:
    of = projects.portfolio("Roads", "ROADS")
    make.imported(into=of)
    secret = project_queries.all_projects(core.admin()).get(external_id="A2")
    project_services.make_confidential(core.admin(), secret, confidential=True, now=MONDAY)
    lead = core.actor("pmo_lead")

    content = make.register("A1,Bridge,Roads,Green,2027-03-31,10,x", "A2,Overwritten,Roads,Red,2030-01-01,99,x")
    found = make.imported(content, lead, into=of, as_of=MARCH_26)
    row = found.rows.get(external_id="A2")
    assert (row.outcome, row.project, [item["code"] for item in row.problems]) == ("refused", None, ["no_access"])
    make.imported(make.register("A1,Bridge,Roads,Green,2027-03-31,10,x"), lead, into=of, as_of=MARCH_26)

    after = Project.objects.select_related("node").get(pk=secret.pk)
    assert (after.node.name, after.confidence, after.left_on) == ("Tunnel", "A", None)


def test_who_does_not_manage_the_portfolio_brings_no_confidential_row_in() -> None:
    of = projects.portfolio("Roads", "ROADS")
    content = make.register("A1,Bridge,yes", header="Project ID,Project Name,Confidential")
    found = make.imported(content, core.actor("pmo_analyst"), into=of)
    assert (found.counts["refused"], Project.objects.count()) == (1, 0)


def test_who_brings_a_confidential_project_in_stays_in_its_circle() -> None:
    of = projects.portfolio("Roads", "ROADS")
    manager = core.actor("portfolio_manager", on=of.node)
    content = make.register("A1,Bridge,yes", header="Project ID,Project Name,Confidential")
    make.imported(content, manager, into=of)
    again = core.access.actor_of(manager.person_id, now=MONDAY)
    assert project_queries.projects(again).count() == 1
    assert project_queries.projects(core.admin()).count() == 0


def test_a_right_that_ended_before_the_job_ran_stops_the_import() -> None:
    of = projects.portfolio("Roads", "ROADS")
    person = core.person()
    holding = core.grant(person, "pmo_analyst", of.node)
    actor = core.access.actor_of(person, now=MONDAY)
    shown = make.previewed(by=actor, into=of)
    holding.delete()
    with pytest.raises(Refused):
        services.import_all(core.access.actor_of(person, now=MONDAY), shown, expected=shown.digest, now=MONDAY)
    assert (Import.objects.get().state, Project.objects.count(), Portfolio.objects.count()) == ("previewed", 0, 1)
