"""People: the register, one of them, and how they are added, corrected and leave."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quarterdeck.core import access, objects, registers, rights
from quarterdeck.core.errors import NotFound
from quarterdeck.core.forms import organisation as forms
from quarterdeck.core.models import Holding, Person
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.register import register_page
from quarterdeck.core.services import people as services
from quarterdeck.core.web.frame import frame_of
from quarterdeck.core.web.pages import SignedIn, address, page, refusals_on, show, status_of
from quarterdeck.core.web.shell import crumb

MANAGE = rights.MANAGE_ORGANISATION


def manages_all(request: SignedIn) -> bool:
    """Whether the reader keeps the people of the whole organisation."""
    top = request.actor.top
    return top is not None and access.may(request.actor, MANAGE, on=top)


@page
def people(request: SignedIn) -> HttpResponse:
    """The register of people."""
    if not request.actor.holds(rights.SEE_ORGANISATION):
        raise NotFound
    may_add = manages_all(request)
    return register_page(
        request,
        registers.PEOPLE,
        crumbs=[crumb(_("People"))],
        actions_template="core/organisation/_people_actions.html" if may_add else "",
        context_line=_("Everybody who is named in the work or holds a role, as far as you may see."),
        empty_action_label=_("Add people") if may_add else "",
        empty_action_url=address("new_people") if may_add else "",
    )


@page
def new_people(request: SignedIn) -> HttpResponse:
    """Add one person or several: read the lines, show what was read, then write."""
    if not manages_all(request):
        raise NotFound
    form = forms.SeveralPeople(request.POST or None)
    lines: list[services.Line] = []
    if request.method == "POST" and form.is_valid():
        lines = services.check_lines(request.actor, services.read_lines(form.cleaned_data["lines"]))
        if "add" in request.POST or not lines:
            with refusals_on(form):
                added = services.add_people(request.actor, lines, now=request.now)
                text = ngettext("%(number)s person is there.", "%(number)s people are there.", len(added))
                messages.success(request, text % {"number": len(added)})
                return redirect(address("people", query={"here": "here"}))
    wrong = [line for line in lines if line.problem]
    return show(
        request,
        "core/organisation/new_people.html",
        form=form,
        lines=lines,
        wrong=len(wrong),
        right=len(lines) - len(wrong),
        status=422 if wrong or form.errors else 200,
        crumbs=[crumb(_("People"), address("people")), crumb(_("Add people"))],
    )


@page
def person(request: SignedIn, uid: UUID) -> HttpResponse:
    """What a person holds now, later, and held before."""
    found: Person = objects.find(request.actor, "person", str(uid))
    day = request.moment.on if request.moment else request.now.date()
    held = list(
        questions.holdings_and_taken_back(request.actor).filter(person=found).order_by("-from_on", "role__name", "pk")
    )
    may = questions.to_run(request.actor, held) if request.moment is None else set()
    return show(
        request,
        "core/organisation/person.html",
        **frame_of(request, "person", found, "person"),
        now=[row(holding, day, may) for holding in held if holding.from_on <= day and not is_over(holding, day)],
        later=[row(holding, day, may) for holding in held if holding.from_on > day and not is_taken_back(holding)],
        before=[
            row(holding, day, may)
            for holding in held
            if is_over(holding, day) and holding.from_on <= day and not is_taken_back(holding)
        ],
        accounts=found.accounts.filter(is_active=True).count(),
        may_give=bool(request.actor.holds(MANAGE)) and found.left_on is None and request.moment is None,
    )


def is_taken_back(holding: Holding) -> bool:
    """Whether a holding never counted."""
    return holding.to_on is not None and holding.to_on < holding.from_on


def is_over(holding: Holding, day: Any) -> bool:
    """Whether a holding ended before a day."""
    return holding.to_on is not None and holding.to_on < day


def row(holding: Holding, day: Any, may: set[int]) -> dict[str, Any]:
    """A holding in a list: its page, its place, and whether the reader may end it."""
    kind = holding.node.kind
    return {
        "holding": holding,
        "place_url": address(kind, holding.node.ref) if kind in objects.kinds() else "",
        "ahead": holding.from_on > day,
        "over": is_over(holding, day),
        "may": holding.pk in may,
    }


@page
def change_person(request: SignedIn, uid: UUID) -> HttpResponse:
    """Correct name and address; note that a person left, or is back."""
    found: Person = objects.find(request.actor, "person", str(uid))
    access.require(request.actor, MANAGE, on=None)
    act = request.POST.get("act", "")

    def sent(part: str) -> Any:
        return request.POST if part == act else None

    parts: dict[str, Any] = {
        "facts": forms.PersonFacts(sent("facts"), prefix="facts", initial=_facts(found)),
        "left": forms.PersonLeft(sent("left"), prefix="left"),
        "back": forms.Reason(sent("back"), prefix="back"),
    }
    form = parts.get(act)
    if form is not None and form.is_valid():
        with refusals_on(form):
            messages.success(request, _do(request, found, act, form.cleaned_data))
            return redirect(address("person", found.uid))
        found = objects.find(request.actor, "person", str(uid))
        form.data = form.data.copy()
        for name in ("name", "email"):
            form.data[f"facts-seen_{name}"] = getattr(found, name)
    ended = list(questions.ended_by_leaving(request.actor, found))
    open_now = questions.holdings(request.actor).filter(person=found).filter(access.in_force(request.now.date()))
    return show(
        request,
        "core/organisation/change_person.html",
        **frame_of(request, "person", found, "person"),
        parts=parts,
        open_number=open_now.count(),
        ended=ended,
        is_self=found.pk == request.actor.person_id,
        status=status_of(form) if form is not None else 200,
    )


def _facts(found: Person) -> dict[str, str]:
    return {"name": found.name, "email": found.email, "seen_name": found.name, "seen_email": found.email}


def _do(request: SignedIn, found: Person, act: str, given: dict[str, Any]) -> str:
    """Do what a form asks for; says in a line what is so now."""
    again = request.POST.getlist("again")
    if act == "facts":
        saw = (given["seen_name"], given["seen_email"])
        services.change_person(
            request.actor,
            found,
            name=given["name"],
            email=given["email"],
            seen=saw if any(saw) else None,
            now=request.now,
        )
        return _("Name and address are corrected.")
    if act == "left":
        services.person_left(request.actor, found, on=given["on"], now=request.now, reason=given["reason"])
        return _("%(name)s is noted as gone. All roles and the sign-in end with it.") % {"name": found.name}
    ended = [each for each in questions.ended_by_leaving(request.actor, found) if str(each.uid) in again]
    services.bring_back_person(request.actor, found, now=request.now)
    back, refused = services.give_again(request.actor, ended, now=request.now, reason=given["reason"])
    for sentence in refused:
        messages.warning(request, sentence)
    text = ngettext(
        "%(name)s is here again, with one role.", "%(name)s is here again, with %(number)s roles.", len(back)
    )
    return text % {"name": found.name, "number": len(back)}
