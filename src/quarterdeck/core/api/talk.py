"""Operations on what people say about a thing."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from quarterdeck.core.api.bearer import Call
from quarterdeck.core.api.naming import PersonNamed, PlacesInPath, UidInPath, made, person_named
from quarterdeck.core.api.operations import Answer, check_unchanged, get, patch, post
from quarterdeck.core.api.shapes import Given, Instant, Line, Sent, UidText
from quarterdeck.core.models import Comment
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.services import comments

TAGS = ["Comments"]


class CommentGiven(Given):
    """A remark in markdown. Withdrawn, its text is empty."""

    uid: UidText
    kind: str
    key: str
    author: PersonNamed
    text: str
    written_at: Instant
    edited_at: Instant | None
    withdrawn_at: Instant | None
    version: int


class CommentsGiven(Given):
    """What was said about a thing, the latest last."""

    items: list[CommentGiven]


class CommentSent(Sent):
    """What to say, in markdown."""

    text: Annotated[Line, Field(max_length=10_000)]


@get("/{kinds}/{key}/comments", CommentsGiven, name="api_comments", tags=TAGS, single=False)
def list_comments(request: Call, kinds: PlacesInPath, key: str) -> Answer:
    """What was said about a thing."""
    about = questions.subject(request.actor, kinds.removesuffix("s"), key)
    return Answer({"items": [comment_data(each, about) for each in questions.comments(about)]}, single=False)


@post("/{kinds}/{key}/comments", CommentGiven, name="api_comments", tags=TAGS)
def add_comment(request: Call, kinds: PlacesInPath, key: str, body: CommentSent) -> Answer:
    """Say something about a thing. Who watches it is told."""
    new = comments.add_comment(request.actor, kinds.removesuffix("s"), key, text=body.text, now=request.now)
    return made(_data(request, new.uid), "api_comment", new.uid)


@get("/comments/{uuid:uid}", CommentGiven, name="api_comment", tags=TAGS)
def comment(request: Call, uid: UidInPath) -> Answer:
    """A comment."""
    return Answer(_data(request, uid))


@patch("/comments/{uuid:uid}", CommentGiven, name="api_comment", tags=TAGS)
def change_comment(request: Call, uid: UidInPath, body: CommentSent) -> Answer:
    """Set one's own words right, within a day."""
    data = _data(request, uid)
    check_unchanged(request, data)
    comments.change_comment(request.actor, uid, text=body.text, version=data["version"], now=request.now)
    return Answer(_data(request, uid))


@post("/comments/{uuid:uid}/withdraw", CommentGiven, name="api_comment_withdraw", tags=TAGS, status=200)
def withdraw_comment(request: Call, uid: UidInPath) -> Answer:
    """Take a comment back."""
    comments.withdraw_comment(request.actor, uid, now=request.now)
    return Answer(_data(request, uid))


def _data(request: Call, uid: UUID) -> dict[str, Any]:
    return comment_data(*questions.comment(request.actor, uid))


def comment_data(found: Comment, about: questions.Subject) -> dict[str, Any]:
    return {
        "uid": found.uid,
        "kind": about.code,
        "key": about.key,
        "author": person_named(found.author),
        "text": found.text,
        "written_at": found.written_at,
        "edited_at": found.edited_at,
        "withdrawn_at": found.withdrawn_at,
        "version": found.version,
    }
