"""The search page: what it says to whom, with words and without."""

import pytest
from django.test import Client

from quarterdeck.core.models import Person
from quarterdeck.core.tests import make

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(make.account(person), backend=BACKEND)
    return client


def someone_with(role: str) -> Client:
    person = make.person()
    make.grant(person, role, make.top())
    return signed_in(person)


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_what_was_found_is_counted_by_kind_and_marked_and_leads_there() -> None:
    unit = make.unit("Tiefbau Süd")
    make.unit("Süd-West")
    person = make.person("Sudra Kask")

    page = read(someone_with("viewer"), "/search/?q=sud")

    assert "3 things found for “sud”." in page
    assert f'<a class="qd-name" href="/units/{unit.ref}/">Tiefbau <mark>Süd</mark></a>' in page
    assert f'<a class="qd-name" href="/people/{person.uid}/"><mark>Sud</mark>ra Kask</a>' in page
    assert 'Everything<span class="qd-count">3</span>' in page
    assert 'Units<span class="qd-count">2</span>' in page
    assert 'People<span class="qd-count">1</span>' in page
    assert "Roles<span" not in page


def test_people_of_one_name_are_told_apart_by_their_address_which_is_said_once() -> None:
    person = make.person("Kim Lee")
    viewer = someone_with("viewer")

    assert f'<span class="qd-hit-place">{person.email}</span>' in read(viewer, "/search/?q=kim")
    by_address = read(viewer, f"/search/?q={person.email.split('@', 1)[0]}")
    assert "qd-hit-place" not in by_address
    assert "<mark>person" in by_address


def test_without_words_the_page_says_how_to_search_and_what_the_reader_may_find() -> None:
    assert "Here you find: Units, People, Roles." in read(someone_with("viewer"), "/search/").replace(
        "Projects, Programmes, Portfolios, ", ""
    )
    outsider = read(signed_in(make.person()), "/search/")
    assert "Your account has no role yet" in outsider
    assert "Signs alone are not searched." in read(someone_with("viewer"), "/search/?q=…")


def test_who_finds_nothing_is_offered_each_word_alone() -> None:
    make.unit("Tiefbau")
    viewer = someone_with("viewer")

    page = read(viewer, "/search/?q=tiefbau+nord")

    assert "Nothing found for “tiefbau nord”." in page
    assert 'href="/search/?q=tiefbau"' in page
    assert 'href="/search/?q=nord"' in page
    assert "One word alone" not in read(viewer, "/search/?q=nord")


def test_a_kind_without_a_hit_leads_back_to_the_kinds_that_have_some() -> None:
    make.unit("Tiefbau")
    page = read(someone_with("viewer"), "/search/?q=tiefbau&kind=person")
    assert "People: nothing found" in page
    assert "One thing of another kind was found." in page
    assert 'People<span class="qd-count">0</span>' in page


def test_words_that_are_no_words_of_ours_stay_text() -> None:
    viewer = someone_with("viewer")
    page = read(viewer, "/search/?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in page
    assert viewer.get("/search/?q=a&kind=nothing").status_code == 404
    assert viewer.get("/search/?q=a&kind=unit&page=9999999999").status_code == 200
    assert viewer.get("/search/?q=" + "tief " * 500).status_code == 200


def test_every_page_has_the_search_on_top_without_script_a_form() -> None:
    page = read(signed_in(make.person()), "/my-work/")
    assert '<form class="qd-search" action="/search/" role="search"' in page
