"""Files hang on a thing, come back as downloads, and are nothing but bytes in between."""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from quarterdeck.core import time
from quarterdeck.core.errors import NotAllowed, NotFound, Refused
from quarterdeck.core.models import Attachment, AttachmentContent, LedgerEntry, Person
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.services import attachments
from quarterdeck.core.tests import make
from quarterdeck.core.tests.make import MONDAY
from quarterdeck.core.tests.messages.people import Place, acting
from tests.proof.figures import figure

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# What people and programs call files that should not be where they want to be.
HOSTILE = [
    "../../etc/passwd", "../" * 20 + "etc/cron.d/x", "..\\..\\windows\\system32\\x.dll", "/etc/passwd", "\\etc\\passwd",
    "//server/share/x", "\\\\server\\share\\x", "C:\\Windows\\win.ini", "C:evil.txt", "c:/x", "file:///etc/passwd",
    "..", ".", "...", "....//....//x", "..;/x", "%2e%2e%2fx", "..%c0%afx", "..%252fx", "x\x00.pdf", "\x00", "",
    " ", "\u2215etc\u2215passwd", "..\u2044x", "..\uff0fx", "..\uff3cx", "\u202egpj.exe", "\u200bx",
    "x\r\nSet-Cookie: a",
    "nul", "NUL.txt", "con.pdf", "COM1", "aux.", "x:stream", ".htaccess", "x" * 5_000, "x" * 300 + ".pdf", "~/x",
    "a|b;c`d$(e)", "<script>.html", "x/../../y", "quarterdeck/../../secret_key",
]  # fmt: skip


def add(who: Person, place: Place, data: bytes = b"%PDF-1.7 words", name: str = "plan.pdf") -> Attachment:
    return attachments.add_attachment(acting(who), "unit", place.key, name=name, chunks=[data], now=MONDAY)


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person.accounts.get(), backend=BACKEND)
    return client


def test_a_file_is_kept_with_its_fingerprint_and_its_addition_is_in_the_ledger(place: Place) -> None:
    found = add(place.keir, place)
    digest = hashlib.sha256(b"%PDF-1.7 words").hexdigest()
    assert (found.name, found.size, found.sha256) == ("plan.pdf", 14, digest)
    assert b"".join(questions.content(found, 5)) == b"%PDF-1.7 words"
    assert digest in LedgerEntry.objects.get(event="core.attachment.added").entry


def test_who_only_reads_hangs_nothing_on_it_and_who_does_not_see_it_learns_nothing(place: Place) -> None:
    with pytest.raises(NotAllowed, match="Hang files"):
        add(place.vera, place)
    with pytest.raises(NotFound):
        add(place.olga, place)
    assert not Attachment.objects.exists()


def test_what_is_too_large_or_empty_is_refused_at_the_field(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "LARGEST", 10)
    for data in (b"x" * 11, b""):
        with pytest.raises(Refused) as refusal:
            add(place.keir, place, data)
        assert "file" in refusal.value.fields
    assert not AttachmentContent.objects.exists()


def test_all_files_of_a_thing_are_bounded_together_and_removed_ones_count(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "LARGEST_TOGETHER", 20)
    attachments.remove_attachment(acting(place.keir), add(place.keir, place, b"x" * 15).uid, now=MONDAY)
    with pytest.raises(Refused, match="together"):
        add(place.keir, place, b"x" * 6)
    assert add(place.keir, place, b"x" * 5).size == 5


def test_reading_stops_where_it_is_too_much(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "LARGEST", 10)
    asked = []

    def endless() -> Any:
        while True:
            asked.append(1)
            yield b"x" * 4

    with pytest.raises(Refused):
        attachments.add_attachment(acting(place.keir), "unit", place.key, name="x", chunks=endless(), now=MONDAY)
    assert len(asked) == 3


def test_a_file_is_removed_by_who_added_it_or_runs_the_thing_and_brought_back(place: Place) -> None:
    found = add(place.keir, place)
    with pytest.raises(NotAllowed, match="who added it"):
        attachments.remove_attachment(acting(place.ann), found.uid, now=MONDAY)
    with pytest.raises(NotFound):
        attachments.remove_attachment(acting(place.olga), found.uid, now=MONDAY)
    for actor in (acting(place.keir), make.admin()):
        attachments.remove_attachment(actor, found.uid, now=MONDAY)
        about = questions.subject(actor, "unit", place.key)
        assert not questions.attachments(about).exists()
        attachments.bring_back_attachment(actor, found.uid, now=MONDAY)
        assert list(questions.attachments(about)) == [found]
    events = LedgerEntry.objects.filter(event__startswith="core.attachment.").order_by("pk")
    assert [entry.event.rpartition(".")[2] for entry in events] == ["added", *["removed", "brought_back"] * 2]


def test_an_earlier_day_keeps_the_files_of_its_time(place: Place) -> None:
    found = add(place.keir, place)
    about = questions.subject(make.admin(), "unit", place.key)
    attachments.remove_attachment(acting(place.keir), found.uid, now=MONDAY + timedelta(days=3))
    assert not questions.attachments(about).exists()
    with time.at(MONDAY.date() + timedelta(days=1)):
        assert [each.name for each in questions.attachments(about)] == ["plan.pdf"]
    with time.at(MONDAY.date() - timedelta(days=1)):
        assert not questions.attachments(about).exists()


