"""Work that takes longer than a page may wait."""

import uuid
from typing import ClassVar

from django.db import models

from quarterdeck.core.moves import Moves


class Job(models.Model):
    """One piece of long work: what, for whom, how far, and what came of it."""

    MOVES: ClassVar[Moves] = {
        ("waiting", "start"): "running",
        ("running", "start"): "running",
        ("running", "finish"): "done",
        ("running", "fail"): "failed",
        ("waiting", "fail"): "failed",
    }

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60)
    label = models.CharField(max_length=200)
    person = models.ForeignKey("core.Person", on_delete=models.PROTECT, related_name="jobs")
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default="waiting")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True, default="")
    result = models.JSONField(default=dict, blank=True)
    result_url = models.CharField(max_length=300, blank=True, default="")
    report_number = models.CharField(max_length=12, blank=True, default="")
    seen = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_job_is_in_a_known_state",
                condition=models.Q(state__in=["waiting", "running", "done", "failed"]),
            ),
        ]
        indexes = [models.Index(fields=["person", "-created_at"], name="job_by_person")]

    def __str__(self) -> str:
        return self.label

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in {"done", "failed"}
