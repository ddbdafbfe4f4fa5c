"""Comments, files, documents, watching, notifications, mail."""

from typing import Any

from quarterdeck.core.models import Notification, OutgoingMail
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.rights import ATTACH, COMMENT, MANAGE_MAIL
from quarterdeck.core.services import attachments, comments, documents, notifications, outbox, watching
from quarterdeck.projects.rights import MANAGE_PORTFOLIO, SEE_PROJECT
from tests.who_may.row import ANYBODY, Row
from tests.who_may.world import NOW, World

SEES = {SEE_PROJECT}
TIDIES = SEES | {MANAGE_PORTFOLIO}
ADDRESS = "https://documents.example.org/plan"


def said(w: World, by: Any) -> Any:
    return comments.add_comment(by, "project", w.project.ref, text="Hello", now=NOW)


def filed(w: World, by: Any) -> Any:
    return attachments.add_attachment(by, "project", w.project.ref, name="a.txt", chunks=[b"A plan"], now=NOW)


def filed_and_removed(w: World) -> Any:
    return attachments.remove_attachment(w.admin, filed(w, w.admin).uid, now=NOW)


def linked(w: World, by: Any) -> Any:
    return documents.add_document(by, "project", w.project.ref, title="Plan", address=ADDRESS, now=NOW)


def linked_and_removed(w: World) -> Any:
    return documents.remove_document(w.admin, linked(w, w.admin).uid, now=NOW)


def told(w: World) -> Notification:
    about = questions.subject(w.admin, "project", w.project.ref)
    people = {w.owner.person_id: "change"}
    notifications.tell(about, people, event="projects.project.changed", by_id=None, now=NOW)
    return Notification.objects.latest("pk")


def failed(_w: World) -> OutgoingMail:
    made = outbox.post(to="keir@norhaven.example", subject="Hello", text="Words", now=NOW)
    OutgoingMail.objects.filter(pk=made.pk).update(state="failed")
    return made


ROWS = [
    Row(comments.add_comment, SEES | {COMMENT}, lambda w, _: said(w, w.actor), at="project"),
    Row(
        comments.change_comment, SEES,
        lambda w, comment: comments.change_comment(w.actor, comment.uid, text="Hello again", version=1, now=NOW),
        given=lambda w: said(w, w.owner), at="project", own=True,
    ),
    Row(
        comments.withdraw_comment, TIDIES,
        lambda w, comment: comments.withdraw_comment(w.actor, comment.uid, now=NOW),
        given=lambda w: said(w, w.admin), at="project",
    ),
    Row(attachments.add_attachment, SEES | {ATTACH}, lambda w, _: filed(w, w.actor), at="project"),
    Row(
        attachments.remove_attachment, TIDIES,
        lambda w, file: attachments.remove_attachment(w.actor, file.uid, now=NOW),
        given=lambda w: filed(w, w.admin), at="project",
    ),
    Row(
        attachments.bring_back_attachment, TIDIES,
        lambda w, file: attachments.bring_back_attachment(w.actor, file.uid, now=NOW),
        given=filed_and_removed, at="project",
    ),
    Row(documents.add_document, SEES | {ATTACH}, lambda w, _: linked(w, w.actor), at="project"),
    Row(
        documents.remove_document, TIDIES,
        lambda w, link: documents.remove_document(w.actor, link.uid, now=NOW),
        given=lambda w: linked(w, w.admin), at="project",
    ),
    Row(
        documents.bring_back_document, TIDIES,
        lambda w, link: documents.bring_back_document(w.actor, link.uid, now=NOW),
        given=linked_and_removed, at="project",
    ),
    Row(watching.watch, SEES, lambda w, _: watching.watch(w.actor, "project", w.project.ref, now=NOW), at="project"),
    Row(watching.mute, SEES, lambda w, _: watching.mute(w.actor, "project", w.project.ref, now=NOW), at="project"),
    Row(
        notifications.mark_seen, SEES,
        lambda w, each: notifications.mark_seen(w.actor, each.uid, now=NOW),
        given=told, at="project", own=True,
    ),
    Row(
        notifications.mark_all_seen, ANYBODY,
        lambda w, _: notifications.mark_all_seen(w.actor, now=NOW),
        given=told, at="project",
    ),
    Row(
        notifications.choose, ANYBODY,
        lambda w, _: notifications.choose(w.actor, {"comment": "never"}, now=NOW),
    ),
    Row(
        outbox.try_again, {MANAGE_MAIL}, lambda w, mail: outbox.try_again(w.actor, mail.uid, now=NOW), given=failed
    ),
    Row(
        outbox.withdraw, {MANAGE_MAIL},
        lambda w, mail: outbox.withdraw(w.actor, mail.uid, now=NOW),
        given=lambda _w: outbox.post(to="keir@norhaven.example", subject="Hello", text="Words", now=NOW),
    ),
]  # fmt: skip
