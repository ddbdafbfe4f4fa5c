"""Roles and who holds them where."""

import uuid
from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models

from quarterdeck.core.history import Governed, governed
from quarterdeck.core.models.nodes import Node
from quarterdeck.core.models.people import Person


@governed
class Role(Governed):
    """A named set of rights. Sponsor and manager of a project are roles like any other."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True, default="")
    rights = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    # Rights of the standard role that somebody took out: an upgrade does not bring them back.
    withheld = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    single = models.BooleanField(default=False, help_text="One holder at a time on each node.")
    needs_second_factor = models.BooleanField(default=False)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="a_role_has_a_name", condition=~models.Q(name=""))]

    def __str__(self) -> str:
        return self.name


@governed
class Holding(Governed):
    """A person holds a role at a node from a day to a day: the one source of rights and accountability."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="holdings")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="holdings")
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="holdings")
    from_on = models.DateField()
    to_on = models.DateField(null=True, blank=True)
    acting = models.BooleanField(default=False)
    single = models.BooleanField(default=False)

    class Meta:
        constraints = [
            # One that ends the day before it begins was taken back before it counted for a whole day.
            models.CheckConstraint(
                name="a_holding_ends_no_earlier_than_the_day_before_it_begins",
                condition=models.Q(to_on__isnull=True) | models.Q(to_on__gte=models.F("from_on") - timedelta(days=1)),
            ),
            models.UniqueConstraint(
                fields=["person", "role", "node"],
                condition=models.Q(to_on__isnull=True),
                name="a_person_holds_a_role_once_at_a_node",
            ),
            models.UniqueConstraint(
                fields=["role", "node"],
                condition=models.Q(to_on__isnull=True, single=True, acting=False),
                name="a_single_role_has_one_holder_at_a_node",
            ),
        ]
        indexes = [models.Index(fields=["node", "role"], name="holding_by_node_and_role")]

    def __str__(self) -> str:
        return f"person {self.person_id} as role {self.role_id} at node {self.node_id}"
