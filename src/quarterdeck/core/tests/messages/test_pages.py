"""The pages: what they show to whom, and that nothing typed is lost."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from quarterdeck.core.models import (
    Attachment,
    Comment,
    DocumentLink,
    Notification,
    OutgoingMail,
    Person,
    Role,
    Watch,
)
from quarterdeck.core.services import attachments, comments, outbox, roles, telling, watching
from quarterdeck.core.tests import make
from quarterdeck.core.tests.make import MONDAY
from quarterdeck.core.tests.messages.people import Place, acting
from quarterdeck.core.tests.messages.test_notifications import seal

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person.accounts.get(), backend=BACKEND)
    return client


def talk_of(place: Place) -> str:
    return f"/about/unit/{place.key}/talk/"


def text(answer: Any) -> str:
    found: str = answer.content.decode()
    return found


def test_a_comment_is_written_and_read_at_its_place(place: Place) -> None:
    client = client_of(place.keir)
    answer = client.post(talk_of(place), {"text": "**Late** again"})
    said = Comment.objects.get()
    assert answer.headers["Location"] == f"{talk_of(place)}#comment-{said.uid}"
    shown = text(client.get(talk_of(place)))
    assert "<strong>Late</strong> again" in shown
    assert "Keir Abelard" in shown


def test_a_refused_comment_keeps_what_was_typed(place: Place) -> None:
    make.account(make.person("Hugo Hidden"))
    answer = client_of(place.ann).post(talk_of(place), {"text": "@Hugo Hidden, a long thought"})
    assert answer.status_code == 422
    assert "@Hugo Hidden, a long thought</textarea>" in text(answer)
    assert "does not see this" in text(answer)


def test_who_only_reads_sees_no_form_and_is_refused_in_words(place: Place) -> None:
    client = client_of(place.vera)
    assert "<textarea" not in text(client.get(talk_of(place)))
    answer = client.post(talk_of(place), {"text": "Me too"})
    assert answer.status_code == 403
    assert "Comment on what one may see" in text(answer)


def test_an_answer_quotes_without_telling_anybody(place: Place) -> None:
    said = comments.add_comment(acting(place.ann), "unit", place.key, text="@Keir Abelard, when?\nSoon?", now=MONDAY)
    shown = text(client_of(place.keir).get(f"{talk_of(place)}?answer={said.uid}"))
    assert "&gt; Keir Abelard, when?\n&gt; Soon?\n" in shown


def test_a_part_of_the_page_is_given_to_another_page(place: Place) -> None:
    shown = text(client_of(place.keir).get(talk_of(place), headers={"HX-Request": "true"}))
    assert "<html" not in shown
    assert 'aria-label="Comments"' in shown


def test_another_page_takes_the_talk_in_by_one_line(place: Place) -> None:
    written = render_to_string("core/messages/_lazy_talk.html", {"kind": "unit", "key": place.key})
    assert f'hx-get="{talk_of(place)}" hx-trigger="revealed"' in written


def test_a_long_talk_comes_in_pages_and_each_comment_is_found_on_its_own(place: Place) -> None:
    said = [
        comments.add_comment(acting(place.keir), "unit", place.key, text=f"Word {n}.", now=MONDAY) for n in range(120)
    ]
    client = client_of(place.vera)
    shown = text(client.get(talk_of(place)))
    assert "Word 119." in shown
    assert "Word 70." in shown
    assert "Word 69." not in shown
    assert "71 to 120 of 120" in shown
    for number, page in ((119, ""), (69, "?page=2"), (0, "?page=3")):
        there = client.get(f"/comments/{said[number].uid}/").headers["Location"]
        assert there == f"{talk_of(place)}{page}#comment-{said[number].uid}"
        assert f"Word {number}." in text(client.get(there))


def test_ones_own_words_are_changed_on_a_page_that_sees_the_other_window(place: Place) -> None:
    said = comments.add_comment(acting(place.keir), "unit", place.key, text="Lokk", now=MONDAY)
    Comment.objects.filter(pk=said.pk).update(written_at=timezone.now())
    client = client_of(place.keir)
    address = f"/comments/{said.uid}/change/"
    assert ">\nLokk</textarea>" in text(client.get(address))
    version = Comment.objects.get().version
    assert client.post(address, {"text": "Look", "version": version}).status_code == 302
    late = client.post(address, {"text": "Other", "version": version})
    assert late.status_code == 422
    assert "Other</textarea>" in text(late)
    assert "changed" in text(client.get(talk_of(place)))
    assert client_of(place.ann).get(address).status_code == 403
    assert client_of(place.olga).get(address).status_code == 404


def test_a_withdrawn_comment_leaves_its_place_and_not_its_words(place: Place) -> None:
    said = comments.add_comment(acting(place.keir), "unit", place.key, text="Unfair words", now=MONDAY)
    client = client_of(place.keir)
    assert "Unfair words" in text(client.get(f"/comments/{said.uid}/withdraw/"))
    client.post(f"/comments/{said.uid}/withdraw/")
    shown = text(client.get(talk_of(place)))
    assert "Unfair words" not in shown
    assert "Withdrawn on" in shown


def test_suggestions_come_as_names_and_for_who_comments_only(place: Place) -> None:
    found = client_of(place.ann).get(f"{talk_of(place)}people/?q=co").json()
    assert found == {
        "people": [
            {"name": "Vera Cole", "write": "Vera Cole", "address": place.vera.email, "initials": "VC"},
        ]
    }
    assert client_of(place.vera).get(f"{talk_of(place)}people/?q=co").status_code == 403
    assert client_of(place.olga).get(f"{talk_of(place)}people/?q=co").status_code == 404


def test_watching_is_one_button_that_turns_round(place: Place) -> None:
    client = client_of(place.vera)
    page = f"/units/{place.key}/"
    assert "Watch</button>" in text(client.get(talk_of(place)))
    turned = client.post(f"/about/unit/{place.key}/watch/", {"watch": "yes"}, headers={"HX-Request": "true"})
    assert "Stop watching" in text(turned)
    assert Watch.objects.get().muted is False
    away = client.post(f"/about/unit/{place.key}/watch/", {"watch": "no"})
    assert away.status_code == 302
    assert away.headers["Location"].startswith(page[:6])
    assert Watch.objects.get().muted is True
    shown = text(client.get("/watching/"))
    assert "Muted" in shown
    assert "Works" in shown


def test_the_bell_counts_what_is_unread_and_leads_to_it(place: Place) -> None:
    watching.watch(acting(place.vera), "unit", place.key, now=MONDAY)
    said = comments.add_comment(acting(place.ann), "unit", place.key, text="Come", now=MONDAY)
    client = client_of(place.vera)
    shown = text(client.get("/notifications/"))
    assert 'aria-label="Notifications, one unread"' in shown
    assert "Ann Bell commented" in shown
    uid = Notification.objects.get().uid
    assert client.get(f"/notifications/{uid}/").headers["Location"] == f"/comments/{said.uid}/?told={uid}"
    assert Notification.objects.get().seen_at is None
    client.post("/notifications/", {"uid": str(uid)})
    assert Notification.objects.get().seen_at is not None
    assert "You have read everything" in text(client.get("/notifications/"))


def test_a_script_of_the_page_marks_what_was_opened(place: Place) -> None:
    watching.watch(acting(place.vera), "unit", place.key, now=MONDAY)
    comments.add_comment(acting(place.ann), "unit", place.key, text="Come", now=MONDAY)
    uid = str(Notification.objects.get().uid)
    client = client_of(place.vera)
    answer = client.post("/notifications/", {"uid": uid}, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert client_of(place.keir).post("/notifications/", {"uid": uid}).status_code == 404
    assert client.post("/notifications/", {"uid": "x"}).status_code == 404
    assert client.post("/notifications/").status_code == 422
    assert client.post("/notifications/", {"until": "2026-01-01"}).status_code == 422


def test_notifications_are_narrowed_by_sort_and_by_what_is_unread(place: Place) -> None:
    watching.watch(acting(place.vera), "unit", place.key, now=MONDAY)
    comments.add_comment(acting(place.ann), "unit", place.key, text="Come", now=MONDAY)
    client = client_of(place.vera)
    assert "Ann Bell commented" in text(client.get("/notifications/?sort=comment&show=unread"))
    assert "Nothing fits these filters" in text(client.get("/notifications/?sort=role"))
    assert "Ann Bell commented" in text(client.get("/notifications/?sort=nonsense&page=99999999999"))


def test_how_one_hears_of_things_is_chosen_on_a_page(place: Place) -> None:
    client = client_of(place.vera)
    ways = {"mention": "daily", "comment": "never", "change": "weekly", "role": "at_once", "invitation": "never"}
    assert client.post("/notifications/choices/", {**ways, "job": "never"}).status_code == 302
    shown = text(client.get("/notifications/choices/"))
    assert re.search(r'name="mention" value="daily"[^>]*checked', shown)
    assert client.post("/notifications/choices/", {**ways, "job": "hourly"}).status_code == 422


def test_a_file_is_added_removed_and_brought_back_on_its_page(place: Place) -> None:
    client = client_of(place.keir)
    page = f"/about/unit/{place.key}/files/"
    sent = SimpleUploadedFile("plan.pdf", b"%PDF-1.7")
    assert client.post(f"{page}add/", {"file": sent, "note": "Signed"}).status_code == 302
    file = Attachment.objects.get()
    shown = text(client.get(page))
    assert "plan.pdf" in shown
    assert "Signed" in shown
    assert file.sha256 in shown
    away = client.post(f"/files/{file.uid}/remove/")
    shown = text(client.get(away.headers["Location"]))
    assert "“plan.pdf” was removed" in shown
    client.post(f"/files/{file.uid}/bring-back/")
    assert Attachment.objects.get().removed_at is None


def test_a_refused_file_or_link_says_why_beside_the_field(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "LARGEST", 4)
    client = client_of(place.keir)
    page = f"/about/unit/{place.key}/files/"
    large = client.post(f"{page}add/", {"file": SimpleUploadedFile("x", b"12345"), "note": "My note"})
    assert large.status_code == 422
    assert "too large" in text(large)
    assert "My note" in text(large)
    evil = client.post(f"{page}link/", {"title": "My title", "address": "javascript:alert(1)"})
    assert evil.status_code == 422
    assert "My title" in text(evil)
    assert client.post(f"{page}add/").status_code == 422
    assert not Attachment.objects.exists()
    assert not DocumentLink.objects.exists()


def test_a_link_says_where_it_leads_and_tells_nobody_where_it_came_from(place: Place) -> None:
    client = client_of(place.keir)
    page = f"/about/unit/{place.key}/files/"
    client.post(f"{page}link/", {"title": "The plan", "address": "https://documents.example.org/p"})
    shown = text(client.get(page))
    assert 'href="https://documents.example.org/p" rel="noopener noreferrer"' in shown
    assert "leaves Quarterdeck" in shown
    assert "documents.example.org</td>" in shown


def test_what_was_removed_elsewhere_is_not_offered_here(place: Place) -> None:
    file = attachments.add_attachment(acting(place.keir), "unit", place.key, name="x.txt", chunks=[b"x"], now=MONDAY)
    attachments.remove_attachment(acting(place.keir), file.uid, now=MONDAY)
    client = client_of(place.ann)
    other = make.unit("Other")
    assert "x.txt" not in text(client.get(f"/about/unit/{other.ref}/files/?removed_file={file.uid}"))
    assert client.get(f"/about/unit/{other.ref}/files/?removed_file={uuid4()}").status_code == 404


def test_the_past_is_read_only(place: Place) -> None:
    client = client_of(place.keir)
    said = comments.add_comment(acting(place.keir), "unit", place.key, text="Then", now=MONDAY)
    day = timezone.now().date()
    shown = text(client.get(f"{talk_of(place)}?known_at={day}T23:59:59%2B00:00"))
    assert "<textarea" not in shown
    answer = client.post(f"/comments/{said.uid}/withdraw/?known_at={day}T00:00:00%2B00:00")
    assert answer.status_code == 422
    assert Comment.objects.get().withdrawn_at is None


def test_mail_that_failed_is_sent_again_from_its_page_and_its_words_are_not_shown(place: Place) -> None:
    made = outbox.post(to="keir@norhaven.example", subject="Hello there", text="Private words.", now=MONDAY)
    OutgoingMail.objects.filter(pk=made.pk).update(state="failed", problem="550 no such user")
    admin = Person.objects.get(pk=make.admin().person_id)
    client = client_of(admin)
    listed, shown = text(client.get("/mails/")), text(client.get(f"/mails/{made.uid}/"))
    for page in (listed, shown):
        assert "Hello there" in page
        assert "550 no such user" in page
        assert "Private words" not in page
    assert "no mail server yet" in listed
    assert client.post(f"/mails/{made.uid}/", {"act": "try_again"}).status_code == 302
    assert OutgoingMail.objects.get().state == "waiting"
    assert client.post(f"/mails/{made.uid}/", {"act": "read"}).status_code == 422
    assert client_of(place.ann).get("/mails/").status_code == 404
    assert client_of(place.ann).get(f"/mails/{made.uid}/").status_code == 404


def queries_of(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_a_page_asks_the_same_whether_it_shows_few_lines_or_many(place: Place) -> None:
    client = client_of(place.vera)
    watching.watch(acting(place.vera), "unit", place.key, now=MONDAY)
    pages = [talk_of(place), f"/about/unit/{place.key}/files/", "/notifications/", "/watching/"]

    def grow(first: int, count: int) -> None:
        for number in range(first, first + count):
            unit = make.unit(f"Unit {number}", place.unit)
            watching.watch(acting(place.vera), "unit", unit.ref, now=MONDAY)
            roles.give_role(make.admin(), place.vera, Role.objects.get(code="viewer"), on=unit, now=MONDAY)
            for about in (place.unit, unit):
                comments.add_comment(make.admin(), "unit", about.ref, text=f"@Vera Cole, {number}", now=MONDAY)
            attachments.add_attachment(make.admin(), "unit", place.key, name=f"{number}", chunks=[b"x"], now=MONDAY)
        seal()
        telling.tell_new(now=MONDAY)

    grow(0, 3)
    few = [queries_of(client, page) for page in pages]
    grow(3, 12)
    many = [queries_of(client, page) for page in pages]
    print(dict(zip(pages, many, strict=True)))
    assert few == many
