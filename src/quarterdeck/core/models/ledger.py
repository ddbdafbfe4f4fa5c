"""What people decided and did, chained so that a later change shows."""

import uuid

from django.db import models


class LedgerStream(models.Model):
    """One chain: the organisation's, and one for each portfolio. The head moves when an entry is sealed."""

    name = models.CharField(max_length=80, unique=True)
    head_seq = models.BigIntegerField(default=0)
    head_hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.name


class LedgerEntry(models.Model):
    """
    One event of a stream.

    entry is canonical JSON as text. seq, prev_hash, hash and sealed_at stay empty until the last moment before
    commit, when a deferred trigger seals all entries of the transaction, streams in the order of their names.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    stream = models.CharField(max_length=80)
    entry = models.TextField()
    event = models.CharField(max_length=80)
    actor_id = models.BigIntegerField(null=True, blank=True)
    subject_type = models.CharField(max_length=60, blank=True, default="")
    subject_id = models.BigIntegerField(null=True, blank=True)
    at = models.DateTimeField()
    seq = models.BigIntegerField(null=True, blank=True)
    prev_hash = models.CharField(max_length=64, blank=True, default="")
    hash = models.CharField(max_length=64, blank=True, default="")
    sealed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stream", "seq"], name="a_place_in_a_stream_is_taken_once"),
        ]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="ledger_by_subject")]

    def __str__(self) -> str:
        return f"{self.stream} {self.seq} {self.event}"
