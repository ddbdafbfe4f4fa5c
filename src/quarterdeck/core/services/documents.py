"""Documents that lie elsewhere: a title and an address, which is never fetched."""

import re
from datetime import datetime
from urllib.parse import quote, urlsplit
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from quarterdeck.core import access, ledger, rights, store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotAllowed, Refused
from quarterdeck.core.models import DocumentLink
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.queries.messages import Subject

WEB, SHARES = ("https", "http"), ("file", "smb")
_UNFIT = re.compile(
    '[\\x00-\\x20\\x7f-\\xa0\\u1680\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u3000\\ufeff<>"`{}|^]'
)


@transaction.atomic
def add_document(
    actor: Actor, kind: str, key: str, *, title: str, address: str, note: str = "", now: datetime
) -> DocumentLink:
    """Point from a thing to a document."""
    about = questions.subject(actor, kind, key)
    access.require(actor, rights.ATTACH, on=about.node_id, seen_by=about.kind.see)
    document = DocumentLink(
        **about.about,
        title=" ".join(title.split()),
        address=clean_address(address),
        note=note.strip(),
        added_by_id=actor.person_id,
        added_at=now,
    )
    store.create(document, store.Because(actor.person_id, now))
    ledger.record(actor, "core.document.linked", on=about.thing, at=now, document=document.pk)
    return document


@transaction.atomic
def remove_document(actor: Actor, uid: UUID, *, now: datetime) -> DocumentLink:
    """Point to a document no more: one's own, or anybody's for who runs the thing."""
    document, about = questions.document(actor, uid)
    _require_to_move(actor, document, about)
    if document.removed_at is None:
        document.removed_at = now
        store.save(document, store.Because(actor.person_id, now), fields=["removed_at"])
        ledger.record(actor, "core.document.unlinked", on=about.thing, at=now, document=document.pk)
    return document


@transaction.atomic
def bring_back_document(actor: Actor, uid: UUID, *, now: datetime) -> DocumentLink:
    """Undo a removal."""
    document, about = questions.document(actor, uid)
    _require_to_move(actor, document, about)
    if document.removed_at is not None:
        document.removed_at = None
        store.save(document, store.Because(actor.person_id, now), fields=["removed_at"])
        ledger.record(actor, "core.document.brought_back", on=about.thing, at=now, document=document.pk)
    return document


def _require_to_move(actor: Actor, document: DocumentLink, about: Subject) -> None:
    if not questions.may_remove(actor, document.added_by_id, about):
        raise NotAllowed(_("A link is removed by who added it, or by who runs what it hangs on."))


def clean_address(typed: str) -> str:
    """
    An address that leads to a page or a file share and can do nothing else.

    `\\\\server\\share\\plan.docx` is understood as well. Refused: scripts, data, and names with passwords.
    """
    text = typed.strip()
    if text.startswith("\\\\"):
        text = "file:" + quote(text.replace("\\", "/"), safe="/:@!$&'()*+,;=~%-._")
    if _UNFIT.search(text):
        text = _UNFIT.sub(lambda found: quote(found[0]) if found[0] == " " else "", text)
    try:
        parts = urlsplit(text)
        port_is_right = parts.port is None or 0 < parts.port < 65536
    except ValueError:
        port_is_right, parts = False, urlsplit("")
    whole = bool(parts.hostname) or (parts.scheme == "file" and parts.path.startswith("/"))
    if parts.scheme.lower() not in (*WEB, *SHARES) or not whole or not port_is_right:
        raise _refusal(
            _("An address such as https://documents.example.org/plan or \\\\server\\folder\\plan is needed.")
        )
    if parts.username is not None or parts.password is not None:
        raise _refusal(_("The address holds a name or a password. Leave that out: everybody here could read it."))
    return text


def _refusal(sentence: str) -> Refused:
    return Refused("no_such_address", sentence, {"address": sentence})


def place_of(document: DocumentLink) -> str:
    """Where an address leads, in short: the server, so that a reader knows before they go."""
    return urlsplit(document.address).hostname or _("a file share")
