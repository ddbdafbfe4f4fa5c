"""The description of the interface: as OpenAPI for programmes, as a page for people. Both come from our own files."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from quarterdeck.core.api import problems
from quarterdeck.core.api.bearer import Token
from quarterdeck.core.api.book import ROOT, chapters
from quarterdeck.core.api.interface import Interface, description
from quarterdeck.core.api.operations import as_json
from quarterdeck.core.errors import Refused
from quarterdeck.core.web.pages import SignedIn, page, show
from quarterdeck.core.web.shell import crumb

View = Callable[..., HttpResponseBase]


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
    """Every operation on one page, with what it takes and an example."""

    @page
    def docs(request: SignedIn) -> HttpResponse:
        return show(
            request,
            "core/api/docs.html",
            chapters=chapters(interface),
            root=ROOT,
            base=request.build_absolute_uri("/").rstrip("/"),
            crumbs=[crumb(_("Interface for programmes"))],
        )

    return docs
