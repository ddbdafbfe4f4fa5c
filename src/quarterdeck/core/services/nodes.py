"""The tree: what all places share, units and those that higher domains hang their things on."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from quarterdeck.core import access, ledger, rights, store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Node, NodeAlias, NodePath
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.services import days


def make_node(
    node: Node, why: store.Because, *, actor: Actor | None, stream: str | None = None, noted: bool = True
) -> Node:
    """
    Insert a node; for services that have checked the right of who asks.

    noted: write it into the ledger; an import writes one entry for all its rows instead.
    """
    store.create(node, why)
    for parent in (node.unit, node.within):
        if parent is not None:
            reach_back(parent, why)
    if noted:
        # The whole ledger is read by some who are outside a circle, so it holds no reference of what is hidden.
        named = {} if is_hidden(node.pk) else {"ref": node.ref}
        ledger.record(actor, f"core.{node.kind}.made", on=node, at=why.now, stream=stream, **named)
    return node


def is_hidden(node_id: int) -> bool:
    """Whether something confidential keeps people from a node that they would reach from the top."""
    return NodePath.objects.filter(ancestor_id=access.top_id(), descendant_id=node_id, open=False).exists()


def reach_back(node: Node, why: store.Because) -> None:
    """Make sure that a node and everything above it existed on the day of `why`."""
    if node.effective_on is not None and node.effective_on <= why.day:
        return
    store.reach_back(node, why)
    for parent in (node.unit, node.within):
        if parent is not None:
            reach_back(parent, why)


@transaction.atomic
def rename_node(
    actor: Actor, node: Node, *, name: str, now: datetime, effective_on: date | None = None, reason: str = ""
) -> Node:
    """Give a node another name; files that use the old one still find it."""
    access.require(actor, rights.MANAGE_ORGANISATION, on=node, seen_by=rights.SEE_ORGANISATION)
    return rename(node, name, days.day_of_change(actor, node, effective_on, now=now, reason=reason), actor=actor)


def rename(node: Node, name: str, why: store.Because, *, actor: Actor | None) -> Node:
    """Rename and remember the old name; for services that have checked the right of who asks."""
    if name == node.name:
        return node
    remember_alias(node, node.name)
    node.name = name
    store.save(node, why, fields=["name"])
    ledger.record(actor, f"core.{node.kind}.renamed", on=node, at=why.now)
    return node


def remember_alias(node: Node, alias: str) -> None:
    """Keep a name by which files know the node. A name that another node has stays with that one."""
    if not NodeAlias.objects.filter(kind=node.kind, alias__iexact=alias).exists():
        NodeAlias.objects.create(node=node, kind=node.kind, alias=alias)


def refuse_ended(node: Node, field: str = "") -> None:
    """
    Refuse to put anything new at a place that has an end.

    The place is held still until the transaction ends: whoever ends it meanwhile waits and then sees what came in.
    """
    ended_on = store.hold_still(node, "ended_on")
    if ended_on is not None:
        sentence = _(
            "%(name)s has its end on %(day)s, so nothing new comes in. Choose another place, or bring it back."
        )
        sentence %= {"name": node.name, "day": days.said(ended_on)}
        raise Refused("ended", sentence, {field: sentence} if field else {})


def move(
    node: Node,
    *,
    why: store.Because,
    actor: Actor,
    unit: Node | None = None,
    within: Node | None = None,
    stream: str | None = None,
) -> None:
    """
    Put a node below another unit, or within another portfolio or programme.

    For services that have checked the right of who asks on the node, the place it leaves and the one it comes to.
    """
    fields: list[str] = []
    facts: dict[str, Any] = {}
    for name, target in (("unit", unit), ("within", within)):
        if target is None or target.pk == getattr(node, f"{name}_id"):
            continue
        refuse_ended(target, name)
        if NodePath.objects.filter(ancestor_id=node.pk, descendant_id=target.pk).exists():
            sentence = _("%(target)s lies below %(name)s, so %(name)s cannot lie below it.")
            sentence %= {"target": target.name, "name": node.name}
            raise Refused("below_itself", sentence, {name: sentence})
        facts[name] = [getattr(node, f"{name}_id"), target.pk]
        setattr(node, name, target)
        fields.append(name)
        reach_back(target, why)
    if not fields:
        return
    store.save(node, why, fields=fields)
    ledger.record(actor, f"core.{node.kind}.moved", on=node, at=why.now, stream=stream, from_on=why.day, **facts)


def still_there(actor: Actor, node: Node, day: date, *, field: str) -> "QuerySet[Node]":
    """
    What the actor sees directly below a node (by its unit or by what it lies within) that is not over on a day.

    What they do not see does not keep them from ending the node: a refusal would tell that it exists.
    """
    return questions.nodes_there(actor, day).filter(**{field: node}).order_by("kind", "name", "pk")


def end(
    node: Node,
    *,
    on: date,
    now: datetime,
    actor: Actor,
    reason: str = "",
    field: str = "unit",
    stream: str | None = None,
) -> None:
    """
    Write from which day on a place is no more; for services that have checked the right of who asks.

    Refused while something that the actor sees is still there below it, naming it.
    """
    days.check_year(on, "on")
    Node.objects.select_for_update().get(pk=node.pk)
    if node.ended_on is not None:
        sentence = _("%(name)s ended on %(day)s already.")
        raise Refused("ended", sentence % {"name": node.name, "day": days.said(node.ended_on)})
    first = days.first_day(node)
    if on < first:
        sentence = _("%(name)s is known from %(day)s on. It cannot have ended before.")
        sentence %= {"name": node.name, "day": days.said(first)}
        raise Refused("ended_before_it_began", sentence, {"on": sentence})
    below = list(still_there(actor, node, on, field=field)[:4])
    if below:
        more = still_there(actor, node, on, field=field).count() - 3
        names = ", ".join(each.name for each in below[:3])
        if more > 0:
            names = _("%(names)s and %(number)s more") % {"names": names, "number": more}
        sentence = _("%(name)s still holds %(names)s. Move them elsewhere or end them first, each on its own page.")
        raise Refused("not_empty", sentence % {"name": node.name, "names": names})
    node.ended_on = on
    store.save(node, days.planned(actor, node, on, now=now, reason=reason), fields=["ended_on"])
    ledger.record(actor, f"core.{node.kind}.ended", on=node, at=now, stream=stream, ended_on=on)


def bring_back(node: Node, *, now: datetime, actor: Actor, reason: str = "", stream: str | None = None) -> None:
    """Take the end of a place away; for services that have checked the right of who asks."""
    if node.ended_on is None:
        sentence = _("%(name)s has no end, so there is nothing to bring back.")
        raise Refused("not_ended", sentence % {"name": node.name})
    for parent in (node.unit, node.within):
        if parent is not None and parent.ended_on is not None:
            sentence = _("%(parent)s, where it lies, ended on %(day)s. Bring that back first.")
            raise Refused("parent_ended", sentence % {"parent": parent.name, "day": days.said(parent.ended_on)})
    node.ended_on = None
    store.save(node, store.Because(actor.person_id, now, reason), fields=["ended_on"])
    ledger.record(actor, f"core.{node.kind}.brought_back", on=node, at=now, stream=stream)
