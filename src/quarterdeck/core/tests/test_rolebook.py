"""Roles of one's own, and standard roles that were changed."""

import pytest

from quarterdeck.core import access, rights
from quarterdeck.core.errors import NotAllowed, Refused
from quarterdeck.core.models import Holding, LedgerEntry, Role
from quarterdeck.core.services import rolebook, roles
from quarterdeck.core.tests import make

pytestmark = pytest.mark.django_db
MONDAY = make.MONDAY
SEE = rights.SEE_ORGANISATION.code


def change(role: Role, given: list[str], by: access.Actor | None = None, **more: object) -> Role:
    values = {"name": role.name, "description": role.description, "single": role.single} | more
    return rolebook.change_role(by or make.admin(), role, given=given, now=MONDAY, **values)


def test_a_role_of_ones_own_lets_people_do_what_it_says() -> None:
    admin, rosa = make.admin(), make.person("Rosa")
    made = rolebook.add_role(admin, name="Head of records", given=[SEE], now=MONDAY)
    roles.give_role(admin, rosa, made, on=make.top(), now=MONDAY)
    assert made.code == "head-of-records"
    assert access.actor_of(rosa, now=MONDAY).holds(rights.SEE_ORGANISATION)
    assert not access.actor_of(rosa, now=MONDAY).holds(rights.SEE_LEDGER)


def test_nobody_puts_in_a_right_that_they_do_not_hold_at_the_top() -> None:
    lead = make.actor("pmo_lead")
    with pytest.raises(Refused, match="you do not hold it for the whole organisation"):
        rolebook.add_role(lead, name="Counter", given=["core.see_confidential_totals"], now=MONDAY)
    viewer = Role.objects.get(code="viewer")
    with pytest.raises(Refused, match="you do not hold it for the whole organisation"):
        change(viewer, [*viewer.rights, "core.see_confidential_totals"], by=lead)
    assert "core.see_confidential_totals" not in Role.objects.get(code="viewer").rights


def test_a_right_held_in_one_division_is_not_put_into_a_role() -> None:
    division_lead = make.actor("administrator", on=make.unit("Division"))
    with pytest.raises(NotAllowed):
        rolebook.add_role(division_lead, name="Mine", given=[SEE], now=MONDAY)


def test_a_right_taken_out_of_a_standard_role_stays_out_after_an_upgrade() -> None:
    make.organisation()
    analyst = Role.objects.get(code="pmo_analyst")
    left = [code for code in analyst.rights if code != "projects.add_project"]
    change(analyst, left, reason="Analysts only read.")
    assert roles.standard_roles_are_current()

    roles.ensure_standard_roles(now=MONDAY)

    analyst.refresh_from_db()
    assert "projects.add_project" not in analyst.rights
    assert analyst.withheld == ["projects.add_project"]


def test_a_right_of_a_later_release_still_comes_to_a_role_that_was_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    make.organisation()
    analyst = Role.objects.get(code="pmo_analyst")
    change(analyst, [code for code in analyst.rights if code != "projects.add_project"])
    standard = roles.STANDARD["pmo_analyst"]
    later = roles.StandardRole("pmo_analyst", standard.name, "", (*standard.rights, rights.SEE_LEDGER))
    monkeypatch.setitem(roles.STANDARD, "pmo_analyst", later)
    assert not roles.standard_roles_are_current()

    roles.ensure_standard_roles(now=MONDAY)

    analyst.refresh_from_db()
    assert "core.see_ledger" in analyst.rights
    assert "projects.add_project" not in analyst.rights


def test_a_right_that_is_put_back_is_withheld_no_more() -> None:
    make.organisation()
    analyst = Role.objects.get(code="pmo_analyst")
    whole = list(analyst.rights)
    change(analyst, [SEE])
    change(analyst, whole)
    analyst.refresh_from_db()
    assert set(analyst.rights) == set(whole)
    assert analyst.withheld == []


def test_an_administrator_keeps_what_puts_things_right() -> None:
    make.organisation()
    administrator = Role.objects.get(code="administrator")
    with pytest.raises(Refused, match="The role Administrator keeps"):
        change(administrator, [SEE])


def test_a_right_of_another_release_is_left_alone() -> None:
    make.organisation()
    viewer = Role.objects.get(code="viewer")
    Role.objects.filter(pk=viewer.pk).update(rights=[*viewer.rights, "future.fly"])
    viewer.refresh_from_db()
    change(viewer, [SEE])
    viewer.refresh_from_db()
    assert viewer.rights == [SEE, "future.fly"]


def test_a_role_with_two_holders_at_one_place_does_not_become_single() -> None:
    division = make.unit("Division")
    for name in ("First", "Second"):
        make.grant(make.person(name), "viewer", division)
    viewer = Role.objects.get(code="viewer")
    with pytest.raises(Refused, match="More than one person holds it at Division"):
        change(viewer, viewer.rights, single=True)


def test_what_runs_follows_a_role_that_becomes_single() -> None:
    held = make.grant(make.person("First"), "viewer", make.unit("Division"))
    viewer = Role.objects.get(code="viewer")
    change(viewer, viewer.rights, single=True)
    assert Holding.objects.get(pk=held.pk).single
    change(Role.objects.get(code="viewer"), viewer.rights, single=False)
    assert not Holding.objects.get(pk=held.pk).single


def test_a_role_that_somebody_holds_does_not_end_and_says_who() -> None:
    made = rolebook.add_role(make.admin(), name="Records", given=[SEE], now=MONDAY)
    held = roles.give_role(make.admin(), make.person("Rosa"), made, on=make.unit("Division"), now=MONDAY)
    with pytest.raises(Refused, match="such as Rosa at Division"):
        rolebook.end_role(make.admin(), made, now=MONDAY)
    roles.end_holding(make.admin(), held, now=MONDAY)

    rolebook.end_role(make.admin(), made, now=MONDAY)

    with pytest.raises(Refused, match="not given any more"):
        roles.give_role(make.admin(), make.person(), Role.objects.get(pk=made.pk), on=make.top(), now=MONDAY)
    rolebook.bring_back_role(make.admin(), made, now=MONDAY)
    assert roles.give_role(make.admin(), make.person(), made, on=make.top(), now=MONDAY)
    events = set(LedgerEntry.objects.filter(subject_type="core.role").values_list("event", flat=True))
    assert events >= {"core.role.made", "core.role.withdrawn", "core.role.brought_back"}


def test_what_is_held_inside_a_circle_is_not_told_by_a_refusal() -> None:
    made = rolebook.add_role(make.admin(), name="Records", given=[SEE], now=MONDAY)
    roles.hold(make.person(), made, on=make.secret_unit("Audit"), from_on=MONDAY.date(), why=make.why(), actor=None)
    rolebook.end_role(make.admin(), made, now=MONDAY)
    assert Role.objects.get(pk=made.pk).ended_on == MONDAY.date()


@pytest.mark.parametrize("code", ["administrator", "portfolio_manager", "sponsor", "project_manager"])
def test_roles_that_quarterdeck_gives_itself_do_not_end(code: str) -> None:
    make.organisation()
    with pytest.raises(Refused, match="so it stays"):
        rolebook.end_role(make.admin(), Role.objects.get(code=code), now=MONDAY)


def test_two_roles_do_not_share_a_name() -> None:
    with pytest.raises(Refused, match="a role of that name"):
        rolebook.add_role(make.admin(), name="viewer", given=[SEE], now=MONDAY)
