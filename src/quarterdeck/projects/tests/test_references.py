"""References tell nothing apart from what they name: no clash, no gap, no dead address."""

import pytest

from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import LedgerEntry, Node
from quarterdeck.core.tests import make as core
from quarterdeck.projects import queries, services
from quarterdeck.projects.models import Portfolio, Project
from quarterdeck.projects.tests import make

pytestmark = pytest.mark.django_db


def added(ref: str, **more: object) -> Portfolio:
    return services.add_portfolio(
        make.core.admin(),
        name=ref,
        ref=ref,
        currency="EUR",
        now=make.MONDAY,
        **more,  # type: ignore[arg-type]
    )


def test_portfolios_that_begin_alike_number_their_projects_apart() -> None:
    refs = [make.project(added(ref)).ref for ref in ("IT-2025", "IT-2026", "2025", "2026")]
    assert refs == ["IT-0001", "IT2-0001", "PRJ-0001", "PRJ2-0001"]


def test_a_confidential_portfolio_takes_no_reference_and_no_prefix_from_others() -> None:
    secret = added("MERGER", confidential=True)
    make.project(secret)
    other = added("MERGER")
    assert (other.ref, other.prefix) == ("MERGER", "MERG")
    assert secret.ref.startswith("MERGER-")


def test_a_confidential_project_or_programme_leaves_no_gap_in_the_numbers_of_its_portfolio() -> None:
    of = added("GAP")
    shut = services.add_programme(
        make.core.admin(), of, name="Merger", ref="MERGER", now=make.MONDAY, confidential=True
    )
    make.project(of, "First")
    make.project(of, "Hidden", confidential=True)
    make.project(of, "Hidden with its programme", programme=shut)
    make.project(of, "Second")

    seen = queries.projects(make.core.actor("pmo_lead"))
    assert sorted(seen.values_list("node__ref", flat=True)) == ["GAP-0001", "GAP-0002"]
    hidden = Node.objects.filter(name__startswith="Hidden").values_list("ref", flat=True)
    assert all(len(ref) == len("GAP-ABCDE") and not ref[4:].isdigit() for ref in hidden)


@pytest.mark.parametrize("ref", ["A/B", "new", "New", "a?b", "50%", "..", "a#b", "back\\slash"])
def test_a_reference_that_cannot_stand_in_an_address_is_refused(ref: str) -> None:
    with pytest.raises(Refused, match="stands in addresses"):
        added(ref)
    assert Portfolio.objects.count() == 0


def test_the_history_of_a_project_does_not_name_the_confidential_programme_it_left() -> None:
    of = added("OPEN")
    admin = make.core.admin()
    shut = services.add_programme(admin, of, name="Merger", ref="MERGER", now=make.MONDAY, confidential=True)
    known = services.add_programme(admin, of, name="Known", ref="KNOWN", now=make.MONDAY)
    project = make.project(of, programme=shut)
    insider = make.core.actor("viewer", on=shut.node)
    Node.objects.filter(pk=project.node_id).update(within=known.node)
    Project.objects.filter(pk=project.pk).update(programme=known)

    def before(actor: Actor) -> object:
        seen = queries.project(make.core.actor("viewer"), project.ref)
        return next(change.before for change in queries.changes_of(actor, seen) if change.field == "programme")

    assert before(make.core.actor("pmo_lead")) == "(confidential)"
    assert before(insider) == "Merger"


def test_the_ledger_names_nothing_that_was_confidential_when_it_was_written() -> None:
    of = added("OPEN")
    added("TAKEOVER", confidential=True)
    services.add_programme(make.core.admin(), of, name="Merger", ref="MERGER", now=make.MONDAY, confidential=True)
    hidden = make.project(of, "Hidden", confidential=True)
    core.grant(make.core.admin().person, "project_manager", hidden.node)
    read = queries.project(make.core.admin(), hidden.ref)
    services.change_project(make.core.admin(), read, {"category": "x"}, reason="The Contoso deal", now=make.MONDAY)

    entries = " ".join(LedgerEntry.objects.values_list("entry", flat=True))
    assert [word for word in ("TAKEOVER", "MERGER", hidden.ref, "Contoso") if word in entries] == []
    assert '"ref":"OPEN"' in entries
