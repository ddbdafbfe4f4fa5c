"""Comments, files, watching, notifications, mail."""

import uuid
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from quarterdeck.core.access import Actor, actor_of
from quarterdeck.core.models import Notification
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.rights import ATTACH, COMMENT, MANAGE_MAIL
from quarterdeck.core.services import attachments, comments, documents, notifications, outbox
from quarterdeck.projects.models import Project
from quarterdeck.projects.rights import SEE_PROJECT
from tests.access.route import Route, Thing, needs, only

# What a project is about is said first, such as about/project/PRJ-0042/talk/.
ABOUT = ("kind", "project")
SEES = needs(SEE_PROJECT, at="project")
# The manager of the project wrote and filed everything here; the lead and the administrator run it.
#        outsider viewer member manager sponsor finance auditor lead administrator
WROTE = "404 403 403 {ok} 403 403 403 403 403"
TIDIES = "404 403 403 {ok} 403 403 403 {ok} {ok}"
TABLE: dict[str, Route] = {
    "talk": Route(
        get=SEES,
        post=needs(COMMENT, at="project", seen_by=SEE_PROJECT, ok=302),
        takes=ABOUT,
        sends=lambda _own: {"text": "Hello"},
    ),
    "people_to_name": Route(get=needs(COMMENT, at="project", seen_by=SEE_PROJECT), takes=ABOUT),
    "watch": Route(post=needs(SEE_PROJECT, at="project", ok=302), takes=ABOUT),
    "comment": Route(get=needs(SEE_PROJECT, at="project", ok=302), takes=("comment",)),
    "change_comment": Route(
        get=WROTE.format(ok=200),
        post=WROTE.format(ok=302),
        takes=("comment",),
        sends=lambda _own: {"text": "Hello again", "version": "1"},
    ),
    "withdraw_comment": Route(get=TIDIES.format(ok=200), post=TIDIES.format(ok=302), takes=("comment",)),
    "files": Route(get=SEES, takes=ABOUT),
    "add_file": Route(
        post=needs(ATTACH, at="project", seen_by=SEE_PROJECT, ok=302),
        takes=ABOUT,
        sends=lambda _own: {"file": SimpleUploadedFile("plan.txt", b"A plan")},
    ),
    "add_document": Route(
        post=needs(ATTACH, at="project", seen_by=SEE_PROJECT, ok=302),
        takes=ABOUT,
        sends=lambda _own: {"title": "Plan", "address": "https://documents.example.org/plan"},
    ),
    "file": Route(get=SEES, takes=("file",)),
    "remove_file": Route(post=TIDIES.format(ok=302), takes=("file",)),
    "bring_back_file": Route(post=TIDIES.format(ok=302), takes=("file",)),
    "remove_document": Route(post=TIDIES.format(ok=302), takes=("document",)),
    "bring_back_document": Route(post=TIDIES.format(ok=302), takes=("document",)),
    "watching": Route(get="200"),
    "notifications": Route(get="200", post="422"),
    "notification": Route(get=only("manager", ok=302), takes=("notification",)),
    "message_choices": Route(get="200", post="422"),
    "mails": Route(get=needs(MANAGE_MAIL), post=needs(MANAGE_MAIL)),
    "mail": Route(
        get=only("administrator"),
        post=only("administrator", ok=302),
        takes=("mail",),
        sends=lambda _own: {"act": "withdraw"},
    ),
}
Make = Callable[[Actor, Project], Any]


def both(make: Make) -> tuple[Callable[[Any], str], Callable[[Any], str]]:
    """The manager's, at the project of the table; and an insider's, at the hidden one."""

    def own(world: Any) -> str:
        return str(make(actor_of(world.people["manager"], now=timezone.now()), world.project))

    def foreign(world: Any) -> str:
        return str(make(world.insider, world.secret))

    return own, foreign


def comment(actor: Actor, project: Project) -> Any:
    return comments.add_comment(actor, "project", project.ref, text="What about the plan?", now=timezone.now()).uid


def file(actor: Actor, project: Project) -> Any:
    now = timezone.now()
    return attachments.add_attachment(actor, "project", project.ref, name="a.txt", chunks=[b"A plan"], now=now).uid


def document(actor: Actor, project: Project) -> Any:
    now = timezone.now()
    return documents.add_document(
        actor, "project", project.ref, title="Paper", address="https://documents.example.org/", now=now
    ).uid


def notification(actor: Actor, project: Project) -> Any:
    about = questions.subject(actor, "project", project.ref)
    said = {actor.person_id: "change"}
    notifications.tell(about, said, event="projects.project.changed", by_id=None, now=timezone.now())
    return Notification.objects.filter(person_id=actor.person_id).latest("pk").uid


def mail(nodes: list[int]) -> str:
    made = outbox.post(to="keir@norhaven.example", subject="Hello", text="Words", nodes=nodes, now=timezone.now())
    return str(made.uid)


def things() -> dict[str, Thing]:
    made = {"comment": comment, "file": file, "document": document, "notification": notification}
    found = {
        name: Thing(*both(make), absent=str(uuid.UUID(int=100 + number)))
        for number, (name, make) in enumerate(made.items())
    }
    found["kind"] = Thing(lambda _world: "project", lambda _world: "project", "project")
    found["mail"] = Thing(lambda _world: mail([]), lambda world: mail([world.secret.node_id]), str(uuid.UUID(int=99)))
    return found


THINGS = things()
