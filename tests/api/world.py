"""Five people's programmes, what is theirs, and what is hidden from all of them."""

import uuid
from dataclasses import dataclass

from django.utils import timezone

from quarterdeck.core import jobs
from quarterdeck.core.access import Actor, actor_of
from quarterdeck.core.models import Account, Holding
from quarterdeck.core.services import attachments, comments, documents
from quarterdeck.core.tests import make as core
from quarterdeck.exchange import services as exchange
from quarterdeck.exchange.models import Import
from quarterdeck.exchange.tests import make as imports
from quarterdeck.projects import services
from quarterdeck.projects.models import Project
from quarterdeck.projects.tests import make
from tests.api.make import Programme, token

WHO = ("outsider", "viewer", "manager", "lead", "administrator")
NOTHING = {
    "project": "ZZZ-0001", "portfolio": "ZZZ", "programme": "ZZZ", "unit": "ZZZ", "person": str(uuid.UUID(int=3)),
    "role": "zzz", "holding": str(uuid.UUID(int=5)), "job": str(uuid.UUID(int=2)),
    "comment": str(uuid.UUID(int=6)), "import": str(uuid.UUID(int=1)),
    "file": str(uuid.UUID(int=7)), "document": str(uuid.UUID(int=9)),
}  # fmt: skip


@dataclass
class World:
    """A programme each, what is theirs, and what is hidden from all of them."""

    programmes: dict[str, Programme]
    own: dict[str, str]
    foreign: dict[str, str]


def build() -> World:
    """The world of a test."""
    admin = core.admin()
    of = make.portfolio("Roads", ref="ROADS")
    imports.imported(into=of)
    project = Project.objects.select_related("node", "portfolio__node").get(external_id="A1")
    people = {who: core.person(who.title()) for who in WHO[:4]}
    core.grant(people["viewer"], "viewer", core.top())
    core.grant(people["lead"], "pmo_lead", core.top())
    held = services.name_holder(admin, project, "manager", people["manager"], now=make.MONDAY)
    accounts = {who: core.account(person) for who, person in people.items()}
    accounts["administrator"] = Account.objects.get(person_id=admin.person_id)
    manager = actor_of(people["manager"], now=timezone.now())
    said = comments.add_comment(manager, "project", project.ref, text="Piles are in.", now=timezone.now())
    hung = hang(manager, project.ref)
    job = jobs.enqueue(admin, exchange.PREVIEW, "Reading", {}, now=make.MONDAY)

    sara = core.person("Sara Secret")
    core.grant(sara, "pmo_lead", core.top())
    hidden = services.add_portfolio(
        actor_of(sara, now=make.MONDAY), name="Merger", ref="MERGER", currency="EUR", now=make.MONDAY, confidential=True
    )
    insider = actor_of(sara, now=make.MONDAY)
    secret = make.project(hidden, "Takeover", by=insider)
    quiet = services.add_programme(insider, hidden, name="Quiet", ref="QUIET", now=make.MONDAY)
    shown = imports.imported(by=insider, into=hidden)
    whispered = comments.add_comment(insider, "project", secret.ref, text="Hush.", now=timezone.now())
    hidden_hung = hang(insider, secret.ref)
    hidden_job = jobs.enqueue(insider, exchange.PREVIEW, "Reading", {}, now=make.MONDAY)
    circle = Holding.objects.get(person=sara, node_id=hidden.node_id)
    return World(
        {who: Programme(token(account)) for who, account in accounts.items()},
        {"project": project.ref, "portfolio": of.ref, "programme": make.programme(of).node.ref,
         "unit": core.unit("Works").ref, "person": str(people["viewer"].uid), "role": "viewer",
         "holding": str(held.uid), "comment": str(said.uid), "job": str(job.uid),
         "import": str(Import.objects.get(portfolio=of).uid), **hung},
        {"project": secret.ref, "portfolio": hidden.ref, "programme": quiet.node.ref,
         "unit": core.secret_unit("Audit").ref, "holding": str(circle.uid), "comment": str(whispered.uid),
         "import": str(shown.uid), "job": str(hidden_job.uid), **hidden_hung},
    )  # fmt: skip


def hang(actor: Actor, ref: str) -> dict[str, str]:
    """A file and a link to a document on a project."""
    now = timezone.now()
    file = attachments.add_attachment(actor, "project", ref, name="plan.txt", chunks=[b"Piles first."], now=now)
    address = "https://documents.example.org/plan"
    document = documents.add_document(actor, "project", ref, title="Plan", address=address, now=now)
    return {"file": str(file.uid), "document": str(document.uid)}
