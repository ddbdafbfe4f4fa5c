"""People are added, corrected, and leave with everything they hold."""

from datetime import timedelta

import pytest

from quarterdeck.core import access, rights
from quarterdeck.core.errors import NotAllowed, Refused
from quarterdeck.core.models import Account, Holding, LedgerEntry, Person
from quarterdeck.core.services import people
from quarterdeck.core.tests import make

pytestmark = pytest.mark.django_db
MONDAY = make.MONDAY
TODAY = MONDAY.date()


def test_lines_are_read_however_people_write_them() -> None:
    text = (
        "Rosa Marr, rosa@norhaven.example\n\nIan Sund <IAN@norhaven.example>\n"
        '"Lee, Kim"\tkim@norhaven.example\nJo Bloggs'
    )
    found = [(line.number, line.name, line.email) for line in people.read_lines(text)]
    assert found == [
        (1, "Rosa Marr", "rosa@norhaven.example"),
        (3, "Ian Sund", "ian@norhaven.example"),
        (4, "Lee Kim", "kim@norhaven.example"),
        (5, "Jo Bloggs", ""),
    ]


def test_what_is_wrong_with_a_line_is_said_beside_it() -> None:
    make.person("Rosa Marr")
    taken = Person.objects.get(name="Rosa Marr").email
    lines = people.read_lines(f"rosa@norhaven.example\nIan, a@b\nKim, kim@x.example\nJo, kim@x.example\nNew, {taken}")
    problems = [line.problem for line in people.check_lines(make.admin(), lines)]
    assert problems == [
        "A name is missing.",
        "This is no address: a@b.",
        "",
        "This address stands in another line too.",
        "Rosa Marr has this address already.",
    ]


def test_several_people_are_added_together_or_none() -> None:
    admin = make.admin()
    before = Person.objects.count()
    with pytest.raises(Refused, match="Line 2: This is no address"):
        people.add_people(admin, people.read_lines("Rosa Marr\nIan Sund, ian@"), now=MONDAY)
    assert Person.objects.count() == before

    people.add_people(admin, people.read_lines("Rosa Marr\nIan Sund, ian@norhaven.example"), now=MONDAY)
    assert Person.objects.count() == before + 2


def test_a_corrected_name_is_kept_nowhere_but_in_the_table_of_people() -> None:
    rosa = make.person("Rosa Marr")
    people.change_person(make.admin(), rosa, name="Rosa Marsh", email="rosa@norhaven.example", now=MONDAY)
    assert Person.objects.get(pk=rosa.pk).name == "Rosa Marsh"
    entry = LedgerEntry.objects.get(event="core.person.changed")
    assert "Marsh" not in entry.entry
    assert "rosa@" not in entry.entry
    assert '"fields":["email","name"]' in entry.entry


def test_an_address_belongs_to_one_person() -> None:
    rosa, ian = make.person("Rosa"), make.person("Ian")
    with pytest.raises(Refused, match="Another person has this address"):
        people.change_person(make.admin(), ian, name="Ian", email=rosa.email.upper(), now=MONDAY)
    assert Person.objects.get(pk=ian.pk).email != rosa.email


def test_who_leaves_holds_nothing_more_not_even_inside_a_circle_and_signs_in_no_more() -> None:
    rosa = make.person("Rosa")
    account = make.account(rosa)
    make.grant(rosa, "viewer", make.top())
    make.grant(rosa, "viewer", make.secret_unit("Audit"))
    epoch = account.session_epoch

    people.person_left(make.admin(), rosa, now=MONDAY)

    assert not Holding.objects.filter(person=rosa, to_on__isnull=True).exists()
    assert not access.actor_of(rosa, now=MONDAY).holds(rights.SEE_ORGANISATION)
    account.refresh_from_db()
    assert (account.is_active, account.session_epoch) == (False, epoch + 1)


