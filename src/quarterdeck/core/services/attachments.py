"""Files that hang on a thing: kept in the database, given back as downloads only."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from quarterdeck.core import access, ledger, rights, store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotAllowed, Refused
from quarterdeck.core.models import Attachment, AttachmentContent, Node
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.queries.messages import Subject

MEGABYTE = 1024 * 1024
LARGEST = 20 * MEGABYTE
# All files of one thing, those that were removed included, since they are kept for the past.
LARGEST_TOGETHER = 500 * MEGABYTE
LONGEST_NAME = 150
LONGEST_ENDING = 12
# Signs that separate folders somewhere, or look as if they did.
_FOLDERS = re.compile("[/\\\\\\u2044\\u2215\\u2216\\u29f5\\u29f8\\u29f9\\ufe68\\uff0f\\uff3c]")
_UNFIT = re.compile('[<>:"|?*\\x00-\\x1f\\x7f-\\x9f]')
# Names that are devices on some systems, whatever their ending.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|clock\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)


@transaction.atomic
def add_attachment(
    actor: Actor, kind: str, key: str, *, name: str, chunks: Iterable[bytes], note: str = "", now: datetime
) -> Attachment:
    """
    Hang a file on a thing.

    name : as it was sent; it is cleaned, and nothing is ever written to a disk under it.
    """
    about = questions.subject(actor, kind, key)
    access.require(actor, rights.ATTACH, on=about.node_id, seen_by=about.kind.see)
    data, digest = _read(chunks)
    _refuse_too_much(about, len(data))
    attachment = Attachment(
        **about.about,
        name=clean_name(name),
        size=len(data),
        sha256=digest,
        note=note.strip(),
        added_by_id=actor.person_id,
        added_at=now,
    )
    store.create(attachment, store.Because(actor.person_id, now))
    AttachmentContent.objects.create(attachment=attachment, data=data)
    ledger.record(
        actor, "core.attachment.added", on=about.thing, at=now, attachment=attachment.pk, size=len(data), sha256=digest
    )
    return attachment


@transaction.atomic
def remove_attachment(actor: Actor, uid: UUID, *, now: datetime) -> Attachment:
    """Take a file off a thing: one's own, or anybody's for who runs the thing. The past keeps it."""
    attachment, about = questions.attachment(actor, uid)
    _require_to_move(actor, attachment, about)
    if attachment.removed_at is None:
        attachment.removed_at = now
        store.save(attachment, store.Because(actor.person_id, now), fields=["removed_at"])
        ledger.record(actor, "core.attachment.removed", on=about.thing, at=now, attachment=attachment.pk)
    return attachment


@transaction.atomic
def bring_back_attachment(actor: Actor, uid: UUID, *, now: datetime) -> Attachment:
    """Undo a removal."""
    attachment, about = questions.attachment(actor, uid)
    _require_to_move(actor, attachment, about)
    if attachment.removed_at is not None:
        attachment.removed_at = None
        store.save(attachment, store.Because(actor.person_id, now), fields=["removed_at"])
        ledger.record(actor, "core.attachment.brought_back", on=about.thing, at=now, attachment=attachment.pk)
    return attachment


def _require_to_move(actor: Actor, attachment: Attachment, about: Subject) -> None:
    if not questions.may_remove(actor, attachment.added_by_id, about):
        raise NotAllowed(_("A file is removed by who added it, or by who runs what it hangs on."))


def _read(chunks: Iterable[bytes]) -> tuple[bytes, str]:
    """The bytes and their digest; refused as soon as they are too many."""
    data, digest = bytearray(), hashlib.sha256()
    for chunk in chunks:
        data += chunk
        digest.update(chunk)
        if len(data) > LARGEST:
            sentence = _("The file is too large: at most 20 MB are kept here. Link to it where it lies instead.")
            raise Refused("file_too_large", sentence, {"file": sentence})
    if not data:
        sentence = _("The file is empty.")
        raise Refused("file_empty", sentence, {"file": sentence})
    return bytes(data), digest.hexdigest()


def _refuse_too_much(about: Subject, size: int) -> None:
    _wait_for_others(about)
    kept = Attachment.objects.filter(subject_kind=about.code, subject_id=about.pk).aggregate(sum=Sum("size"))["sum"]
    if (kept or 0) + size > LARGEST_TOGETHER:
        sentence = _("The files here would be larger than 500 MB together. Link to this one where it lies instead.")
        raise Refused("files_too_large", sentence, {"file": sentence})


def _wait_for_others(about: Subject) -> None:
    """Of two files that are added at once the second sees the first."""
    Node.objects.select_for_update(no_key=True).filter(pk=about.node_id or 0).first()


def clean_name(sent: str) -> str:
    """
    A file name that is one everywhere: no folders, no drive, nothing unseen, not too long; never empty.

    The ending stays, so that a document opens with what it belongs to.
    """
    text = unicodedata.normalize("NFC", sent)
    text = _FOLDERS.split(text)[-1] if _FOLDERS.split(text)[-1].strip(" .") else _last_named(text)
    text = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
    text = " ".join(_UNFIT.sub("_", text).split()).strip(" .")
    if not text.strip("_"):
        return "file"
    if _DEVICES.match(text):
        text = f"_{text}"
    return _short(text)


def _last_named(text: str) -> str:
    named = [part for part in _FOLDERS.split(text) if part.strip(" .")]
    return named[-1] if named else ""


def _short(text: str) -> str:
    if len(text) <= LONGEST_NAME:
        return text
    stem, dot, ending = text.rpartition(".")
    if dot and len(ending) <= LONGEST_ENDING:
        return f"{stem[: LONGEST_NAME - len(ending) - 1].rstrip(' .')}.{ending}"
    return text[:LONGEST_NAME].rstrip(" .")
