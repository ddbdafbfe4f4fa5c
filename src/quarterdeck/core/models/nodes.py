"""The tree that access and accountability hang on."""

import uuid

import pgtrigger
from django.db import models
from django.db.models.functions import Lower

from quarterdeck.core.history import Governed, governed
from quarterdeck.core.search import triggers_of_nodes

# Recomputes the paths to everything below the changed nodes. Sealed means: a confidential node lies
# on the way which the ancestor itself is not inside of, so what is held above does not reach down.
REFRESH_PATHS = """
    PERFORM core_refresh_paths(ARRAY(SELECT id FROM {table}));
    RETURN NULL;
"""


@governed
class Node(Governed):
    """
    A place in the organisation: unit, portfolio, programme or project.

    It has up to two parents: the unit it belongs to and the portfolio or programme it lies within.
    Access flows down both. A confidential node lets nothing flow in from above.
    """

    class Kind(models.TextChoices):
        UNIT = "unit", "Unit"
        PORTFOLIO = "portfolio", "Portfolio"
        PROGRAMME = "programme", "Programme"
        PROJECT = "project", "Project"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    ref = models.CharField(max_length=40)
    name = models.CharField(max_length=300)
    unit = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="unit_children")
    within = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="contents")
    confidential = models.BooleanField(default=False)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("kind", Lower("ref"), name="a_reference_names_one_node_of_its_kind"),
            models.CheckConstraint(name="a_node_has_a_name", condition=~models.Q(name="") & ~models.Q(ref="")),
            models.CheckConstraint(
                name="a_node_is_not_its_own_parent",
                condition=(models.Q(unit__isnull=True) | ~models.Q(unit=models.F("pk")))
                & (models.Q(within__isnull=True) | ~models.Q(within=models.F("pk"))),
            ),
            models.CheckConstraint(
                name="a_unit_lies_within_units_only",
                condition=~models.Q(kind="unit") | models.Q(within__isnull=True),
            ),
            models.CheckConstraint(
                name="everything_lies_within_the_organisation",
                condition=models.Q(kind="unit") | models.Q(unit__isnull=False) | models.Q(within__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["kind"],
                name="one_unit_is_the_whole_organisation",
                condition=models.Q(kind="unit", unit__isnull=True),
            ),
        ]
        indexes = [models.Index("kind", Lower("name"), name="node_by_name")]
        triggers = [
            pgtrigger.Trigger(
                name="paths_after_insert",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),
                func=REFRESH_PATHS.format(table="new_rows"),
            ),
            pgtrigger.Trigger(
                name="paths_after_update",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),
                func="""
                    PERFORM core_refresh_paths(ARRAY(
                        SELECT n.id FROM new_rows n JOIN old_rows o ON o.id = n.id
                        WHERE (n.unit_id, n.within_id, n.confidential)
                              IS DISTINCT FROM (o.unit_id, o.within_id, o.confidential)));
                    RETURN NULL;
                """,
            ),
            *triggers_of_nodes(),
        ]

    def __str__(self) -> str:
        return self.name


class NodeAlias(models.Model):
    """A name by which files know a node, so that a renamed unit or project stays the same thing."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="aliases")
    kind = models.CharField(max_length=10, choices=Node.Kind)
    alias = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint("kind", Lower("alias"), name="an_alias_names_one_node_of_its_kind")]

    def __str__(self) -> str:
        return self.alias


class NodePath(models.Model):
    """
    Every node below every node, itself included; kept by the database whenever the tree changes.

    open: what is held at the ancestor reaches the descendant, because no confidential node on the
    way shuts the ancestor out.
    """

    class Meta:
        indexes = [
            models.Index(fields=["ancestor"], condition=models.Q(open=False), name="path_shut"),
        ]

    pk = models.CompositePrimaryKey("ancestor_id", "descendant_id")
    ancestor = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="paths_down")
    descendant = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="paths_up")
    open = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.ancestor_id} → {self.descendant_id}"
