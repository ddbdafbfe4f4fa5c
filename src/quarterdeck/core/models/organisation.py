"""The organisation this installation belongs to."""

from django.db import models


class Organisation(models.Model):
    """One row: the installation's organisation and how it shows money."""

    singleton = models.BooleanField(default=True, editable=False)
    name = models.CharField(max_length=200)
    currency = models.CharField(max_length=3, default="EUR")
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_organisation_per_installation", fields=["singleton"]),
            models.CheckConstraint(name="the_organisation_is_the_single_row", condition=models.Q(singleton=True)),
        ]

    def __str__(self) -> str:
        return self.name
