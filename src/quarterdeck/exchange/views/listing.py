"""The register of imports, a new one, and what came with a project."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from quarterdeck.core import access
from quarterdeck.core.errors import NotFound
from quarterdeck.core.register import register_page
from quarterdeck.core.web import limits
from quarterdeck.core.web.pages import SignedIn, address, page, refusals_on, show, status_of
from quarterdeck.core.web.shell import crumb
from quarterdeck.exchange import forms, queries, registers, rights, services
from quarterdeck.exchange.views.shared import steps
from quarterdeck.projects import queries as project_queries
from quarterdeck.projects import rights as project_rights
from quarterdeck.projects.views import project_frame


@page
def imports(request: SignedIn) -> HttpResponse:
    """What was imported, by whom and when."""
    if not request.actor.holds(rights.IMPORT_REGISTER):
        raise NotFound
    return register_page(
        request,
        registers.IMPORTS,
        crumbs=[crumb(_("Data")), crumb(_("Imports"))],
        actions_template="exchange/_imports_actions.html",
        context_line=_("Files that came in, what they changed and what could not be read."),
        empty_action_label=_("Import a register"),
        empty_action_url=address("import_new"),
    )


def _may_make(request: SignedIn) -> bool:
    top = access.top_id()
    return (
        top is not None
        and access.may(request.actor, project_rights.MANAGE_PORTFOLIO, on=top)
        and access.may(request.actor, rights.IMPORT_REGISTER, on=top)
    )


@page
def new(request: SignedIn) -> HttpResponse:
    """Upload a register."""
    if not request.actor.holds(rights.IMPORT_REGISTER):
        raise NotFound
    form = forms.Upload(request.POST or None, request.FILES or None, actor=request.actor, may_make=_may_make(request))
    if request.method == "POST" and form.is_valid():
        data: dict[str, Any] = dict(form.cleaned_data)
        file = data.pop("file")
        limits.bring_in(request.user.pk, request.now)
        with refusals_on(form):
            found = services.upload(request.actor, file_name=file.name, content=file.read(), now=request.now, **data)
            return redirect(address("import_columns", found.uid))
    return show(
        request,
        "exchange/new.html",
        form=form,
        status=status_of(form),
        steps=steps(None, "file"),
        crumbs=[crumb(_("Data")), crumb(_("Imports"), address("imports")), crumb(_("New import"))],
    )


@page
def came_with(request: SignedIn, ref: str) -> HttpResponse:
    """Everything the latest file said about a project, used or not."""
    found = project_queries.project(request.actor, ref)
    row = queries.came_with(request.actor, found)
    cells = []
    if row is not None:
        seen = queries.imports(request.actor).filter(pk=row.of_id).exists()
        order = {column["label"]: column["index"] for column in row.of.look.get("columns", [])}
        cells = [
            {"label": label, "text": text, "used": label not in row.unmapped}
            for label, text in sorted(row.cells.items(), key=lambda cell: order.get(cell[0], len(order)))
        ]
    return show(
        request,
        "exchange/came_with.html",
        **project_frame(request, found, "project_import"),
        row=row,
        cells=cells,
        unused=sum(1 for cell in cells if not cell["used"]),
        import_url=address("import", row.of.uid) if row is not None and seen else "",
    )
