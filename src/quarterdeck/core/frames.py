"""The frames of units, people, roles and holdings."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quarterdeck.core import access, objects, rights
from quarterdeck.core.access import Actor
from quarterdeck.core.models import Holding, Node, Person, Role
from quarterdeck.core.services.roles import STANDARD
from quarterdeck.core.templatetags.qd import day
from quarterdeck.core.web import navigation
from quarterdeck.core.web.frame import object_frame
from quarterdeck.core.web.pages import SignedIn, address
from quarterdeck.core.web.shell import crumb

MANAGE = rights.MANAGE_ORGANISATION


def object_tabs(kind: str, *, people: bool, history: bool = True) -> None:
    """The pages that all kinds share: who holds a role here, who has access, what changed."""
    of = objects.kind(kind)

    def named(thing: Any) -> tuple[str, ...]:
        return kind, of.key(thing)

    def sees_who(actor: Actor, thing: Any) -> bool:
        node_id = of.node_id(thing)
        return node_id is not None and access.may(actor, rights.SEE_ORGANISATION, on=node_id)

    if people:
        navigation.add_tab(navigation.Tab(kind, gettext_lazy("People"), "object_people", 50, sees_who, args=named))
    navigation.add_tab(navigation.Tab(kind, gettext_lazy("Access"), "object_access", 85, sees_who, args=named))
    if history:
        navigation.add_tab(navigation.Tab(kind, gettext_lazy("History"), "object_history", 90, args=named))


def act(label: str, url: str, icon: str, *, primary: bool = False, key: str = "") -> dict[str, Any]:
    """One thing to do, in the head of an object's pages."""
    return {"label": label, "url": url, "icon": icon, "primary": primary, "key": key}


def ended_tag(ended_on: Any) -> dict[str, str]:
    """How an end looks beside a name."""
    return {"label": _("Ends %(day)s") % {"day": day(ended_on)}, "tone": "warn", "icon": "archive"}


def unit_frame(request: SignedIn, unit: Node, route: str) -> dict[str, Any]:
    """Name, reference, where it lies, and what the reader may do."""
    may = access.may(request.actor, MANAGE, on=unit)
    parent = unit.unit if unit.unit_id and access.may(request.actor, rights.SEE_ORGANISATION, on=unit.unit_id) else None
    acts = []
    if may:
        acts.append(act(_("Change"), address("change_unit", unit.ref), "edit", key="e"))
        if unit.ended_on is None:
            query = {"parent": unit.ref}
            acts.append(act(_("New unit below"), address("new_unit", query=query), "plus", primary=True, key="n"))
    tags = [ended_tag(unit.ended_on)] if unit.ended_on else []
    if unit.confidential:
        tags.append({"label": _("Confidential"), "tone": "", "icon": "lock"})
    where = _("in %(parent)s") % {"parent": parent.name} if parent else _("the whole organisation")
    return object_frame(
        request,
        "unit",
        unit,
        route,
        crumbs=[
            crumb(_("Units"), address("units")),
            *([crumb(parent.name, address("unit", parent.ref))] if parent else []),
        ],
        context_line=f"{unit.ref} · {where}" if parent or unit.unit_id is None else unit.ref,
        tags=tags,
        acts=acts,
        may_manage=may,
    )


def person_frame(request: SignedIn, person: Person, route: str) -> dict[str, Any]:
    """Name, address, and what the reader may do."""
    top = request.actor.top
    may = top is not None and access.may(request.actor, MANAGE, on=top)
    tags = []
    if person.left_on:
        ahead = person.left_on > request.actor.on
        words = _("Leaves %(day)s") if ahead else _("Left %(day)s")
        tags.append({"label": words % {"day": day(person.left_on)}, "tone": "warn", "icon": "logout"})
    acts = []
    if may:
        acts.append(act(_("Change"), address("change_person", person.uid), "edit", key="e"))
    if request.actor.holds(MANAGE) and person.left_on is None:
        acts.append(act(_("Give a role"), address("give_to_person", person.uid), "plus", primary=True, key="n"))
    return object_frame(
        request,
        "person",
        person,
        route,
        crumbs=[crumb(_("People"), address("people"))],
        context_line=person.email or _("no address"),
        tags=tags,
        acts=acts,
        may_manage=may,
    )


def role_frame(request: SignedIn, role: Role, route: str) -> dict[str, Any]:
    """Name, what it is for, and what the reader may do."""
    top = request.actor.top
    may = top is not None and access.may(request.actor, MANAGE, on=top)
    tags = [{"label": _("Standard") if role.code in STANDARD else _("Own"), "tone": "", "icon": ""}]
    if role.ended_on:
        tags.append({"label": _("Given no more"), "tone": "warn", "icon": "archive"})
    acts = [act(_("Change"), address("change_role", role.code), "edit", key="e")] if may else []
    return object_frame(
        request,
        "role",
        role,
        route,
        crumbs=[crumb(_("Roles"), address("roles"))],
        context_line=role.description,
        tags=tags,
        acts=acts,
        may_manage=may,
    )


def holding_frame(request: SignedIn, holding: Holding, route: str) -> dict[str, Any]:
    """Who holds what where."""
    return object_frame(
        request,
        "holding",
        holding,
        route,
        crumbs=[crumb(_("Who holds what"), address("organisation"))],
        context_line=_("%(person)s at %(place)s") % {"person": holding.person.name, "place": holding.node.name},
        tags=[{"label": _("Acting"), "tone": "info", "icon": ""}] if holding.acting else [],
    )
