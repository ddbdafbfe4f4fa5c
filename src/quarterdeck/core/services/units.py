"""Units are made, renamed, moved, ended and brought back."""

import re
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from quarterdeck.core import access, rights
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotAllowed, Refused
from quarterdeck.core.models import Holding, Node
from quarterdeck.core.services import days, nodes, roles

MANAGE, SEE = rights.MANAGE_ORGANISATION, rights.SEE_ORGANISATION


@transaction.atomic
def add_unit(
    actor: Actor,
    *,
    name: str,
    parent: Node,
    now: datetime,
    ref: str = "",
    effective_on: date | None = None,
    reason: str = "",
) -> Node:
    """Make a unit below another one. Without a reference it gets one from its name."""
    access.require(actor, MANAGE, on=parent, seen_by=SEE)
    nodes.refuse_ended(parent, "parent")
    why = days.day_of_making(actor, effective_on, now=now, reason=reason)
    _refuse_same_name(actor, name, parent)
    wanted = ref.strip() or _free_ref(name)
    check_reference(wanted)
    return nodes.make_node(Node(kind="unit", name=name.strip(), ref=wanted, unit=parent), why, actor=actor)


def _refuse_same_name(actor: Actor, name: str, parent: Node) -> None:
    """Two units of one name in one place would be one and the same to every file."""
    same = access.visible_nodes(actor).filter(kind="unit", unit=parent, name__iexact=name.strip(), ended_on=None)
    if same.exists():
        sentence = _("%(parent)s has a unit of that name already. Choose another name.") % {"parent": parent.name}
        raise Refused("same_name", sentence, {"name": sentence})


def check_reference(ref: str) -> None:
    """Refuse a reference that cannot stand in an address or names another unit."""
    sentence = ""
    if re.search(r"[/\\?#%\s\x00-\x1f]", ref) or ref.casefold() in {"new", ".", ".."}:
        sentence = _("A reference stands in addresses: no blank, slash, question mark or percent sign, and not “new”.")
    elif Node.objects.filter(kind="unit", ref__iexact=ref).exists():
        sentence = _("Another unit has the reference %(ref)s. Choose a free one, or leave it empty.") % {"ref": ref}
    if sentence:
        raise Refused("no_reference", sentence, {"ref": sentence})


def _free_ref(name: str) -> str:
    """
    Letters of the name in capitals, with a number where they are taken.

    The number tells nothing: it is tried against all units alike, and a hidden one may have an ordinary reference.
    """
    words = re.findall(r"[^\W\d_]+", name) or ["Unit"]
    stem = "".join(word[0] for word in words[:6]) if len(words) > 1 else words[0][:4]
    wanted, number = stem.upper(), 1
    while Node.objects.filter(kind="unit", ref__iexact=wanted).exists():
        number += 1
        wanted = f"{stem.upper()}{number}"
    return wanted


def rename_unit(
    actor: Actor, unit: Node, *, name: str, now: datetime, effective_on: date | None = None, reason: str = ""
) -> Node:
    """Give a unit another name from a day on; files that use the old one still find it."""
    if unit.unit_id is None:
        raise Refused("top", _("The whole organisation is renamed where its name and currency are set."))
    return nodes.rename_node(actor, unit, name=name.strip(), now=now, effective_on=effective_on, reason=reason)


@transaction.atomic
def move_unit(
    actor: Actor, unit: Node, *, to: Node, now: datetime, effective_on: date | None = None, reason: str = ""
) -> Node:
    """
    Put a unit with everything below it under another one, from a day on.

    Who moves it needs the right where it lies, where it comes to, and on itself: it changes who sees what is below it.
    """
    access.require(actor, MANAGE, on=unit, seen_by=SEE)
    if unit.unit_id is None:
        raise Refused("top", _("The whole organisation lies below nothing."))
    access.require(actor, MANAGE, on=to, seen_by=SEE)
    if not access.may(actor, MANAGE, on=unit.unit_id):
        sentence = _("You may not take %(name)s away from where it lies. That needs the right “%(right)s” there too.")
        raise NotAllowed(sentence % {"name": unit.name, "right": MANAGE.label})
    nodes.refuse_ended(unit)
    nodes.move(unit, why=days.day_of_change(actor, unit, effective_on, now=now, reason=reason), actor=actor, unit=to)
    return unit


@transaction.atomic
def end_unit(actor: Actor, unit: Node, *, now: datetime, on: date | None = None, reason: str = "") -> Node:
    """
    End a unit: from the day on it is no more (default: today). Roles held at it end the day before.

    Refused while units, portfolios, programmes or projects below it are still there.
    """
    access.require(actor, MANAGE, on=unit, seen_by=SEE)
    if unit.unit_id is None:
        raise Refused("top", _("The whole organisation does not end."))
    day = on or now.date()
    nodes.end(unit, on=day, now=now, actor=actor, reason=reason)
    end_holdings_at(actor, unit, day, now=now, reason=reason)
    return unit


def end_holdings_at(actor: Actor, node: Node, day: date, *, now: datetime, reason: str) -> None:
    """End what is held at a place that is no more from a day on; for services that checked the right."""
    for holding in Holding.objects.filter(Q(to_on__isnull=True) | Q(to_on__gte=day), node=node).select_related("role"):
        last_day = days.day_before(day)
        roles.end_holding_on(
            holding,
            last_day=last_day,
            why=days.planned(actor, holding, day, now=now, reason=reason or _("The place ended")),
            actor=actor,
        )


@transaction.atomic
def bring_back_unit(actor: Actor, unit: Node, *, now: datetime, reason: str = "") -> Node:
    """Take the end of a unit away. Roles that ended with it are given again, one by one, by who wants them held."""
    access.require(actor, MANAGE, on=unit, seen_by=SEE)
    nodes.bring_back(unit, now=now, actor=actor, reason=reason)
    return unit
