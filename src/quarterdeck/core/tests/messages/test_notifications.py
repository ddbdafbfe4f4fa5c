"""What people are told, with the words and the rights of the moment in which they read it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quarterdeck.core import jobs, ledger
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotFound, Refused
from quarterdeck.core.models import Invitation, LedgerReading, Node, Notification, Person
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.services import accounts, comments, notifications, roles, telling, units, watching
from quarterdeck.core.tests import make
from quarterdeck.core.tests.make import MONDAY
from quarterdeck.core.tests.messages.people import Place, able, acting
from quarterdeck.core.web import news

pytestmark = pytest.mark.django_db


def read(person: Person | Actor) -> list[str]:
    actor = person if isinstance(person, Actor) else acting(person)
    return [f"{each.title}: {each.sentence}" for each in news.compose(actor, questions.notifications(actor))]


def seal() -> None:
    """The database seals the ledger at commit; inside a test it is asked to do it now."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def rename(place: Place, name: str = "New works", by: Actor | None = None) -> None:
    unit = Node.objects.get(pk=place.unit.pk)
    units.rename_unit(by or make.admin(), unit, name=name, now=MONDAY)
    seal()


@pytest.fixture
def watched(place: Place) -> Place:
    """Keir and Vera watch Works, and what happened before was told."""
    for person in (place.keir, place.vera):
        watching.watch(acting(person), "unit", place.key, now=MONDAY)
    seal()
    telling.tell_new(now=MONDAY)
    Notification.objects.all().delete()
    return place


def test_who_watches_hears_of_a_change_and_who_did_it_does_not(watched: Place) -> None:
    make.grant(watched.keir, "administrator", watched.unit)
    seal()
    telling.tell_new(now=MONDAY)
    Notification.objects.all().delete()
    rename(watched, by=acting(watched.keir))
    assert telling.tell_new(now=MONDAY) == 1
    assert read(watched.vera) == ["New works: Unit renamed, by Keir Abelard"]
    assert read(watched.keir) == []


def test_what_was_told_is_not_told_again(watched: Place) -> None:
    rename(watched)
    assert telling.tell_new(now=MONDAY) == 2
    assert telling.tell_new(now=MONDAY) == 0


def test_the_same_again_while_nobody_looked_is_one_line(watched: Place) -> None:
    rename(watched, "One")
    telling.tell_new(now=MONDAY)
    rename(watched, "Two")
    later = MONDAY + timedelta(minutes=10)
    assert telling.tell_new(now=later) == 0
    assert read(watched.vera) == ["Two: Unit renamed, by Ada Archer"]
    assert Notification.objects.get(person=watched.vera).at == later


def test_what_happened_long_ago_is_no_news(watched: Place) -> None:
    rename(watched)
    assert telling.tell_new(now=MONDAY + timedelta(days=8)) == 0
    heads = LedgerReading.objects.values_list("stream", "seq")
    assert dict(heads)["organisation"] == ledger.LedgerStream.objects.get(name="organisation").head_seq


def test_a_role_that_is_given_is_told_to_who_holds_it_and_to_who_watches(watched: Place) -> None:
    role = make.Role.objects.get(code="viewer")
    roles.give_role(make.admin(), watched.olga, role, on=watched.unit, now=MONDAY)
    seal()
    telling.tell_new(now=MONDAY)
    assert read(watched.olga) == ["Works: Your role: Viewer, by Ada Archer"]
    assert read(watched.vera) == ["Works: Role given, by Ada Archer"]


def test_who_lost_their_role_hears_that_it_ended_and_not_where_once_they_do_not_see_it(watched: Place) -> None:
    roles.end_holding(make.admin(), watched.vera.holdings.get(), last_day=MONDAY.date(), now=MONDAY)
    seal()
    telling.tell_new(now=MONDAY)
    assert read(watched.vera) == ["Works: Your role ended: Viewer, by Ada Archer"]
    from quarterdeck.core import access

    later = access.actor_of(watched.vera, now=MONDAY + timedelta(days=2))
    assert read(later) == ["Viewer: Your role ended: Viewer, by Ada Archer"]


def test_what_somebody_may_not_see_any_more_is_absent_and_not_counted(watched: Place) -> None:
    rename(watched)
    telling.tell_new(now=MONDAY)
    assert questions.count_unseen(acting(watched.vera)) == 1
    watched.vera.holdings.all().delete()
    assert read(watched.vera) == []
    assert questions.count_unseen(acting(watched.vera)) == 0
    uid = Notification.objects.get(person=watched.vera).uid
    with pytest.raises(NotFound):
        notifications.mark_seen(acting(watched.vera), uid, now=MONDAY)
    assert notifications.mark_all_seen(acting(watched.vera), now=MONDAY) == 0


def test_a_comment_that_was_withdrawn_is_told_no_more(watched: Place) -> None:
    said = comments.add_comment(acting(watched.keir), "unit", watched.key, text="Oh!", now=MONDAY)
    assert read(watched.vera) == ["Works: Keir Abelard commented"]
    comments.withdraw_comment(acting(watched.keir), said.uid, now=MONDAY)
    assert read(watched.vera) == []
    assert questions.count_unseen(acting(watched.vera)) == 0


def test_the_count_is_one_query(watched: Place, django_assert_num_queries: Any) -> None:
    comments.add_comment(acting(watched.keir), "unit", watched.key, text="Oh!", now=MONDAY)
    actor = acting(watched.vera)
    with django_assert_num_queries(1):
        assert questions.count_unseen(actor) == 1


