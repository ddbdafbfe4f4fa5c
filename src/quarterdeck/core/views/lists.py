"""Views of lists: saved, opened, changed, deleted and put back."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.core import signing
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from quarterdeck.core import registers
from quarterdeck.core.errors import Conflict, NotAllowed, NotFound, Refused
from quarterdeck.core.forms.lists import ChangeView, SaveView
from quarterdeck.core.models import SavedView
from quarterdeck.core.queries import jobs as job_questions
from quarterdeck.core.queries import saved_views as questions
from quarterdeck.core.register import Listing, Register, cells, listing, register_named, register_page, saved
from quarterdeck.core.register.rows import Rows
from quarterdeck.core.services import saved_views as services
from quarterdeck.core.web.pages import SignedIn, address, page, refusals_on, show, status_of
from quarterdeck.core.web.shell import crumb

GONE = "quarterdeck.view.gone"
PUT_BACK_WITHIN = 24 * 60 * 60


def register_of(name: str) -> Register:
    """The list of a name that has a page of its own; NotFound otherwise."""
    register = register_named(name)
    if not saved.address_of_list(register):
        raise NotFound
    return register


def go(request: SignedIn, url: str) -> HttpResponse:
    """To another page, also from a part of one."""
    return HttpResponse(headers={"HX-Redirect": url}) if request.htmx else redirect(url)


@page
def jobs(request: SignedIn) -> HttpResponse:
    """Long work: one's own, and for administrators everybody's."""
    shown = registers.JOBS
    if not job_questions.sees_all_jobs(request.actor):
        shown = replace(shown, views=tuple(view for view in shown.views if view.name != "everybody"))
    return register_page(
        request,
        shown,
        crumbs=[crumb(_("My work"), address("my_work")), crumb(_("Long work"))],
        context_line=_("What was done beside the pages, and what came of it."),
    )


@page
def save_view(request: SignedIn, name: str) -> HttpResponse:
    """Keep the list as it is: its filters, search, order and columns."""
    register = register_of(name)
    own = [view for view in questions.own_views(request.actor) if view.register == name]
    initial = {"parameters": saved.kept_parameters(register, request.GET)}
    form = SaveView(request.POST or None, own=own, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            view = _save(request, register, form)
            return go(request, saved.address_of_list(register) + saved.url_of(view))
    return show(
        request,
        "core/register_save.html",
        partial="core/register_save_form.html",
        form=form,
        register=register,
        back_url=f"{saved.address_of_list(register)}?{initial['parameters']}",
        status=status_of(form),
        crumbs=_crumbs(register, _("Save this view")),
    )


def _save(request: SignedIn, register: Register, form: SaveView) -> SavedView:
    given = form.cleaned_data
    parameters = saved.kept_parameters(register, QueryDict(given["parameters"]))
    # What the list does not know is refused before it is kept.
    listing(register, request.actor, QueryDict(parameters))
    replaced = form.replaced
    if replaced is None:
        return services.save_view(
            request.actor,
            register.name,
            name=given["name"],
            parameters=parameters,
            shared=given["shared"],
            starts=given["starts"],
            now=request.now,
        )
    return services.replace_view(
        request.actor, replaced, parameters=parameters, version=replaced.version, now=request.now
    )


@page
def saved_view(request: SignedIn, uid: UUID) -> HttpResponse:
    """The list as a view shows it: a link that stays when the view changes."""
    view, register = _found(request, uid)
    return redirect(saved.address_of_list(register) + saved.url_of(view))


@page
def change_view(request: SignedIn, uid: UUID) -> HttpResponse:
    """Rename a view of one's own, share it, let the list open with it."""
    view, register = _own(request, uid)
    initial = {"name": view.name, "shared": view.shared, "starts": view.is_start, "version": view.version}
    form = ChangeView(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            services.change_view(request.actor, view, now=request.now, **form.cleaned_data)
            return redirect(saved.address_of_list(register) + saved.url_of(view))
    return show(
        request,
        "core/register_view.html",
        form=form,
        view=view,
        register=register,
        unseen=bool(saved.unseen_by(register, request.actor, [view])),
        link=request.build_absolute_uri(address("saved_view", uid)),
        back_url=saved.address_of_list(register) + saved.url_of(view),
        status=status_of(form),
        crumbs=_crumbs(register, view.name),
    )


@page
@require_POST
def delete_view(request: SignedIn, uid: UUID) -> HttpResponse:
    """Delete a view of one's own; the page that follows puts it back."""
    view, register = _own(request, uid)
    services.delete_view(request.actor, view, now=request.now)
    kept = [view.register, view.name, view.parameters, view.shared, view.is_start]
    return show(
        request,
        "core/register_view_gone.html",
        view=view,
        register=register,
        kept=signing.dumps([request.actor.person_id, *kept], salt=GONE, compress=True),
        back_url=saved.address_of_list(register),
        crumbs=_crumbs(register, view.name),
    )


@page
@require_POST
def restore_view(request: SignedIn) -> HttpResponse:
    """Put a view back that was deleted a moment ago."""
    try:
        person_id, name, *kept = signing.loads(request.POST.get("kept", ""), salt=GONE, max_age=PUT_BACK_WITHIN)
    except signing.BadSignature as problem:
        raise Refused("not_kept", _("This can no longer be put back. Save the view anew from its list.")) from problem
    if person_id != request.actor.person_id:
        raise NotFound
    register = register_of(name)
    view_name, parameters, shared, starts = kept
    view = services.save_view(
        request.actor, name, name=view_name, parameters=parameters, shared=shared, starts=starts, now=request.now
    )
    return redirect(saved.address_of_list(register) + saved.url_of(view))


@page
def edit_cell(request: SignedIn, name: str, key: str, column: str) -> HttpResponse:
    """The editor of a cell, and what is saved with it: the row as it is then."""
    register = register_of(name)
    cell = cells.cell(register, request.actor, key, column)
    if "keep" in request.GET:
        return _row(request, cell, saved="")
    form = cell.form(request.POST or None)
    conflict = None
    if request.method == "POST" and form.is_valid():
        try:
            cell.save(form, now=request.now)
        except Conflict:
            cell = cells.cell(register, request.actor, key, column)
            conflict = cell.since(form.cleaned_data["version"])
            form = _again(cell, form)
            return _editor(request, cell, form, status=409, conflict=conflict, late=True)
        except NotAllowed:
            raise
        except Refused as refusal:
            form.add_error("value", refusal.fields.get(cell.edit.fact, refusal.message))
        else:
            return _row(request, cell, saved=column)
    return _editor(request, cell, form, status=status_of(form))


def _again(cell: cells.Cell, sent: cells.FactForm) -> cells.FactForm:
    """What was typed, over the value there is now: saving it again is then deliberate."""
    fresh = cell.form()
    data = dict(sent.data.items())
    data["version"], data["was"] = str(fresh.initial["version"]), fresh.initial["was"]
    form = cell.form(data)
    form.is_valid()
    return form


def _editor(request: SignedIn, cell: cells.Cell, form: cells.FactForm, *, status: int, **context: Any) -> HttpResponse:
    typed = form.cleaned_data.get("value") if form.is_bound else None
    return show(
        request,
        "core/register_cell.html",
        cell=cell,
        form=form,
        columns=request.POST.get("columns") or request.GET.get("columns", ""),
        typed=cell.edit.words(cell.row, typed) if form.is_bound else "",
        status=status,
        **context,
    )


def _row(request: SignedIn, cell: cells.Cell, *, saved: str) -> HttpResponse:
    """The whole row, since a fact changes what is worked out from it."""
    register = cell.register
    parameters = QueryDict(mutable=True)
    parameters["columns"] = request.POST.get("columns") or request.GET.get("columns", "")
    found = Listing(register, request.actor, parameters)
    found.edits, found.page_rows = True, found.rows_of([cell.row.pk])
    rows = Rows(register, found.columns, editable=found.editable, pickable=found.pickable)
    answer = HttpResponse("".join(rows.write(row, saved=saved) for row in found.page_rows))
    answer["HX-Retarget"], answer["HX-Reswap"] = "closest tr", "outerHTML"
    return answer


def _found(request: SignedIn, uid: UUID) -> tuple[SavedView, Register]:
    """A view that the reader finds beside its list."""
    view = questions.a_view(request.actor, uid)
    register = register_of(view.register)
    if not saved.offered(register, request.actor, [view]):
        raise NotFound
    return view, register


def _own(request: SignedIn, uid: UUID) -> tuple[SavedView, Register]:
    view = questions.own_view(request.actor, uid)
    return view, register_of(view.register)


def _crumbs(register: Register, last: str) -> list[dict[str, Any]]:
    return [crumb(str(register.title), saved.address_of_list(register)), crumb(last)]
