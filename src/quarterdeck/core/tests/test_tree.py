"""The paths of the tree equal what a reader would work out by hand, whoever edits it and however often."""

import importlib
import threading
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quarterdeck.core import access, rights, store
from quarterdeck.core.models import Node, NodePath
from quarterdeck.core.tests import make

# Node 0 is the organisation; the others are numbered as they are made.
PLACES = st.integers(0, 7)
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("unit"), PLACES),
        st.tuples(st.just("thing"), PLACES, PLACES),
        st.tuples(st.just("move"), PLACES, PLACES),
        st.tuples(st.just("within"), PLACES, PLACES),
        st.tuples(st.just("shut"), PLACES),
    ),
    min_size=4,
    max_size=14,
)
Tree = dict[int, tuple[int | None, int | None, bool]]


def above(tree: Tree, node: int) -> set[int]:
    """A node and everything it lies below, walked by hand."""
    found, todo = set(), [node]
    while todo:
        here = todo.pop()
        if here not in found:
            found.add(here)
            todo += [parent for parent in tree[here][:2] if parent is not None]
    return found


def naive(tree: Tree) -> set[tuple[int, int, bool]]:
    """
    Ancestor, descendant, and whether what is held at the ancestor reaches the descendant.

    It does when the ancestor itself lies inside every confidential node that the descendant lies inside of.
    """
    inside = {node: {each for each in above(tree, node) if tree[each][2]} for node in tree}
    return {(up, node, inside[node] <= inside[up]) for node in tree for up in above(tree, node)}


def edit(nodes: list[Node], change: tuple[Any, ...]) -> None:
    """One edit through the store; what a constraint refuses is left as it was."""
    act, places = change[0], [Node.objects.get(pk=nodes[place % len(nodes)].pk) for place in change[1:]]
    if act == "unit":
        if places[0].kind == "unit":
            nodes.append(make.unit(parent=places[0]))
    elif act == "thing":
        unit, within = (next((p for p in places if (p.kind == "unit") is is_unit), None) for is_unit in (True, False))
        ref = f"T{len(nodes)}"
        nodes.append(store.create(Node(kind="project", ref=ref, name=ref, unit=unit, within=within), make.why()))
    else:
        node, fields = places[0], ["confidential"]
        if act == "shut":
            node.confidential = not node.confidential
        else:
            fields = ["unit" if act == "move" else "within"]
            setattr(node, fields[0], places[1])
        store.save(node, make.why(), fields=fields)


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EDITS)
def test_paths_and_what_is_shut_equal_the_tree_walked_by_hand(edits: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        nodes = [make.top()]
        for change in edits:
            try:
                with transaction.atomic():
                    edit(nodes, change)
            except store.Refused:
                nodes = [node for node in nodes if Node.objects.filter(pk=node.pk).exists()]
        tree: Tree = {
            pk: (unit, within, shut)
            for pk, unit, within, shut in Node.objects.values_list("pk", "unit_id", "within_id", "confidential")
        }
        expected = naive(tree)
        assert set(NodePath.objects.values_list("ancestor_id", "descendant_id", "open")) == expected
        for held in ({nodes[0].pk}, {nodes[-1].pk}, {nodes[0].pk, nodes[-1].pk}):
            holder = access.Actor(
                0, make.MONDAY.date(), {rights.SEE_ORGANISATION.code: frozenset(held)}, (), access.top_id()
            )
            reached = {node for up, node, is_open in expected if up in held and is_open}
            assert set(access.visible_nodes(holder).values_list("pk", flat=True)) == reached
            assert {pk for pk in tree if access.may(holder, rights.SEE_ORGANISATION, on=pk)} == reached
        transaction.set_rollback(True)


def made_while_it_was_shut(committed: str) -> bool:
    """Whether a viewer at the top sees a unit made below a division that is being made confidential meanwhile."""
    division = make.unit("Division")
    viewer = make.actor("viewer")
    made, shut = threading.Event(), threading.Event()

    def insert() -> None:
        try:
            with transaction.atomic():
                store.create(Node(kind="unit", ref="NEW", name="New", unit=division), make.why())
                made.set()
                shut.wait(0.7)
        finally:
            connections.close_all()

    thread = threading.Thread(target=insert)
    thread.start()
    assert made.wait(20)
    division.confidential = True
    store.save(division, make.why(), fields=["confidential"])
    shut.set()
    thread.join(20)
    return access.visible_nodes(viewer).filter(ref="NEW").exists()


def test_what_comes_in_below_a_node_while_it_is_made_confidential_is_shut_too(committed: str) -> None:
    assert not made_while_it_was_shut(committed)


def test_without_holding_the_branch_still_it_would_stay_open(committed: str, owner: psycopg.Connection[Any]) -> None:
    """The mutant: the paths as they were worked out before."""
    before = importlib.import_module("quarterdeck.core.migrations.0004_paths_by_index")
    owner.execute(before.BY_INDEX)
    assert made_while_it_was_shut(committed)


@pytest.mark.django_db
def test_a_function_that_writes_for_the_application_looks_up_tables_where_it_cannot_plant_any() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname, proconfig FROM pg_proc WHERE prosecdef AND proname LIKE 'core_%'")
        assert cursor.fetchall() == [("core_seal_ledger", ["search_path=pg_catalog, public, pg_temp"])]
