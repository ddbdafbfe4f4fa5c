"""How people keep their lists, and what programmes ask twice."""

import uuid

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Lower

from quarterdeck.core.models.people import Account, Person
from quarterdeck.core.search import Folded, Weighed


class SavedView(models.Model):
    """A register as somebody likes it: filters, search, order and columns, as the parameters of its address."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    register = models.CharField(max_length=60)
    name = models.CharField(max_length=80)
    owner = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="saved_views")
    shared = models.BooleanField(default=False)
    parameters = models.CharField(max_length=2000, blank=True, default="")
    is_start = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_view_has_a_name", condition=~models.Q(name="")),
            models.UniqueConstraint(
                "owner", "register", Lower("name"), name="a_person_has_one_view_of_a_name_for_a_list"
            ),
            models.UniqueConstraint(
                fields=["owner", "register"],
                condition=models.Q(is_start=True),
                name="a_list_opens_with_one_view_for_a_person",
            ),
        ]
        indexes = [models.Index(fields=["register", "owner"], name="view_by_register")]

    def __str__(self) -> str:
        return self.name


class IdempotencyKey(models.Model):
    """An answer that was given to a request with a key, so that the same request asked again gets it again."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    headers = models.JSONField(default=dict, blank=True)
    body = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="a_key_is_used_once_by_an_account")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_by_age")]

    def __str__(self) -> str:
        return f"key of account {self.account_id}"


class SearchEntry(models.Model):
    """
    What is found of a thing: title, reference and text. Kept by database triggers, so that no write is missed.

    The row holds nothing that access is decided by except the node; the search asks with the rights of who asks.
    """

    subject_kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    node_id = models.BigIntegerField(null=True, blank=True)
    ref = models.CharField(max_length=80, blank=True, default="")
    title = models.CharField(max_length=300)
    body = models.TextField(blank=True, default="")
    plain_ref = models.GeneratedField(expression=Folded("ref"), output_field=models.TextField(), db_persist=True)
    plain_title = models.GeneratedField(expression=Folded("title"), output_field=models.TextField(), db_persist=True)
    words = models.GeneratedField(
        expression=Weighed("ref", "title", "body"), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id"], name="a_thing_is_found_once"),
        ]
        indexes = [
            GinIndex(fields=["words"], name="search_by_words"),
            models.Index(fields=["node_id"], name="search_by_node"),
        ]

    def __str__(self) -> str:
        return self.title
