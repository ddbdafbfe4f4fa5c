"""How words are compared, and that the database and we compare them alike."""

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.core import search
from quarterdeck.core.models import SearchEntry
from quarterdeck.core.queries.search import found
from quarterdeck.core.tests import make

LETTERS = st.text(
    st.one_of(
        st.characters(max_codepoint=0x24F, blacklist_characters="\x00", blacklist_categories=("Cs",)),
        st.characters(min_codepoint=0x370, max_codepoint=0x52F),
        st.sampled_from("ßæœþøđðłıςŒÆÞØĐŁİẞÅéñü-–—_/()’“”…€ \t\n"),
    ),
    max_size=60,
)


@pytest.mark.django_db
@settings(max_examples=300, deadline=None)
@given(LETTERS)
def test_the_database_folds_a_text_as_we_do(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT core_search_words(%s)", [text])
        assert cursor.fetchone()[0] == search.folded(text)


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("Über", "uber"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("ΣΊΣΥΦΟΣ σίσυφος", "σισυφοσ σισυφοσ"),
        ("IT-0042", "it 0042"),
        ("  a\t—b  ", "a b"),
        ("…", ""),
    ],
)
def test_case_accents_and_signs_do_not_matter(typed: str, compared: str) -> None:
    assert search.folded(typed) == compared


def test_what_was_found_is_marked_in_the_letters_that_stand_there() -> None:
    assert search.pieces("Über die Straße", ["uber", "strass"]) == [
        ("Über", True),
        (" die ", False),
        ("Straß", True),
        ("e", False),
    ]
    assert search.pieces("unter", ["ter"]) == [("unter", False)]
    assert search.pieces("", ["a"]) == []


@given(LETTERS, st.lists(st.text("abcdeß", min_size=1, max_size=3), max_size=3))
def test_pieces_are_the_text_again(text: str, terms: list[str]) -> None:
    assert "".join(piece for piece, _marked in search.pieces(text, terms)) == text


def test_a_long_text_is_shown_around_the_first_word_found() -> None:
    text = "Nothing here. " * 40 + "The tariff engine is late. " + "And so on. " * 40

    shown = search.around(text, ["tariff"])

    assert ("tariff", True) in shown
    assert shown[0][0].startswith("… ")
    assert shown[-1][0].endswith(" …")
    assert len("".join(piece for piece, _marked in shown)) < 180
    assert search.around(text, ["absent"]) == []


@pytest.mark.django_db
def test_units_people_and_roles_are_found() -> None:
    admin = make.admin()
    unit = make.unit("Tiefbau Süd")
    make.person("Ülo Kask")

    def names(text: str) -> list[tuple[str, str]]:
        return [(of.kind.code, of.kind.title(hit.thing)) for of in found(admin, text) for hit in of.hits]

    assert names("sud tief") == [("unit", "Tiefbau Süd")]
    assert names(unit.ref) == [("unit", "Tiefbau Süd")]
    assert names("ulo") == [("person", "Ülo Kask")]
    assert names("norhaven.example") == [("person", "Ada Archer"), ("person", "Ülo Kask")]
    assert names("reads everything") == [("role", "Auditor")]
    assert names("iefbau") == []
    assert names("") == names("…") == names("٣") == []


@pytest.mark.django_db
def test_an_entry_follows_its_unit_and_goes_with_it() -> None:
    unit = make.unit("Tiefbau")
    type(unit).objects.filter(pk=unit.pk).update(name="Hochbau")
    assert SearchEntry.objects.get(subject_kind="unit", subject_id=unit.pk).title == "Hochbau"

    unit.delete()
    assert not SearchEntry.objects.filter(subject_kind="unit", subject_id=unit.pk).exists()