def test_nobody_reads_what_another_is_told(watched: Place) -> None:
    rename(watched)
    telling.tell_new(now=MONDAY)
    uid = Notification.objects.get(person=watched.vera).uid
    with pytest.raises(NotFound):
        notifications.mark_seen(acting(watched.keir), uid, now=MONDAY)


def test_what_comes_after_the_page_was_drawn_stays_unread(watched: Place) -> None:
    comments.add_comment(acting(watched.keir), "unit", watched.key, text="One", now=MONDAY)
    later = MONDAY + timedelta(minutes=5)
    comments.add_comment(acting(watched.keir), "unit", watched.key, text="Two", now=later)
    assert notifications.mark_all_seen(acting(watched.vera), until=MONDAY, now=later) == 1
    assert questions.count_unseen(acting(watched.vera)) == 1


def test_an_invitation_that_was_accepted_is_told_to_who_invited(watched: Place) -> None:
    invitation = Invitation.objects.create(
        email="nora@norhaven.example", name="Nora North", digest="d", invited_by=watched.vera, created_at=MONDAY,
        expires_at=MONDAY + timedelta(days=7), state="accepted", answered_at=MONDAY,
    )  # fmt: skip
    nora = able("Nora North")
    ledger.record(None, "core.invitation.accepted", on=invitation, at=MONDAY, person=nora.pk)
    seal()
    telling.tell_new(now=MONDAY)
    assert read(watched.vera) == ["Nora North: Accepted your invitation."]
    assert read(nora) == []


def test_a_job_that_is_over_is_told_to_who_started_it() -> None:
    admin = make.admin()

    @jobs.kind("core.tests.greet")
    def greet(job: Any, actor: Actor, progress: Any, now: datetime) -> jobs.Result:
        return jobs.Result("Greeted.")

    try:
        job = jobs.enqueue(admin, "core.tests.greet", "Greeting", {}, now=MONDAY)
        jobs.run(job.pk)
    finally:
        del jobs.KINDS["core.tests.greet"]
    assert read(admin) == ["Greeting: It is done."]


def test_a_place_in_the_ledger_is_kept_with_what_was_told(watched: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    rename(watched)

    def fail(*_a: object, **_k: object) -> int:
        raise RuntimeError("the worker died")

    with monkeypatch.context() as patch:
        patch.setattr(notifications, "tell", fail)
        with pytest.raises(RuntimeError):
            telling.tell_new(now=MONDAY)
    assert telling.tell_new(now=MONDAY) == 2


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ("at_once", datetime(2026, 11, 23, 9, 0, tzinfo=UTC)),
        ("daily", datetime(2026, 11, 24, 6, 0, tzinfo=UTC)),
        ("weekly", datetime(2026, 11, 30, 6, 0, tzinfo=UTC)),
        ("never", None),
    ],
)
def test_digests_go_out_at_the_hour_of_the_organisation(way: str, expected: datetime | None, settings: Any) -> None:
    settings.TIME_ZONE, settings.DIGEST_HOUR = "Europe/Berlin", 7
    found = notifications.next_mail(way, MONDAY)
    assert found == expected


def test_a_digest_keeps_its_hour_over_the_change_of_clocks(settings: Any) -> None:
    settings.TIME_ZONE, settings.DIGEST_HOUR = "Europe/Berlin", 7
    saturday = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    found = notifications.next_mail("daily", saturday)
    assert found == datetime(2026, 3, 29, 5, 0, tzinfo=UTC)


def test_a_choice_holds_for_what_waits_too(watched: Place) -> None:
    comments.add_comment(acting(watched.keir), "unit", watched.key, text="Oh!", now=MONDAY)
    waiting = Notification.objects.get(person=watched.vera)
    assert waiting.mail_at is not None
    notifications.choose(acting(watched.vera), {"comment": "never"}, now=MONDAY)
    waiting.refresh_from_db()
    assert waiting.mail_at is None
    comments.add_comment(acting(watched.keir), "unit", watched.key, text="Again", now=MONDAY)
    assert not Notification.objects.filter(person=watched.vera, mail_at__isnull=False).exists()


@pytest.mark.parametrize("ways", [{"comment": "hourly"}, {"gossip": "daily"}])
def test_there_are_no_other_choices(ways: dict[str, str]) -> None:
    with pytest.raises(Refused, match="no such choice"):
        notifications.choose(make.admin(), ways, now=MONDAY)


def test_old_ones_are_forgotten(watched: Place) -> None:
    comments.add_comment(acting(watched.keir), "unit", watched.key, text="Oh!", now=MONDAY)
    notifications.mark_all_seen(acting(watched.vera), now=MONDAY)
    assert notifications.forget_old(now=MONDAY + timedelta(days=100)) == 0
    assert notifications.forget_old(now=MONDAY + timedelta(days=181)) == 1


def test_an_outsider_is_told_nothing_of_a_secret_unit() -> None:
    secret = make.secret_unit("Audit")
    inside = able("Ines Inside", "administrator", secret)
    watching.watch(acting(inside), "unit", secret.ref, now=MONDAY)
    outside = able("Otto Outside", "administrator")
    with pytest.raises(NotFound):
        watching.watch(acting(outside), "unit", secret.ref, now=MONDAY)
    comments.add_comment(acting(inside), "unit", secret.ref, text="Between us.", now=MONDAY)
    accounts.name_organisation(make.admin(), name="Anew", currency="EUR", now=MONDAY)
    seal()
    telling.tell_new(now=MONDAY)
    assert not any("Audit" in line for line in read(outside))
