"""People talk about a thing they see; who is named hears of it."""

from datetime import timedelta

import pytest

from quarterdeck.core import markdown
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Conflict, NotAllowed, NotFound, Refused
from quarterdeck.core.history import version_model
from quarterdeck.core.models import Comment, LedgerEntry, Notification, Person, Watch
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.queries import naming
from quarterdeck.core.services import comments, watching
from quarterdeck.core.tests import make
from quarterdeck.core.tests.make import MONDAY
from quarterdeck.core.tests.messages.people import Place, able, acting

pytestmark = pytest.mark.django_db


def say(who: Person, place: Place, text: str = "Good morning.") -> Comment:
    return comments.add_comment(acting(who), "unit", place.key, text=text, now=MONDAY)


def told(person: Person) -> list[tuple[str, str]]:
    rows = Notification.objects.filter(person=person).order_by("pk")
    return [(row.why, row.event) for row in rows]


def test_a_comment_is_kept_as_it_was_written_and_its_writer_watches_from_then_on(place: Place) -> None:
    found = say(place.keir, place, "**Late** by two weeks.\r\nWhy?")
    assert found.text == "**Late** by two weeks.\nWhy?"
    assert (found.subject_kind, found.subject_id, found.node_id) == ("unit", place.unit.pk, place.unit.pk)
    assert Watch.objects.get().person == place.keir


def test_who_sees_it_but_takes_no_part_is_refused(place: Place) -> None:
    with pytest.raises(NotAllowed, match="Comment on"):
        say(place.vera, place)
    assert not Comment.objects.exists()


def test_who_does_not_see_it_learns_nothing(place: Place) -> None:
    with pytest.raises(NotFound):
        say(place.olga, place)


@pytest.mark.parametrize(("kind", "key"), [("unit", "NONE"), ("nothing", "X"), ("person", "X"), ("unit", "x" * 5000)])
def test_what_is_not_there_or_is_not_talked_about_is_not_found(place: Place, kind: str, key: str) -> None:
    with pytest.raises(NotFound):
        comments.add_comment(acting(place.keir), kind, key, text="Hello", now=MONDAY)


@pytest.mark.parametrize("text", ["", "  \n ", "\u202e\x07", "x" * (comments.LONGEST + 1)])
def test_a_comment_says_something_and_not_too_much(place: Place, text: str) -> None:
    with pytest.raises(Refused) as refusal:
        say(place.keir, place, text)
    assert "text" in refusal.value.fields


@pytest.mark.parametrize("written", ["@Keir Abelard", "@keir abelard", "@{address}"])
def test_a_name_after_an_at_becomes_the_person_and_tells_them(place: Place, written: str) -> None:
    found = say(place.ann, place, f"{written.format(address=place.keir.email)}, look at this.")
    assert found.text == f"@[{place.keir.uid}], look at this."
    assert told(place.keir) == [("mention", "core.comment.added")]
    assert told(place.ann) == []
    assert markdown.plain(found.text, questions.names_in([found.text])) == "@Keir Abelard, look at this."


def test_the_longest_name_is_meant(place: Place) -> None:
    longer = able("Keir Abelard Junior", "viewer", place.unit)
    found = say(place.ann, place, "@Keir Abelard Junior knows. @Keir Abelard. does too")
    assert markdown.mentioned(found.text) == [longer.uid, place.keir.uid]


def test_who_spoke_here_can_be_answered_although_one_sees_nothing_else_of_them(place: Place) -> None:
    assert markdown.mentioned(say(place.keir, place, "@Ann Bell, look").text) == []
    say(place.ann, place, "I am here.")
    assert markdown.mentioned(say(place.keir, place, "@Ann Bell, look").text) == [place.ann.uid]


def test_an_address_in_the_middle_of_a_word_names_nobody(place: Place) -> None:
    assert say(place.keir, place, "write to x@Ann Bell").text == "write to x@Ann Bell"


def test_naming_somebody_who_does_not_see_it_is_refused_and_nothing_is_lost(place: Place) -> None:
    able("Hugo Hidden", "viewer", make.unit("Elsewhere"))
    with pytest.raises(Refused, match="Hugo Hidden does not see this") as refusal:
        comments.add_comment(acting(place.ann), "unit", place.key, text="@Hugo Hidden, look", now=MONDAY)
    assert refusal.value.code == "not_reached"
    assert not Comment.objects.exists()
    assert not Notification.objects.exists()


def test_who_does_not_see_a_person_cannot_tell_them_from_nobody(place: Place) -> None:
    able("Hugo Hidden", "viewer", make.unit("Elsewhere"))
    # Keir sees the people of Works only.
    known = say(place.keir, place, "@Hugo Hidden, look")
    unknown = say(place.keir, place, "@Nobody Atall, look")
    assert (known.text, unknown.text) == ("@Hugo Hidden, look", "@Nobody Atall, look")


def test_the_id_of_a_person_cannot_be_typed(place: Place) -> None:
    found = say(place.keir, place, f"@[{place.olga.uid}]")
    assert markdown.mentioned(found.text) == []
    assert questions.names_in([found.text]) == {}


def test_two_people_of_one_name_are_told_apart_by_their_address(place: Place) -> None:
    other = able("Keir Abelard", "viewer", place.unit)
    with pytest.raises(Refused, match="More than one"):
        say(place.ann, place, "@Keir Abelard, look")
    found = say(place.ann, place, f"@{other.email}, look")
    assert markdown.mentioned(found.text) == [other.uid]