def test_who_leaves_later_keeps_role_and_sign_in_until_the_day_before() -> None:
    rosa = make.person("Rosa")
    account = make.account(rosa)
    make.grant(rosa, "viewer", make.top())
    leaves = TODAY + timedelta(days=5)

    people.person_left(make.admin(), rosa, on=leaves, now=MONDAY)

    account.refresh_from_db()
    assert account.is_active
    last_day = MONDAY + timedelta(days=4)
    assert access.actor_of(rosa, now=last_day).holds(rights.SEE_ORGANISATION)
    assert people.close_accounts_of_who_left(now=last_day) == 0
    assert not access.actor_of(rosa, now=last_day + timedelta(days=1)).holds(rights.SEE_ORGANISATION)
    assert people.close_accounts_of_who_left(now=last_day + timedelta(days=1)) == 1
    assert not Account.objects.get(pk=account.pk).is_active


def test_the_last_administrator_does_not_leave() -> None:
    admin = make.admin()
    helper = make.actor("pmo_lead")
    with pytest.raises(Refused, match="last administrator"):
        people.person_left(helper, admin.person, now=MONDAY)
    assert Person.objects.get(pk=admin.person_id).left_on is None


def test_an_administrator_who_cannot_sign_in_does_not_count_as_another_one() -> None:
    admin = make.admin()
    make.grant(make.person("Without account"), "administrator", make.top())
    with pytest.raises(Refused, match="last administrator"):
        people.person_left(make.actor("pmo_lead"), admin.person, now=MONDAY)


def test_nobody_notes_their_own_leaving() -> None:
    admin = make.admin()
    second = make.person("Second")
    make.account(second)
    make.grant(second, "administrator", make.top())
    with pytest.raises(Refused, match="Another administrator notes"):
        people.person_left(admin, admin.person, now=MONDAY)


def test_who_left_is_given_nothing_until_they_are_back() -> None:
    from quarterdeck.core.models import Role
    from quarterdeck.core.services import roles

    rosa, viewer = make.person("Rosa"), Role.objects.none()
    make.organisation()
    viewer = Role.objects.get(code="viewer")
    people.person_left(make.admin(), rosa, now=MONDAY)
    with pytest.raises(Refused, match="Rosa left on 23 Nov 2026"):
        roles.give_role(make.admin(), rosa, viewer, on=make.top(), now=MONDAY)

    people.bring_back_person(make.admin(), rosa, now=MONDAY)
    assert roles.give_role(make.admin(), rosa, viewer, on=make.top(), now=MONDAY).to_on is None


def test_roles_that_ended_are_given_again_as_far_as_one_may() -> None:
    rosa = make.person("Rosa")
    open_one, shut_one = make.grant(rosa, "viewer", make.top()), make.grant(rosa, "viewer", make.secret_unit("Audit"))
    people.person_left(make.admin(), rosa, now=MONDAY)
    people.bring_back_person(make.admin(), rosa, now=MONDAY)
    held = Holding.objects.filter(pk__in=[open_one.pk, shut_one.pk]).select_related("person", "role", "node")

    given, refused = people.give_again(make.admin(), held, now=MONDAY)

    assert [holding.node_id for holding in given] == [make.top().pk]
    assert len(refused) == 1


@pytest.mark.parametrize("role", ["pmo_analyst", "viewer", ""])
def test_only_who_manages_the_organisation_touches_people(role: str) -> None:
    actor, rosa = make.actor(role), make.person("Rosa")
    for act in (
        lambda: people.add_people(actor, people.read_lines("Jo"), now=MONDAY),
        lambda: people.change_person(actor, rosa, name="X", email="", now=MONDAY),
        lambda: people.person_left(actor, rosa, now=MONDAY),
        lambda: people.bring_back_person(actor, rosa, now=MONDAY),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert (Person.objects.get(pk=rosa.pk).name, Person.objects.filter(name="Jo").count()) == ("Rosa", 0)
