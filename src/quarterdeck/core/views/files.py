"""Files and links to documents that hang on a thing."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.forms import BaseForm
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from quarterdeck.core import access, rights
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotFound
from quarterdeck.core.forms import messages as forms
from quarterdeck.core.models import Attachment, DocumentLink
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.queries.messages import Subject
from quarterdeck.core.services import attachments, documents
from quarterdeck.core.web.frame import frame_of
from quarterdeck.core.web.pages import SignedIn, address, page, refusals_on, show, status_of

CHUNK = 256 * 1024
# What a browser or a desk opens harmlessly is called what it is, if its first bytes say the same; it comes as a
# download all the same.
HARMLESS: dict[str, tuple[bytes, str]] = {
    "pdf": (b"%PDF-", "application/pdf"),
    "png": (b"\x89PNG\r\n\x1a\n", "image/png"),
    "jpg": (b"\xff\xd8\xff", "image/jpeg"),
    "jpeg": (b"\xff\xd8\xff", "image/jpeg"),
}
UNKNOWN = "application/octet-stream"


@require_safe
@page
def files(request: SignedIn, kind: str, key: str) -> HttpResponse:
    """Files of a thing, documents it points to, and the way to add one."""
    return _files(request, questions.subject(request.actor, kind, key))


@require_POST
@page
def add_file(request: SignedIn, kind: str, key: str) -> HttpResponse:
    """Hang a file on a thing."""
    about = _to_file_on(request, kind, key)
    form = forms.File(request.POST, request.FILES)
    if form.is_valid():
        sent = form.cleaned_data["file"]
        with refusals_on(form):
            attachments.add_attachment(
                request.actor,
                kind,
                key,
                name=sent.name or "",
                chunks=sent.chunks(CHUNK),
                note=form.cleaned_data["note"],
                now=request.now,
            )
            return redirect("files", kind, key)
    return _files(request, about, file_form=form)


@require_POST
@page
def add_document(request: SignedIn, kind: str, key: str) -> HttpResponse:
    """Point from a thing to a document."""
    about = _to_file_on(request, kind, key)
    form = forms.Document(request.POST)
    if form.is_valid():
        with refusals_on(form):
            documents.add_document(request.actor, kind, key, now=request.now, **form.cleaned_data)
            return redirect("files", kind, key)
    return _files(request, about, document_form=form)


def _to_file_on(request: SignedIn, kind: str, key: str) -> Subject:
    """The thing; whoever may hang nothing on it is told so before anything about a form."""
    about = questions.subject(request.actor, kind, key)
    access.require(request.actor, rights.ATTACH, on=about.node_id, seen_by=about.kind.see)
    return about


def _files(
    request: SignedIn, about: Subject, *, file_form: BaseForm | None = None, document_form: BaseForm | None = None
) -> HttpResponse:
    present = request.moment is None
    tidy = present and questions.may_tidy(request.actor, about)
    may_add = present and access.may(request.actor, rights.ATTACH, on=about.node_id or 0)

    def mine(row: Attachment | DocumentLink) -> bool:
        return tidy or (may_add and row.added_by_id == request.actor.person_id)

    bound = file_form or document_form
    return show(
        request,
        "core/messages/files.html",
        status=status_of(bound) if bound else 200,
        **frame_of(request, about.code, about.thing, "files"),
        files=[{"row": row, "may_remove": mine(row)} for row in questions.attachments(about)],
        documents=[
            {"row": row, "may_remove": mine(row), "place": documents.place_of(row)}
            for row in questions.documents(about)
        ],
        removed=_removed(request, about) if present else None,
        may_add=may_add,
        file_form=file_form or forms.File(),
        document_form=document_form or forms.Document(),
        add_file_url=address("add_file", about.code, about.key),
        add_document_url=address("add_document", about.code, about.key),
    )


def _removed(request: SignedIn, about: Subject) -> dict[str, str] | None:
    """What was just removed here, so that it can be brought back."""
    finders: dict[str, tuple[Callable[[Actor, UUID], tuple[Any, Subject]], str]] = {
        "file": (questions.attachment, "bring_back_file"),
        "document": (questions.document, "bring_back_document"),
    }
    for name, (find, route) in finders.items():
        try:
            uid = UUID(request.GET.get(f"removed_{name}", ""))
        except ValueError:
            continue
        row, where = find(request.actor, uid)
        if row.removed_at is not None and (where.code, where.pk) == (about.code, about.pk):
            return {"name": str(row), "url": address(route, uid)}
    return None


@require_safe
@page
def download(request: SignedIn, uid: UUID) -> HttpResponse:
    """The file, to be saved: never shown inside a page of ours, whatever it holds."""
    found, _about = questions.attachment(request.actor, uid)
    if found.removed_at is not None:
        raise NotFound
    start = next(iter(questions.content(found, 16)), b"")
    ending = found.name.rpartition(".")[2].lower()
    begins, harmless = HARMLESS.get(ending, (b"", UNKNOWN))
    response = StreamingHttpResponse(
        questions.content(found, CHUNK), content_type=harmless if begins and start.startswith(begins) else UNKNOWN
    )
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=found.name)
    response["Content-Length"] = str(found.size)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    # A page is an HttpResponse to its decorator; a streamed one differs in its body only.
    return cast(HttpResponse, response)


@require_POST
@page
def remove_file(request: SignedIn, uid: UUID) -> HttpResponse:
    """Take a file off a thing."""
    return _moved(request, uid, questions.attachment, attachments.remove_attachment, "removed_file")


@require_POST
@page
def bring_back_file(request: SignedIn, uid: UUID) -> HttpResponse:
    """Undo the removal of a file."""
    return _moved(request, uid, questions.attachment, attachments.bring_back_attachment)


@require_POST
@page
def remove_document(request: SignedIn, uid: UUID) -> HttpResponse:
    """Point to a document no more."""
    return _moved(request, uid, questions.document, documents.remove_document, "removed_document")


@require_POST
@page
def bring_back_document(request: SignedIn, uid: UUID) -> HttpResponse:
    """Undo the removal of a link."""
    return _moved(request, uid, questions.document, documents.bring_back_document)


def _moved(
    request: SignedIn,
    uid: UUID,
    find: Callable[[Actor, UUID], tuple[Any, Subject]],
    act: Callable[..., Any],
    said: str = "",
) -> HttpResponse:
    _row, about = find(request.actor, uid)
    act(request.actor, uid, now=request.now)
    return redirect(address("files", about.code, about.key, query={said: uid} if said else None))
