"""What people say about a thing, and who watches it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from quarterdeck.core import access, markdown, rights
from quarterdeck.core.errors import NotAllowed
from quarterdeck.core.forms import messages as forms
from quarterdeck.core.models import Comment
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.queries import naming
from quarterdeck.core.queries.messages import Subject
from quarterdeck.core.services import comments, watching
from quarterdeck.core.web.frame import frame_of
from quarterdeck.core.web.pages import SignedIn, address, page, refusals_on, show, status_of
from quarterdeck.core.web.shell import crumb

PAGE = 50


@page
def talk(request: SignedIn, kind: str, key: str) -> HttpResponse:
    """Comments on a thing, the latest last, and room for one more; a part of another page when that asks for it."""
    about = questions.subject(request.actor, kind, key)
    form = forms.Comment(
        request.POST if request.method == "POST" else None, initial={"text": _quotation(request, about)}
    )
    if request.method == "POST":
        # Whoever may not is told so before anything about the form.
        access.require(request.actor, rights.COMMENT, on=about.node_id, seen_by=about.kind.see)
        if form.is_valid():
            with refusals_on(form):
                text = form.cleaned_data["text"]
                added = comments.add_comment(request.actor, kind, key, text=text, now=request.now)
                return redirect(_place(request, added, about))
    return show(
        request,
        "core/messages/talk.html",
        partial="core/messages/_talk.html",
        status=status_of(form),
        **frame_of(request, kind, about.thing, "talk"),
        **_shown(request, about),
        form=form,
        may_comment=request.moment is None and access.may(request.actor, rights.COMMENT, on=about.node_id or 0),
        people_url=address("people_to_name", kind, key),
        talk_url=address("talk", kind, key),
    )


def _shown(request: SignedIn, about: Subject) -> dict[str, Any]:
    """One page of comments, counted from the latest; every page but the last of the past is full."""
    found = questions.comments(about)
    count = found.count()
    number = _number(request.GET.get("page", ""), -(-count // PAGE) or 1)
    last = count - (number - 1) * PAGE
    first = max(0, last - PAGE)
    rows = list(found[first:last])
    names = questions.names_in(row.text for row in rows)
    paging = None
    if count > PAGE:
        paging = {
            "first": first,
            "last": last,
            "count": count,
            "previous_url": _page_url(about, number + 1) if first else "",
            "next_url": _page_url(about, number - 1) if number > 1 else "",
        }
    tidy = request.moment is None and questions.may_tidy(request.actor, about)
    present = request.moment is None
    return {
        "comments": [
            {
                "row": row,
                "html": markdown.html(row.text, names),
                "may_change": present and questions.may_change_comment(request.actor, row, now=request.now),
                "may_withdraw": present
                and row.withdrawn_at is None
                and (tidy or row.author_id == request.actor.person_id),
            }
            for row in rows
        ],
        "paging": paging,
    }


def _number(text: str, most: int) -> int:
    return min(int(text), most) if text.isdecimal() and len(text) < 9 and int(text) > 0 else 1


def _page_url(about: Subject, number: int, *, told: str = "") -> str:
    return address("talk", about.code, about.key, query={"page": number if number > 1 else "", "told": told})


def _quotation(request: SignedIn, about: Subject) -> str:
    """The comment that is answered, as a quotation to write below."""
    try:
        uid = UUID(request.GET.get("answer", ""))
    except ValueError:
        return ""
    found = questions.comments(about).filter(uid=uid, withdrawn_at__isnull=True).first()
    if found is None:
        return ""
    # The name without @, so that a quotation tells nobody anything.
    words = markdown.plain(found.text, questions.names_in([found.text])).replace("@", "")
    return f"{markdown.quoted(words)}\n"


def _place(request: SignedIn, comment: Comment, about: Subject, *, told: str = "") -> str:
    """Where a comment is read: the page that holds it, and the very comment there. told: what led there."""
    found = questions.comments(about)
    later = found.filter(written_at__gt=comment.written_at).count()
    later += found.filter(written_at=comment.written_at, pk__gt=comment.pk).count()
    return f"{_page_url(about, later // PAGE + 1, told=told)}#comment-{comment.uid}"


@require_safe
@page
def comment(request: SignedIn, uid: UUID) -> HttpResponse:
    """To the very comment, wherever it stands now."""
    found, about = questions.comment(request.actor, uid)
    return redirect(_place(request, found, about, told=request.GET.get("told", "")))


@page
def change_comment(request: SignedIn, uid: UUID) -> HttpResponse:
    """Set one's own words right."""
    found, about, text = questions.comment_to_change(request.actor, uid)
    if not questions.may_change_comment(request.actor, found, now=request.now):
        raise NotAllowed(_("A comment is changed by who wrote it, within a day. An answer says what is new."))
    form = forms.Comment(
        request.POST if request.method == "POST" else None, initial={"text": text, "version": found.version}
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            version = form.cleaned_data["version"] or 0
            text = form.cleaned_data["text"]
            changed = comments.change_comment(request.actor, uid, text=text, version=version, now=request.now)
            return redirect(_place(request, changed, about))
    return show(
        request,
        "core/messages/change_comment.html",
        status=status_of(form),
        form=form,
        about=about,
        people_url=address("people_to_name", about.code, about.key),
        back_url=_place(request, found, about),
        crumbs=_crumbs(about, _("Change a comment")),
    )


@page
def withdraw_comment(request: SignedIn, uid: UUID) -> HttpResponse:
    """Take a comment off the page, after a look at what that means."""
    found, about = questions.comment(request.actor, uid)
    if not questions.may_withdraw_comment(request.actor, found, about) and found.withdrawn_at is None:
        raise NotAllowed(_("A comment is withdrawn by who wrote it, or by who runs what it is about."))
    if request.method == "POST":
        comments.withdraw_comment(request.actor, uid, now=request.now)
        return redirect(_place(request, found, about))
    return show(
        request,
        "core/messages/withdraw_comment.html",
        comment=found,
        html=markdown.html(found.text, questions.names_in([found.text])),
        about=about,
        back_url=_place(request, found, about),
        crumbs=_crumbs(about, _("Withdraw a comment")),
    )


def _crumbs(about: Subject, last: str) -> list[dict[str, str]]:
    return [
        crumb(about.title, about.kind.address(about.thing)),
        crumb(_("Talk"), address("talk", about.code, about.key)),
        crumb(last),
    ]


@require_safe
@page
def people_to_name(request: SignedIn, kind: str, key: str) -> HttpResponse:
    """Whom a comment here can name, by the letters that were typed; eight at most."""
    about = questions.subject(request.actor, kind, key)
    access.require(request.actor, rights.COMMENT, on=about.node_id, seen_by=about.kind.see)
    found = naming.suggestions(request.actor, about, request.GET.get("q", "")[:100])
    return JsonResponse({"people": found})


@require_POST
@page
def watch(request: SignedIn, kind: str, key: str) -> HttpResponse:
    """Watch a thing, or hear of it no more."""
    about = questions.subject(request.actor, kind, key)
    act = watching.mute if request.POST.get("watch") == "no" else watching.watch
    act(request.actor, kind, key, now=request.now)
    if request.htmx:
        around = questions.around(request.actor, about)
        return show(request, "core/messages/_watch.html", around=around, kind=about.kind, key=about.key, said=True)
    if request.POST.get("from") == "watching":
        return redirect("watching")
    messages.info(request, _("You watch this.") if act is watching.watch else _("You hear of this no more."))
    return redirect(about.kind.address(about.thing) or "watching")
