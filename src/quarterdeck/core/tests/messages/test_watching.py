"""Who hears of a thing: who chose to, who leads it, who took part; not who muted it, nor who may not see it."""

import pytest

from quarterdeck.core.errors import NotFound
from quarterdeck.core.models import Watch
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.services import comments, roles, watching
from quarterdeck.core.tests import make
from quarterdeck.core.tests.make import MONDAY
from quarterdeck.core.tests.messages.people import Place, acting

pytestmark = pytest.mark.django_db


def watchers(place: Place) -> set[str]:
    about = questions.subject(make.admin(), "unit", place.key)
    people = watching.watchers(about, MONDAY.date())
    return {person.name for person in (place.keir, place.ann, place.vera, place.olga) if person.pk in people}


def test_seeing_it_is_enough_to_watch_it(place: Place) -> None:
    watching.watch(acting(place.vera), "unit", place.key, now=MONDAY)
    assert watchers(place) == {"Vera Cole"}
    with pytest.raises(NotFound):
        watching.watch(acting(place.olga), "unit", place.key, now=MONDAY)


def test_who_stops_stays_stopped_also_after_a_comment(place: Place) -> None:
    watching.watch(acting(place.keir), "unit", place.key, now=MONDAY)
    watching.mute(acting(place.keir), "unit", place.key, now=MONDAY)
    assert watchers(place) == set()
    comments.add_comment(acting(place.keir), "unit", place.key, text="Anyway.", now=MONDAY)
    assert watchers(place) == set()
    watching.watch(acting(place.keir), "unit", place.key, now=MONDAY)
    assert watchers(place) == {"Keir Abelard"}


def test_who_comments_watches(place: Place) -> None:
    comments.add_comment(acting(place.ann), "unit", place.key, text="Hello.", now=MONDAY)
    assert watchers(place) == {"Ann Bell"}


def test_who_lost_the_right_to_see_it_hears_no_more(place: Place) -> None:
    watching.watch(acting(place.vera), "unit", place.key, now=MONDAY)
    held = place.vera.holdings.get()
    roles.end_holding(make.admin(), held, last_day=MONDAY.date(), now=MONDAY)
    about = questions.subject(make.admin(), "unit", place.key)
    tomorrow = MONDAY.date().replace(day=25)
    assert watching.watchers(about, tomorrow) == set()
    assert Watch.objects.filter(person=place.vera).exists()


def test_who_cannot_sign_in_hears_nothing(place: Place) -> None:
    watching.watch(acting(place.vera), "unit", place.key, now=MONDAY)
    place.vera.accounts.update(is_active=False)
    assert watchers(place) == set()


def test_what_is_around_a_thing_is_told_in_one_query(
    place: Place, django_assert_num_queries: "type[pytest.MonkeyPatch]"
) -> None:
    comments.add_comment(acting(place.ann), "unit", place.key, text="Hello.", now=MONDAY)
    actor = acting(place.ann)
    about = questions.subject(actor, "unit", place.key)
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = questions.around_of(actor, about.kind, about.thing)
        assert questions.around_of(actor, about.kind, about.thing) is found
    assert found == questions.Around(sees=True, comments=1, files=0, watches=True, by_role=False)
