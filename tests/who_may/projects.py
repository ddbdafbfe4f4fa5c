"""Portfolios, programmes and projects."""

from quarterdeck.core.rights import ATTACH, COMMENT, SEE_ORGANISATION
from quarterdeck.projects import services
from quarterdeck.projects.models import Portfolio, Project
from quarterdeck.projects.rights import ADD_PROJECT, CHANGE_PROJECT, MANAGE_PORTFOLIO, SEE_PROJECT
from quarterdeck.projects.services import places
from quarterdeck.projects.services import projects as one_by_one
from tests.who_may.row import Row
from tests.who_may.world import NOW, TODAY, World

MANAGE = {MANAGE_PORTFOLIO}
CHANGE = {CHANGE_PROJECT}
ADD = {ADD_PROJECT}


def empty(w: World) -> Portfolio:
    return services.add_portfolio(w.admin, name="Empty", ref="EMPTY", currency="EUR", unit=w.unit, now=NOW)


def ended(w: World) -> Portfolio:
    return places.end_place(w.admin, empty(w), now=NOW)


def gone(w: World) -> Project:
    return places.take_out_project(w.admin, w.project, now=NOW)


def record(w: World, external_id: str) -> object:
    return services.record_project(
        w.actor, w.portfolio, external_id=external_id, name="Ferry", facts={}, unknown={}, now=NOW, effective_on=TODAY,
        reason="register.csv",
    )  # fmt: skip


ROWS = [
    Row(
        services.add_portfolio, MANAGE,
        lambda w, _: services.add_portfolio(w.actor, name="Rail", ref="RAIL", currency="EUR", unit=w.unit, now=NOW),
        at="unit",
    ),
    Row(
        services.add_programme, MANAGE,
        lambda w, _: services.add_programme(w.actor, w.portfolio, name="Tunnels", ref="TUNNELS", now=NOW),
        at="portfolio",
    ),
    Row(
        services.make_confidential, MANAGE,
        lambda w, _: services.make_confidential(w.actor, w.project, confidential=True, now=NOW), at="project",
    ),
    Row(
        services.take_snapshot, ADD,
        lambda w, _: services.take_snapshot(w.actor, w.portfolio, on=TODAY, label="Register", rows=1, now=NOW),
        at="portfolio",
    ),
    Row(
        services.add_project, ADD,
        lambda w, _: services.add_project(w.actor, w.portfolio, name="Ferry", facts={}, now=NOW), at="portfolio",
    ),
    Row(
        services.change_project, CHANGE,
        lambda w, _: services.change_project(w.actor, w.project, {"category": "Road"}, now=NOW), at="project",
    ),
    Row(services.record_project, ADD, lambda w, _: record(w, "NEW-1"), at="portfolio"),
    Row(
        one_by_one.leave_register, CHANGE,
        lambda w, _: one_by_one.leave_register(w.actor, w.project, on=TODAY, now=NOW, reason="Gone"), at="project",
    ),
    Row(
        services.name_holder, MANAGE | {SEE_ORGANISATION, SEE_PROJECT, COMMENT, ATTACH},
        lambda w, _: services.name_holder(w.actor, w.project, "sponsor", w.person, now=NOW),
        at="project", refusals={"more_than_held"},
    ),
    Row(
        places.rename_place, MANAGE, lambda w, _: places.rename_place(w.actor, w.portfolio, name="Ways", now=NOW),
        at="portfolio",
    ),
    Row(
        places.move_portfolio, MANAGE,
        lambda w, _: places.move_portfolio(w.actor, w.portfolio, unit=w.elsewhere, now=NOW),
    ),
    Row(places.move_programme, MANAGE, lambda w, _: places.move_programme(w.actor, w.programme, to=w.other, now=NOW)),
    Row(
        places.move_project, MANAGE | ADD,
        lambda w, _: places.move_project(w.actor, w.project, to=w.portfolio, now=NOW),
        at="portfolio",
    ),
    # Below another unit only, which is a change of the project's facts.
    Row(
        places.move_project, CHANGE | {SEE_ORGANISATION},
        lambda w, _: places.move_project(w.actor, w.project, to=w.programme, unit=w.below, now=NOW),
        at="unit",
    ),
    Row(
        places.end_place, MANAGE, lambda w, found: places.end_place(w.actor, found, now=NOW), at="unit", given=empty,
    ),
    Row(
        places.bring_back_place, MANAGE, lambda w, found: places.bring_back_place(w.actor, found, now=NOW),
        at="unit", given=ended,
    ),
    Row(
        places.bring_back_project, CHANGE, lambda w, found: places.bring_back_project(w.actor, found, now=NOW),
        at="project", given=gone,
    ),
    Row(
        places.take_out_project, CHANGE, lambda w, _: places.take_out_project(w.actor, w.project, now=NOW), at="project"
    ),
]  # fmt: skip
