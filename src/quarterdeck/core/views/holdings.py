"""Who holds which role: at one place, of one person, one by one; given, passed on, ended, taken back."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quarterdeck.core import access, objects, registers, rights
from quarterdeck.core.errors import NotAllowed, NotFound
from quarterdeck.core.forms import organisation as forms
from quarterdeck.core.models import Holding, Node, Person, Role
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.register import register_page
from quarterdeck.core.services import roles as services
from quarterdeck.core.views.people import is_over, is_taken_back, row
from quarterdeck.core.web.frame import frame_of
from quarterdeck.core.web.pages import SignedIn, address, page, refusals_on, show, status_of
from quarterdeck.core.web.shell import crumb

MANAGE = rights.MANAGE_ORGANISATION
# So many people or places are shown without a search.
SHOWN = 12
FOUND = 30


@page
def organisation(request: SignedIn) -> HttpResponse:
    """Who holds which role where."""
    if not request.actor.holds(rights.SEE_ORGANISATION):
        raise NotFound
    return register_page(
        request,
        registers.HOLDINGS,
        crumbs=[crumb(_("Who holds what"))],
        context_line=_("Each line is one person with one role at one place, from a day to a day."),
        actions_template="core/organisation/_holdings_actions.html" if request.actor.holds(MANAGE) else "",
    )


@page
def new_holding(request: SignedIn) -> HttpResponse:
    """Who is given a role: the first step from the register of holdings."""
    people = questions.people_to_choose(request.actor)
    if not questions.places_to_give(request.actor).exists():
        raise NotFound
    text = request.GET.get("find", "").strip()[:200]
    if text:
        people = people.filter(Q(name__icontains=text) | Q(email__icontains=text))
    return show(
        request,
        "core/organisation/new_holding.html",
        text=text,
        people=people[:FOUND],
        more=people.count() > FOUND,
        crumbs=[crumb(_("Who holds what"), address("organisation")), crumb(_("Give a role"))],
    )


@page
def object_people(request: SignedIn, kind: str, key: str) -> HttpResponse:
    """Who holds a role at a place, now, later and before."""
    thing, node = _found(request, kind, key)
    return people_page(request, kind, thing, node, route="object_people")


def _found(request: SignedIn, kind: str, key: str) -> tuple[Any, Node]:
    """A thing and its node, for who sees the organisation there."""
    thing = objects.find(request.actor, kind, key)
    node_id = objects.kind(kind).node_id(thing)
    if node_id is None or not access.may(request.actor, rights.SEE_ORGANISATION, on=node_id):
        raise NotFound
    node = questions.node_of(node_id)
    assert node is not None  # the thing hangs on it
    return thing, node


def people_page(
    request: SignedIn,
    kind: str,
    thing: Any,
    node: Node,
    *,
    route: str,
    template: str = "core/organisation/object_people.html",
    **more: Any,
) -> HttpResponse:
    """The roles at a place that the reader found through a question."""
    day = request.moment.on if request.moment else request.now.date()
    here = list(questions.holdings_at(node))
    may = request.moment is None and questions.may_give_at(request.actor, node)
    ids = {holding.pk for holding in here} if may else set()
    return show(
        request,
        template,
        **{
            **frame_of(request, kind, thing, route),
            "now": [row(each, day, ids) for each in here if each.from_on <= day and not is_over(each, day)],
            "later": [row(each, day, ids) for each in here if each.from_on > day],
            "before": [row(each, day, ids) for each in here if is_over(each, day) and each.from_on <= day],
            "may_give": may and node.ended_on is None,
            "give_url": address("give_at", kind, objects.kind(kind).key(thing)),
            "sees_access": access.may(request.actor, rights.SEE_ORGANISATION, on=node),
            "access_url": address("object_access", kind, objects.kind(kind).key(thing)),
            **more,
        },
    )


@page
def give_at(request: SignedIn, kind: str, key: str) -> HttpResponse:
    """Give a role at a place to one person or several."""
    thing = objects.find(request.actor, kind, key)
    node = questions.node_of(objects.kind(kind).node_id(thing))
    if node is None:
        raise NotFound
    services.require_to_give(request.actor, node)
    chosen = list(questions.people_to_choose(request.actor).filter(uid__in=_uids(request.POST.getlist("who"))))
    form = _form(request, node)
    ends: list[Holding] = []
    if _is_sent(request) and form.is_valid():
        if not chosen:
            form.add_error(None, _("Choose at least one person."))
        else:
            ends = _ends(form, node, chosen)
            if not ends or "passing" in request.POST:
                with refusals_on(form):
                    given = services.give_roles(request.actor, chosen, on=node, now=request.now, **form.cleaned_data)
                    messages.success(request, _given(given))
                    return redirect(_people_url(kind, key))
    people = questions.people_to_choose(request.actor)
    return show(
        request,
        "core/organisation/give.html",
        partial="core/organisation/_picker.html",
        **{
            **frame_of(request, kind, thing, "project_people" if kind == "project" else "object_people"),
            "form": form,
            "ends": ends,
            "picker": _picker(request, people, ["name", "email"], chosen, several=True),
            "status": status_of(form),
            "title_of_form": _("Give a role at %(place)s") % {"place": node.name},
            "back_url": _people_url(kind, key),
        },
    )


def _people_url(kind: str, key: str) -> str:
    return address("project_people", key) if kind == "project" else address("object_people", kind, key)


@page
def give_to_person(request: SignedIn, uid: UUID) -> HttpResponse:
    """Give a person a role at a place."""
    found: Person = objects.find(request.actor, "person", str(uid))
    places = questions.places_to_give(request.actor)
    if not places.exists():
        raise NotAllowed(_("You may give roles nowhere. It needs a right to run a unit, a portfolio or a project."))
    chosen = list(places.filter(uid__in=_uids(request.POST.getlist("who"))[:1]))
    form = _form(request, chosen[0] if chosen else None)
    ends: list[Holding] = []
    if _is_sent(request) and form.is_valid():
        if not chosen:
            form.add_error(None, _("Choose a place."))
        else:
            ends = _ends(form, chosen[0], [found])
            if not ends or "passing" in request.POST:
                with refusals_on(form):
                    given = services.give_role(request.actor, found, on=chosen[0], now=request.now, **form.cleaned_data)
                    messages.success(request, _given([given]))
                    return redirect(address("person", found.uid))
    return show(
        request,
        "core/organisation/give.html",
        partial="core/organisation/_picker.html",
        **{
            **frame_of(request, "person", found, "person"),
            "form": form,
            "ends": ends,
            "picker": _picker(request, places, ["name", "ref"], chosen, several=False),
            "status": status_of(form),
            "title_of_form": _("Give %(name)s a role") % {"name": found.name},
            "back_url": address("person", found.uid),
        },
    )


def _uids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _is_sent(request: SignedIn) -> bool:
    """Whether the form is sent, and not just searched in."""
    return request.method == "POST" and "find_now" not in request.POST and not request.htmx


def _form(request: SignedIn, node: Node | None) -> forms.GiveRole:
    """The form; while somebody searches it holds what was typed without judging it."""
    offered = questions.roles_to_give(request.actor, node)
    if _is_sent(request):
        return forms.GiveRole(request.POST, roles=offered)
    typed = {name: request.POST.get(name) for name in forms.GiveRole.base_fields if name in request.POST}
    return forms.GiveRole(roles=offered, initial=typed or {"role": request.GET.get("role", "")})


def _ends(form: forms.GiveRole, node: Node, chosen: list[Person]) -> list[Holding]:
    """Holdings of others that end when a single role passes on."""
    role: Role = form.cleaned_data["role"]
    if not role.single or form.cleaned_data["acting"]:
        return []
    first: date = form.cleaned_data["from_on"] or date.today()
    others = questions.overlapping(role, node, first, form.cleaned_data["to_on"]).filter(
        acting=False, from_on__lte=first
    )
    return list(others.exclude(person__in=chosen).select_related("person", "role"))


def _given(given: list[Holding]) -> str:
    first = given[0]
    if len(given) > 1:
        text = ngettext("%(number)s person holds it.", "%(number)s people hold it.", len(given))
        return text % {"number": len(given)}
    words = {"person": first.person.name, "role": first.role.name, "place": first.node.name}
    return _("%(person)s: %(role)s at %(place)s.") % words


def _picker(
    request: SignedIn, among: "QuerySet[Any]", fields: list[str], chosen: list[Any], *, several: bool
) -> dict[str, Any]:
    """What can be chosen: what was chosen already, and what the search finds; all of them where they are few."""
    text = request.POST.get("find", "").strip()[:200]
    wanted = Q(pk__in=[])
    for name in fields:
        wanted |= Q(**{f"{name}__icontains": text})
    found = among.filter(wanted) if text else among
    ids = {thing.pk for thing in chosen}
    most = FOUND if text else SHOWN
    shown = list(found.exclude(pk__in=ids)[: most + 1])
    return {
        "several": several,
        "text": text,
        "chosen": [_choice(thing, True) for thing in chosen],
        "found": [_choice(thing, False) for thing in shown[:most]],
        "more": len(shown) > most,
        "label": _("Who") if several else _("Where"),
        "placeholder": _("Name or address") if several else _("Name or reference"),
    }


def _choice(thing: Any, ticked: bool) -> dict[str, Any]:
    note = thing.email if isinstance(thing, Person) else f"{thing.get_kind_display()} {thing.ref}"
    return {"value": str(thing.uid), "label": thing.name, "note": note, "ticked": ticked}


@page
def holding(request: SignedIn, uid: UUID) -> HttpResponse:
    """One holding: from when until when, and what can be done with it."""
    found: Holding = objects.find(request.actor, "holding", str(uid))
    may = request.moment is None and questions.may_give_at(request.actor, found.node)
    act = request.POST.get("act", "")
    forms_of = {
        "end": forms.EndHolding(request.POST if act == "end" else None, prefix="end"),
        "take_back": forms.Reason(request.POST if act == "take_back" else None, prefix="take_back"),
        "continue": forms.Reason(request.POST if act == "continue" else None, prefix="continue"),
    }
    form = forms_of.get(act)
    if form is not None:
        services.require_to_give(request.actor, found.node)
        if form.is_valid():
            with refusals_on(form):
                messages.success(request, _do(request, found, act, form.cleaned_data))
                return redirect(address("holding", found.uid))
    today = request.now.date()
    return show(
        request,
        "core/organisation/holding.html",
        **{
            **frame_of(request, "holding", found, "holding"),
            "parts": forms_of,
            "may": may,
            "row": row(found, today, set()),
            "taken_back": is_taken_back(found),
            "can_end": may and not is_over(found, today),
            "can_take_back": may and found.from_on >= today and not is_taken_back(found),
            "can_continue": may and found.to_on is not None,
            "status": status_of(form) if form is not None else 200,
        },
    )


def _do(request: SignedIn, found: Holding, act: str, given: dict[str, Any]) -> str:
    """Do what a form asks for; says in a line what is so now."""
    actor, now, why = request.actor, request.now, given["reason"]
    if act == "end":
        services.end_holding(actor, found, last_day=given["last_day"], now=now, reason=why)
        return _("It has its end. It can be continued here until the day after.")
    if act == "take_back":
        services.take_back(actor, found, now=now, reason=why)
        return _("It is taken back and never counted.")
    services.continue_holding(actor, found, now=now, reason=why)
    return _("It goes on without an end.")
