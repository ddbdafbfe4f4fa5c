"""The tree: units, and the nodes that higher domains hang their things on."""

from datetime import datetime

from django.db import transaction

from quarterdeck.core import access, ledger, rights, store
from quarterdeck.core.access import Actor
from quarterdeck.core.models import Node, NodeAlias, NodePath


@transaction.atomic
def add_unit(actor: Actor, *, name: str, ref: str, parent: Node, now: datetime) -> Node:
    """Make a unit below another one."""
    access.require(actor, rights.MANAGE_ORGANISATION, on=parent, seen_by=rights.SEE_ORGANISATION)
    return make_node(
        Node(kind="unit", name=name, ref=ref, unit=parent), store.Because(actor.person_id, now), actor=actor
    )


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
def rename_node(actor: Actor, node: Node, *, name: str, now: datetime) -> Node:
    """Give a node another name; files that use the old one still find it."""
    access.require(actor, rights.MANAGE_ORGANISATION, on=node, seen_by=rights.SEE_ORGANISATION)
    return rename(node, name, store.Because(actor.person_id, now), actor=actor)


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
