"""Who may see and do what here, and what a person may see and do anywhere, each with why."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from quarterdeck.core import access, objects, rights
from quarterdeck.core.errors import NotFound
from quarterdeck.core.forms import organisation as forms
from quarterdeck.core.models import Node, Person
from quarterdeck.core.queries import access as questions
from quarterdeck.core.queries import organisation
from quarterdeck.core.queries.access import Access, Answer, Ground
from quarterdeck.core.rights import Right
from quarterdeck.core.web.frame import frame_of
from quarterdeck.core.web.pages import SignedIn, address, page, show

MOST = 200


@page
def object_access(request: SignedIn, kind: str, key: str) -> HttpResponse:
    """Everybody who may see, change or run an object, with the role and the place it comes from."""
    thing = objects.find(request.actor, kind, key)
    known = objects.kind(kind)
    node_id = known.node_id(thing)
    if node_id is None or not access.may(request.actor, rights.SEE_ORGANISATION, on=node_id):
        raise NotFound
    node = organisation.node_of(node_id)
    assert node is not None  # the thing hangs on it
    asked = list(dict.fromkeys(right for right in (known.see, known.change, known.manage) if right is not None))
    found = [] if request.moment else questions.who_may(request.actor, node, asked)
    seen = questions.seen_by(request.actor, _places([ground for one in found for ground in one.all_grounds]))
    inside = [one for one in found if one.may_anything]
    return show(
        request,
        "core/organisation/object_access.html",
        **frame_of(request, kind, thing, "object_access"),
        rights=asked,
        rows=[_row(one, asked, seen) for one in inside[:MOST]],
        more=max(0, len(inside) - MOST),
        shut_out=[_row(one, asked, seen) for one in found if not one.may_anything][:MOST],
        confidential=node.confidential,
    )


def _row(one: Access, asked: list[Right], seen: dict[int, Node]) -> dict[str, Any]:
    return {
        "person": one.person,
        "marks": [(right, bool(one.opened(right))) for right in asked],
        "grounds": [told_ground(ground, seen) for ground in one.all_grounds],
    }


def told_ground(ground: Ground, seen: dict[int, Node]) -> dict[str, Any]:
    """A holding that bears on a question, with the names that the reader may know."""
    return {
        "holding": ground.holding,
        "open": ground.open,
        "way": [_place(node, seen) for node in ground.way],
        "shut_by": [_place(node, seen) for node in ground.shut_by],
    }


def _places(grounds: list[Ground]) -> set[int]:
    return {node.pk for ground in grounds for node in (*ground.way, *ground.shut_by)}


def _place(node: Node, seen: dict[int, Node]) -> dict[str, Any]:
    if node.pk not in seen:
        return {"name": _("(a place you do not see)"), "url": ""}
    return {"name": node.name, "url": place_url(node)}


def place_url(node: Node) -> str:
    """The page of what a node stands for; empty where no domain has one."""
    return address(node.kind, node.ref) if node.kind in objects.kinds() else ""


@page
def person_access(request: SignedIn, uid: UUID) -> HttpResponse:
    """What a person may see and do, where and why; and whether they may do one thing at one place."""
    person: Person = objects.find(request.actor, "person", str(uid))
    form = forms.AskAccess(request.GET if "right" in request.GET else None)
    answers = []
    if not request.moment and form.is_bound and form.is_valid():
        answers = _answers(request, person, form)
    held = [] if request.moment else questions.rights_of(request.actor, person)
    return show(
        request,
        "core/organisation/person_access.html",
        **frame_of(request, "person", person, "person_access"),
        groups=forms.by_domain(held, lambda each: each.right),
        form=form,
        answers=answers,
    )


def _answers(request: SignedIn, person: Person, form: forms.AskAccess) -> list[dict[str, Any]]:
    """For each place of the reference: yes or no, and through what."""
    places = questions.places_called(request.actor, form.cleaned_data["place"])
    if not places:
        form.add_error("place", _("You see no unit, portfolio, programme or project of this reference."))
    right = rights.ALL[form.cleaned_data["right"]]
    found: list[Answer] = [questions.own_answer(request.actor, person, right, node) for node in places]
    seen = questions.seen_by(request.actor, _places([ground for answer in found for ground in answer.grounds]))
    return [
        {
            "may": answer.may,
            "right": right,
            "place": _place(answer.node, seen),
            "kind": answer.node.get_kind_display(),
            "grounds": [told_ground(ground, seen) for ground in answer.grounds],
        }
        for answer in found
    ]
