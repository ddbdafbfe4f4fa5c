"""The description of the interface: as OpenAPI for programmes, as a page for people. Both come from our own files."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from quarterdeck.core import objects
from quarterdeck.core.access import Actor
from quarterdeck.core.api import problems
from quarterdeck.core.api.bearer import Token
from quarterdeck.core.api.book import ROOT, chapters, refusals
from quarterdeck.core.api.interface import Interface, description
from quarterdeck.core.api.operations import as_json
from quarterdeck.core.errors import NotFound, Refused
from quarterdeck.core.queries import messages, organisation
from quarterdeck.core.web.pages import SignedIn, page, show
from quarterdeck.core.web.shell import crumb

View = Callable[..., HttpResponseBase]
NAMED = ("project", "portfolio", "programme", "unit", "person", "holding")


def schema_view(interface: Interface) -> View:
    """OpenAPI 3.1, for whoever has a token or is signed in."""

    @login_not_required
    def schema(request: HttpRequest) -> HttpResponse:
        try:
            known = request.user.is_authenticated or Token()(request)
        except Refused as refusal:
            return problems.of_refusal(refusal)
        if not known:
            return problems.of_refusal(problems.NotSignedIn())
        return HttpResponse(as_json(description(interface)), content_type="application/json; charset=utf-8")

    return schema


def docs_view(interface: Interface) -> View:
    """Every operation on one page, with what it takes, what it answers and an example that works here."""

    @page
    def docs(request: SignedIn) -> HttpResponse:
        return show(
            request,
            "core/api/docs.html",
            chapters=chapters(interface, things_of(request.actor)),
            refusals=refusals(interface),
            root=ROOT,
            base=request.build_absolute_uri("/").rstrip("/"),
            crumbs=[crumb(_("Interface for programmes"))],
        )

    return docs


def things_of(actor: Actor) -> dict[str, str]:
    """The key of a thing of each kind that an actor sees, where there is one; for examples. Roles are standard."""
    found: dict[str, str] = {}
    for code in NAMED:
        kind = objects.kind(code)
        things = kind.question(actor)
        # The whole organisation is neither renamed nor moved as other units are.
        thing = things.exclude(pk=actor.top).first() if code == "unit" else things.first()
        if thing is not None:
            found[code] = kind.key(thing)
    job = organisation.own_jobs(actor).first()
    hung = _hung_on(actor, found["project"]) if "project" in found else {}
    return found | hung | ({"job": str(job.uid)} if job else {})


def _hung_on(actor: Actor, ref: str) -> dict[str, str]:
    try:
        about = messages.subject(actor, "project", ref)
    except NotFound:
        return {}
    rows = {
        "comment": messages.comments(about).first(),
        "attachment": messages.attachments(about).first(),
        "document": messages.documents(about).first(),
    }
    return {name: str(row.uid) for name, row in rows.items() if row is not None}
