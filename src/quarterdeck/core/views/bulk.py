"""One fact of many rows: chosen, looked at, changed, and put back."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotFound
from quarterdeck.core.models import Job
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.register import Edit, Register, bulk_jobs, register_named, saved
from quarterdeck.core.register import bulk as many
from quarterdeck.core.register.values import unpack
from quarterdeck.core.views.lists import register_of
from quarterdeck.core.web.pages import SignedIn, address, page, show, status_of
from quarterdeck.core.web.shell import crumb

PAGE = 50


@page
def bulk(request: SignedIn, name: str) -> HttpResponse:
    """What is done to the rows that were selected: which fact, which value. Nothing changes here."""
    register = register_of(name)
    if register.change is None:
        raise NotFound
    selection: dict[str, Any] = {
        "keys": request.POST.getlist("keys")[: many.MOST_KEYS],
        "address": request.POST.get("address", ""),
        "everything": request.POST.get("everything") == "1",
    }
    back_url = saved.address_of_list(register) + f"?{selection['address']}"
    count = len(many.chosen(register, request.actor, **selection))
    if not count:
        return redirect(back_url)
    fact = request.POST.get("act", "")
    label, edit = bulk_jobs.edit_of(register, fact) if fact else ("", None)
    sent = request.POST if "looked" in request.POST else None
    form = None if edit is None else bulk_jobs.ManyForm(sent, edit=edit, actor=request.actor, label=label)
    if form is not None and form.is_valid():
        typed = {each: request.POST.get(each, "") for each in form.fields}
        job = bulk_jobs.look_at(request.actor, register, fact, typed, selection, now=request.now)
        return redirect(job.result_url or address("job", job.uid))
    return show(
        request,
        "core/register_many.html",
        register=register,
        selection=selection,
        count=count,
        act=fact,
        verb=edit.verb if edit else _("Change a fact"),
        verbs=[] if edit else _verbs(register, request.actor, selection),
        form=form,
        back_url=back_url,
        status=status_of(form) if form is not None else 200,
        crumbs=[crumb(str(register.title), back_url), crumb(str(edit.verb) if edit else _("Change a fact"))],
    )


def _verbs(register: Register, actor: Actor, selection: dict[str, Any]) -> list[tuple[str, Any]]:
    """Facts that the actor may change on some of the rows."""
    ids = many.chosen(register, actor, **selection)
    asked: dict[Any, set[int]] = {}
    found = []
    for _label, edit in register.edits.values():
        ask = edit.changeable or register.changeable
        if edit.verb and ask is not None:
            if ask not in asked:
                asked[ask] = ask(actor, ids)
            if asked[ask]:
                found.append((edit.fact, edit.verb))
    return found


@dataclass
class Lines:
    """Rows of a look or of a result, a page at a time, as paging takes them."""

    register: Register
    edit: Edit
    actor: Actor
    all: list[tuple[int, Any, Any, str]]
    asked: str
    query: str = ""

    @property
    def count(self) -> int:
        return len(self.all)

    @cached_property
    def page(self) -> int:
        last = max(1, -(-self.count // PAGE))
        return min(max(1, int(self.asked)), last) if self.asked.isascii() and self.asked.isdigit() else 1

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE

    @property
    def last(self) -> int:
        return min(self.first + PAGE, self.count)

    @property
    def next_url(self) -> str:
        return f"?page={self.page + 1}{self.query}" if self.last < self.count else ""

    @property
    def previous_url(self) -> str:
        return f"?page={self.page - 1}{self.query}" if self.page > 1 else ""

    @cached_property
    def shown(self) -> list[dict[str, Any]]:
        """Name, old, new and reason of each row of the page that the actor still sees."""
        part = self.all[self.first : self.last]
        rows = {row.pk: row for row in self.register.question(self.actor).filter(pk__in=[each[0] for each in part])}
        field = self.edit.field(self.actor)
        opened: dict[str, Any] = {}

        def words(row: Any, kept: Any) -> Any:
            if str(kept) not in opened:
                opened[str(kept)] = unpack(kept, field)
            return self.edit.words(row, opened[str(kept)])

        found = []
        for pk, old, new, reason in part:
            row = rows.get(pk)
            if row is None:
                found.append({"name": _("no longer here for you"), "key": "", "reason": reason})
                continue
            found.append(
                {
                    "name": self.register.name_of(row),
                    "key": self.register.key(row),
                    "old": words(row, old),
                    "new": words(row, new),
                    "reason": reason,
                }
            )
        return found


@page
def bulk_plan(request: SignedIn, uid: UUID) -> HttpResponse:
    """What a change would do, row by row; then it is carried out."""
    job = _job(request, uid, bulk_jobs.LOOK)
    if job.state != "done":
        return redirect(address("job", job.uid))
    if request.method == "POST":
        done = bulk_jobs.change_as_planned(request.actor, job, now=request.now)
        return redirect(done.result_url or address("job", done.uid))
    register = register_named(job.arguments["register"])
    label, edit = bulk_jobs.edit_of(register, job.arguments["fact"])
    steps, refused, same = job.result["steps"], job.result["refused"], job.result["same"]
    would = [(pk, was[edit.fact], facts[edit.fact], "") for pk, _version, was, facts, _extra in steps]
    would_not = [(pk, None, None, why) for pk, why in refused]
    return _shown(
        request,
        "core/register_plan.html",
        register,
        edit,
        would,
        would_not,
        label=label,
        count=len(steps) + len(refused) + same,
        same=same,
        reason=job.result["reason"],
        again_url=saved.address_of_list(register) + f"?{job.arguments['selection']['address']}",
    )


@page
def bulk_result(request: SignedIn, uid: UUID) -> HttpResponse:
    """What a change did; from here it is put back."""
    job = _job(request, uid, bulk_jobs.CHANGE)
    if job.state != "done":
        return redirect(address("job", job.uid))
    if request.method == "POST":
        done = bulk_jobs.put_back(request.actor, job, now=request.now)
        return redirect(done.result_url or address("job", done.uid))
    register = register_named(job.arguments["register"])
    label, edit = bulk_jobs.edit_of(register, job.arguments["fact"])
    done_to, refused = job.result["back"], job.result["refused"]
    did = [(pk, former[edit.fact], now_is[edit.fact], "") for pk, _version, now_is, former, _extra in done_to]
    did_not = [(pk, None, None, why) for pk, why in refused]
    return _shown(
        request,
        "core/register_changed.html",
        register,
        edit,
        did,
        did_not,
        label=label,
        count=len(done_to) + len(refused),
        is_back="back_of" in job.arguments,
        again_url=saved.address_of_list(register),
    )


def _shown(
    request: SignedIn,
    template: str,
    register: Register,
    edit: Edit,
    rows: list[Any],
    refused: list[Any],
    *,
    label: Any,
    again_url: str,
    **context: Any,
) -> HttpResponse:
    only = request.GET.get("show") == "refused" or not rows
    lines = Lines(
        register,
        edit,
        request.actor,
        refused if only else rows,
        request.GET.get("page", "1"),
        "&show=refused" if only and rows else "",
    )
    return show(
        request,
        template,
        register=register,
        label=label,
        named=register.naming_column.label,
        verb=edit.verb,
        number=len(rows),
        refused=len(refused),
        shows_refused=only,
        lines=lines,
        again_url=again_url,
        crumbs=[crumb(str(register.title), again_url), crumb(str(edit.verb))],
        **context,
    )


def _job(request: SignedIn, uid: UUID, kind: str) -> Job:
    """One's own job of a kind; NotFound for every other."""
    found = questions.own_jobs(request.actor).filter(uid=uid, kind=kind).first()
    if found is None:
        raise NotFound
    return found
