"""Operations on what hangs on a thing: files that are kept here, and links to documents that lie elsewhere."""

from typing import Annotated, Any
from uuid import UUID

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from pydantic import Field

from quarterdeck.core.api.bearer import Call
from quarterdeck.core.api.naming import PersonNamed, PlacesInPath, UidInPath, made, person_named
from quarterdeck.core.api.operations import Answer, get, post
from quarterdeck.core.api.shapes import Given, Instant, Line, Name, Reason, Sent, UidText
from quarterdeck.core.errors import NotFound
from quarterdeck.core.models import Attachment, DocumentLink
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.services import attachments, documents

TAGS = ["Files and documents"]
CHUNK = 256 * 1024


class AttachmentGiven(Given):
    """A file that hangs on a thing. Its bytes have an address of their own."""

    uid: UidText
    kind: str
    key: str
    name: str
    size: int
    sha256: str
    note: str
    added_by: PersonNamed
    added_at: Instant
    removed_at: Instant | None
    version: int


class AttachmentsGiven(Given):
    """The files of a thing, by name."""

    items: list[AttachmentGiven]


class DocumentGiven(Given):
    """A document that lies elsewhere. Its address is never opened from here."""

    uid: UidText
    kind: str
    key: str
    title: str
    address: str
    note: str
    added_by: PersonNamed
    added_at: Instant
    removed_at: Instant | None
    version: int


class DocumentsGiven(Given):
    """The documents a thing points to, by title."""

    items: list[DocumentGiven]


class DocumentSent(Sent):
    """What it is called and where it lies: https, http, file or smb."""

    title: Name
    address: Annotated[Line, Field(max_length=1000)]
    note: Reason = ""


@get("/{kinds}/{key}/attachments", AttachmentsGiven, name="api_attachments", tags=TAGS, single=False)
def list_attachments(request: Call, kinds: PlacesInPath, key: str) -> Answer:
    """Files that hang on a thing."""
    about = questions.subject(request.actor, kinds.removesuffix("s"), key)
    return Answer({"items": [attachment_data(each, about) for each in questions.attachments(about)]}, single=False)


@get("/attachments/{uuid:uid}", AttachmentGiven, name="api_attachment", tags=TAGS)
def attachment(request: Call, uid: UidInPath) -> Answer:
    """What is known of a file, also when it was removed."""
    return Answer(_attachment(request, uid))


@get(
    "/attachments/{uuid:uid}/content",
    None,
    name="api_attachment_content",
    tags=TAGS,
    single=False,
    media={"application/octet-stream": {}},
)
def attachment_content(request: Call, uid: UidInPath) -> Any:
    """The bytes of a file."""
    found, _about = questions.attachment(request.actor, uid)
    if found.removed_at is not None:
        raise NotFound
    return StreamingHttpResponse(
        questions.content(found, CHUNK),
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=found.name) or "attachment",
            "Content-Length": str(found.size),
        },
    )


@post("/attachments/{uuid:uid}/remove", AttachmentGiven, name="api_attachment_remove", tags=TAGS, status=200)
def remove_attachment(request: Call, uid: UidInPath) -> Answer:
    """Take a file off a thing. The past keeps it."""
    attachments.remove_attachment(request.actor, uid, now=request.now)
    return Answer(_attachment(request, uid))


@post("/attachments/{uuid:uid}/bring-back", AttachmentGiven, name="api_attachment_back", tags=TAGS, status=200)
def bring_back_attachment(request: Call, uid: UidInPath) -> Answer:
    """Hang a removed file on its thing again."""
    attachments.bring_back_attachment(request.actor, uid, now=request.now)
    return Answer(_attachment(request, uid))


@get("/{kinds}/{key}/documents", DocumentsGiven, name="api_documents", tags=TAGS, single=False)
def list_documents(request: Call, kinds: PlacesInPath, key: str) -> Answer:
    """Documents elsewhere that a thing points to."""
    about = questions.subject(request.actor, kinds.removesuffix("s"), key)
    return Answer({"items": [document_data(each, about) for each in questions.documents(about)]}, single=False)


@post("/{kinds}/{key}/documents", DocumentGiven, name="api_documents", tags=TAGS)
def add_document(request: Call, kinds: PlacesInPath, key: str, body: DocumentSent) -> Answer:
    """Point from a thing to a document."""
    new = documents.add_document(
        request.actor,
        kinds.removesuffix("s"),
        key,
        title=body.title,
        address=body.address,
        note=body.note,
        now=request.now,
    )
    return made(_document(request, new.uid), "api_document", new.uid)


@get("/documents/{uuid:uid}", DocumentGiven, name="api_document", tags=TAGS)
def document(request: Call, uid: UidInPath) -> Answer:
    """A link to a document, also when it was removed."""
    return Answer(_document(request, uid))


@post("/documents/{uuid:uid}/remove", DocumentGiven, name="api_document_remove", tags=TAGS, status=200)
def remove_document(request: Call, uid: UidInPath) -> Answer:
    """Point to a document no more. The past keeps the link."""
    documents.remove_document(request.actor, uid, now=request.now)
    return Answer(_document(request, uid))


@post("/documents/{uuid:uid}/bring-back", DocumentGiven, name="api_document_back", tags=TAGS, status=200)
def bring_back_document(request: Call, uid: UidInPath) -> Answer:
    """Point to a document again."""
    documents.bring_back_document(request.actor, uid, now=request.now)
    return Answer(_document(request, uid))


def _attachment(request: Call, uid: UUID) -> dict[str, Any]:
    return attachment_data(*questions.attachment(request.actor, uid))


def _document(request: Call, uid: UUID) -> dict[str, Any]:
    return document_data(*questions.document(request.actor, uid))


def attachment_data(found: Attachment, about: questions.Subject) -> dict[str, Any]:
    return {
        "uid": found.uid,
        "kind": about.code,
        "key": about.key,
        "name": found.name,
        "size": found.size,
        "sha256": found.sha256,
        "note": found.note,
        "added_by": person_named(found.added_by),
        "added_at": found.added_at,
        "removed_at": found.removed_at,
        "version": found.version,
    }


def document_data(found: DocumentLink, about: questions.Subject) -> dict[str, Any]:
    return {
        "uid": found.uid,
        "kind": about.code,
        "key": about.key,
        "title": found.title,
        "address": found.address,
        "note": found.note,
        "added_by": person_named(found.added_by),
        "added_at": found.added_at,
        "removed_at": found.removed_at,
        "version": found.version,
    }