def test_who_watches_hears_of_a_comment_and_who_is_named_hears_of_that_instead(place: Place) -> None:
    watching.watch(acting(place.vera), "unit", place.key, now=MONDAY)
    watching.watch(acting(place.keir), "unit", place.key, now=MONDAY)
    say(place.ann, place, "@Keir Abelard, look")
    assert told(place.vera) == [("comment", "core.comment.added")]
    assert told(place.keir) == [("mention", "core.comment.added")]


def test_one_sets_ones_words_right_within_a_day_and_who_is_named_anew_hears_of_it(place: Place) -> None:
    found = say(place.ann, place, "@Keir Abelard, lokk")
    later = MONDAY + timedelta(hours=2)
    changed = comments.change_comment(
        acting(place.ann), found.uid, text="@Keir Abelard and @Vera Cole, look", version=1, now=later
    )
    assert (changed.edited_at, changed.version) == (later, 2)
    assert told(place.keir) == [("mention", "core.comment.added")]
    assert told(place.vera) == [("mention", "core.comment.changed")]
    texts = version_model(Comment)._default_manager.order_by("pgh_id").values_list("text", flat=True)
    assert list(texts) == [found.text, changed.text]


def test_the_same_words_again_are_no_change(place: Place) -> None:
    found = say(place.keir, place, "@Ann Bell, look")
    same = comments.change_comment(acting(place.keir), found.uid, text="@Ann Bell, look", version=1, now=MONDAY)
    assert (same.version, same.edited_at) == (1, None)


@pytest.mark.parametrize("case", ["another", "late", "withdrawn"])
def test_words_are_not_changed_by_others_or_later_or_after_they_are_gone(place: Place, case: str) -> None:
    found = say(place.keir, place)
    who, now = place.keir, MONDAY
    if case == "another":
        who = place.ann
    elif case == "late":
        now = MONDAY + timedelta(hours=25)
    else:
        comments.withdraw_comment(acting(place.keir), found.uid, now=MONDAY)
    with pytest.raises(NotAllowed, match="within a day"):
        comments.change_comment(acting(who), found.uid, text="Mine now", version=1, now=now)


def test_of_two_windows_the_second_does_not_write_over_the_first(place: Place) -> None:
    found = say(place.keir, place)
    comments.change_comment(acting(place.keir), found.uid, text="First", version=1, now=MONDAY)
    with pytest.raises(Conflict, match="another window"):
        comments.change_comment(acting(place.keir), found.uid, text="Second", version=1, now=MONDAY)
    found.refresh_from_db()
    assert found.text == "First"


def test_ones_own_comment_is_withdrawn_without_much_ado(place: Place) -> None:
    found = say(place.keir, place)
    before = LedgerEntry.objects.count()
    gone = comments.withdraw_comment(acting(place.keir), found.uid, now=MONDAY)
    assert (gone.text, gone.withdrawn_at) == ("", MONDAY)
    assert LedgerEntry.objects.count() == before


def test_who_runs_the_thing_withdraws_the_comment_of_another_and_the_ledger_holds_it(place: Place) -> None:
    found = say(place.keir, place)
    comments.withdraw_comment(make.admin(), found.uid, now=MONDAY)
    entry = LedgerEntry.objects.latest("pk")
    assert (entry.event, entry.subject_id) == ("core.comment.withdrawn", place.unit.pk)


def test_others_do_not_withdraw_it(place: Place) -> None:
    found = say(place.keir, place)
    with pytest.raises(NotAllowed, match="who runs"):
        comments.withdraw_comment(acting(place.ann), found.uid, now=MONDAY)
    with pytest.raises(NotFound):
        comments.withdraw_comment(acting(place.olga), found.uid, now=MONDAY)


def test_suggestions_are_people_who_see_the_thing_and_whom_the_writer_sees(place: Place) -> None:
    able("Hugo Hidden", "viewer", make.unit("Elsewhere"))
    make.grant(make.person("Ann Noaccount"), "viewer", place.unit)

    def names(actor: Actor, typed: str) -> list[str]:
        about = questions.subject(actor, "unit", place.key)
        return [each["name"] for each in naming.suggestions(actor, about, typed)]

    assert names(acting(place.ann), "") == ["Ada Archer", "Keir Abelard", "Vera Cole"]
    assert names(acting(place.ann), "be") == []
    assert names(acting(place.ann), "cole") == ["Vera Cole"]
    # Ada and Ann hold their roles above Works, where Keir does not see who holds what.
    assert names(acting(place.keir), "") == ["Vera Cole"]
    assert names(acting(place.keir), "hugo") == []


def test_what_is_suggested_names_that_person_and_nobody_else(place: Place) -> None:
    able("Cole, Vera", "viewer", place.unit)
    able("Vera Cole", "viewer", place.unit)
    about = questions.subject(acting(place.ann), "unit", place.key)
    found = naming.suggestions(acting(place.ann), about, "")
    for each in found:
        said = say(place.ann, place, f"@{each['write']} knows")
        uid = markdown.mentioned(said.text)
        assert Person.objects.get(uid=uid[0]).email == each["address"]
    assert len(found) == 5