def listing(*folders: str) -> set[str]:
    return {str(path) for folder in folders for path in Path(folder).rglob("*")}


def test_forty_hostile_names_read_and_write_nothing_and_come_back_clean(
    place: Place, tmp_path: Path, settings: Any
) -> None:
    """R12: by upload through the page, as a browser or a program sends it."""
    client = client_of(place.keir)
    # Even what is sent would be written down in parts; where that goes is looked at too.
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 2
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "sent")
    Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir()
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    here = Path.cwd()
    os.chdir(inside)
    try:
        folders = (str(tmp_path), os.environ["QUARTERDECK_DATA"])
        before = listing(*folders)
        touched = Path("/etc/passwd").stat().st_mtime
        for name in HOSTILE:
            sent = SimpleUploadedFile("x", b"hostile")
            sent._name = name  # past the cleaning of Django's own class, as a handler of another kind would
            client.post(f"/about/unit/{place.key}/files/add/", {"file": sent})
        for name in HOSTILE:
            add(place.keir, place, b"hostile", name)
        written = listing(*folders) - before
    finally:
        os.chdir(here)
    assert written == set()
    assert Path("/etc/passwd").stat().st_mtime == touched
    assert b"root:" not in b"".join(bytes(each.data) for each in AttachmentContent.objects.all())
    kept = Attachment.objects.values_list("name", flat=True)
    assert len(kept) >= 2 * len(HOSTILE) - 6
    wrong = [
        name
        for name in kept
        if set(name) & set('/\\:<>|"?*\r\n\x00') or name.strip(" .") != name or not 0 < len(name) <= 150
        or name in {".", ".."} or any(ord(c) < 32 or c in "\u202e\u200b\u2215\u2044\uff0f\uff3c" for c in name)
        or name.split(".")[0].lower() in {"nul", "con", "aux", "com1"}
    ]  # fmt: skip
    assert wrong == []
    figure("R12", f"{len(HOSTILE)} names, sent and given: {len(written)} files read or written", part="uploads")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\Plan v2.docx", "Plan v2.docx"),
        ("Grüße an alle.pdf", "Grüße an alle.pdf"),
        ("plan.pdf. ", "plan.pdf"),
        ("\u202egpj.exe", "gpj.exe"),
        ("NUL.txt", "_NUL.txt"),
        ("a/..", "a"),
        ("a:b.txt", "a_b.txt"),
        ("", "file"),
        ("..", "file"),
        ("\U0001f4c4 notes.txt", "\U0001f4c4 notes.txt"),
    ],
)
def test_names_stay_what_a_person_would_expect(sent: str, kept: str) -> None:
    assert attachments.clean_name(sent) == kept


def test_long_names_keep_their_ending() -> None:
    assert attachments.clean_name("x" * 400 + ".docx") == "x" * 145 + ".docx"[0:5]


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("plan.pdf", b"%PDF-1.7", "application/pdf"),
        ("picture.png", b"\x89PNG\r\n\x1a\n...", "image/png"),
        ("lie.pdf", b"<script>alert(1)</script>", "application/octet-stream"),
        ("page.html", b"<script>alert(1)</script>", "application/octet-stream"),
        ("drawing.svg", b"<svg onload='alert(1)'/>", "application/octet-stream"),
        ("macro.docm", b"PK\x03\x04", "application/octet-stream"),
    ],
)
def test_a_download_is_never_shown_in_a_page_whatever_it_holds(name: str, data: bytes, kind: str, place: Place) -> None:
    found = add(place.keir, place, data, name)
    answer = client_of(place.vera).get(f"/files/{found.uid}/")
    assert b"".join(answer.streaming_content) == data  # type: ignore[attr-defined]
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Length"] == str(len(data))
    assert answer.headers["Cache-Control"] == "no-store"


def test_names_in_other_letters_travel_as_the_standard_says(place: Place) -> None:
    found = add(place.keir, place, name='Grüße "an" alle.pdf')
    header = client_of(place.vera).get(f"/files/{found.uid}/").headers["Content-Disposition"]
    assert header == "attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe%20_an_%20alle.pdf"


def test_a_large_file_is_read_in_parts(place: Place, django_assert_max_num_queries: Any) -> None:
    data = os.urandom(1_000_000)
    found = add(place.keir, place, data)
    parts = list(questions.content(found, 256 * 1024))
    assert [len(part) for part in parts] == [262144, 262144, 262144, 213568]
    assert b"".join(parts) == data


def test_what_was_removed_is_downloaded_from_its_time_only(place: Place) -> None:
    day = datetime(2020, 1, 6, 9, tzinfo=UTC)
    found = attachments.add_attachment(acting(place.keir), "unit", place.key, name="x", chunks=[b"x"], now=day)
    attachments.remove_attachment(acting(place.keir), found.uid, now=day + timedelta(days=30))
    client = client_of(place.keir)
    assert client.get(f"/files/{found.uid}/").status_code == 404
    then = client.get(f"/files/{found.uid}/?as_of=2020-01-10")
    assert then.status_code == 404  # Works was not there in 2020


def test_who_does_not_see_the_thing_does_not_get_the_file(place: Place) -> None:
    found = add(place.keir, place)
    assert client_of(place.olga).get(f"/files/{found.uid}/").status_code == 404
