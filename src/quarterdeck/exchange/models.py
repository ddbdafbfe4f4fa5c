"""Facts about imports: the file, how it was understood, what each row came to, and the mappings people keep."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from quarterdeck.core.models import Job, Person
from quarterdeck.core.moves import Moves
from quarterdeck.projects.models import Portfolio, Project, Snapshot


class NamedMapping(models.Model):
    """A mapping somebody kept under a name. Those that come with the product are files and not here."""

    name = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    definition = models.JSONField()
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="mappings")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="a_name_means_one_mapping"),
            models.CheckConstraint(name="a_mapping_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name


class Import(models.Model):
    """
    One register on its way in: uploaded, its columns mapped, looked at, imported. Its report stays.

    version counts its moves, so that of two at once one wins. Without a portfolio, new_name, new_ref and
    new_currency say which one the import makes.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        MAPPED = "mapped", _("Columns chosen")
        PREVIEWING = "previewing", _("Being read")
        PREVIEWED = "previewed", _("To decide")
        IMPORTING = "importing", _("Being imported")
        IMPORTED = "imported", _("Imported")
        FAILED = "failed", _("Failed")
        ABANDONED = "abandoned", _("Abandoned")

    MOVES: ClassVar[Moves] = {
        ("uploaded", "map"): "mapped",
        ("mapped", "map"): "mapped",
        ("previewing", "map"): "mapped",
        ("previewed", "map"): "mapped",
        ("failed", "map"): "mapped",
        ("mapped", "look"): "previewing",
        ("previewed", "look"): "previewing",
        ("previewing", "show"): "previewed",
        ("previewing", "fail"): "failed",
        ("previewed", "import"): "importing",
        ("importing", "finish"): "imported",
        ("uploaded", "choose"): "uploaded",
        ("mapped", "choose"): "uploaded",
        ("previewing", "choose"): "uploaded",
        ("previewed", "choose"): "uploaded",
        ("failed", "choose"): "uploaded",
        ("uploaded", "abandon"): "abandoned",
        ("mapped", "abandon"): "abandoned",
        ("previewing", "abandon"): "abandoned",
        ("previewed", "abandon"): "abandoned",
        ("failed", "abandon"): "abandoned",
    }

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.PositiveIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="imports")
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)

    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    sheet = models.CharField(max_length=200, blank=True, default="")
    header_line = models.PositiveIntegerField(null=True, blank=True)
    # What the file looks like, so that the page of columns does not read it again; see services.uploading.
    look = models.JSONField(default=dict, blank=True)

    mapping = models.JSONField(default=dict, blank=True)
    mapping_name = models.CharField(max_length=80, blank=True, default="")
    as_of = models.DateField(null=True, blank=True)

    portfolio = models.ForeignKey(Portfolio, null=True, blank=True, on_delete=models.PROTECT, related_name="imports")
    new_name = models.CharField(max_length=200, blank=True, default="")
    new_ref = models.CharField(max_length=40, blank=True, default="")
    new_currency = models.CharField(max_length=3, blank=True, default="")

    compared_with = models.ForeignKey(Snapshot, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    snapshot = models.ForeignKey(Snapshot, null=True, blank=True, on_delete=models.SET_NULL, related_name="imports")
    counts = models.JSONField(default=dict, blank=True)
    # Problems of the file as a whole; those of a row are with the row.
    problems = models.JSONField(default=list, blank=True)
    failure = models.CharField(max_length=500, blank=True, default="")
    digest = models.CharField(max_length=64, blank=True, default="")
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    uploaded_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True, blank=True)
    imported_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "number"], name="a_person_numbers_an_import_once"),
            models.CheckConstraint(
                name="an_import_is_in_a_known_state",
                condition=Q(
                    state__in=[
                        "uploaded",
                        "mapped",
                        "previewing",
                        "previewed",
                        "importing",
                        "imported",
                        "failed",
                        "abandoned",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="an_import_goes_into_a_portfolio_or_makes_one",
                condition=Q(portfolio__isnull=False) | (~Q(new_ref="") & ~Q(new_name="")),
            ),
            models.CheckConstraint(
                name="what_was_imported_says_when_into_what_and_with_which_report",
                condition=~Q(state="imported")
                | (Q(imported_at__isnull=False) & Q(portfolio__isnull=False) & ~Q(digest="")),
            ),
            models.CheckConstraint(
                name="only_what_was_imported_has_a_time_of_import",
                condition=Q(imported_at__isnull=True) | Q(state="imported"),
            ),
            # The second of two imports into one portfolio waits here until the first has ended.
            models.UniqueConstraint(
                fields=["portfolio"], condition=Q(state="importing"), name="one_import_at_a_time_into_a_portfolio"
            ),
        ]
        indexes = [
            models.Index(fields=["portfolio", "-imported_at"], name="import_by_portfolio"),
            models.Index(fields=["sha256"], name="import_by_content"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_open(self) -> bool:
        """Whether it may still be changed, imported or abandoned."""
        return self.state in {"uploaded", "mapped", "previewing", "previewed", "failed"}


class ImportFile(models.Model):
    """The content of the file, kept in the database so that any worker on any machine reads it."""

    of = models.OneToOneField(Import, primary_key=True, on_delete=models.CASCADE, related_name="file")
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"file of import {self.of_id}"


class ImportRow(models.Model):
    """
    One row of the file and what it came to; a project that the file no longer has is a row of line 0.

    cells: label of the column to the cell as written, empty cells left out. changes: fact to [before, after].
    figures: what the list of rows shows of it. confidential: the file marks it so, nobody else sees the row.
    """

    class Outcome(models.TextChoices):
        NEW = "new", _("New")
        CHANGED = "changed", _("Changed")
        UNCHANGED = "unchanged", _("Same")
        REFUSED = "refused", _("Refused")
        LEFT = "left", _("Left")

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    external_id = models.CharField(max_length=200, blank=True, default="")
    name = models.CharField(max_length=500, blank=True, default="")
    outcome = models.CharField(max_length=10, choices=Outcome)
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.PROTECT, related_name="import_rows")
    confidential = models.BooleanField(default=False)
    cells = models.JSONField(default=dict, blank=True)
    unmapped = models.JSONField(default=dict, blank=True)
    figures = models.JSONField(default=dict, blank=True)
    changes = models.JSONField(default=dict, blank=True)
    problems = models.JSONField(default=list, blank=True)
    problem_count = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["of", "line"], condition=Q(line__gt=0), name="a_line_of_a_file_is_one_row"),
            models.CheckConstraint(
                name="a_row_is_new_changed_unchanged_refused_or_left",
                condition=Q(outcome__in=["new", "changed", "unchanged", "refused", "left"]),
            ),
        ]
        indexes = [
            models.Index(fields=["of", "outcome", "line"], name="import_row_by_outcome"),
            models.Index(fields=["project", "-of"], name="import_row_by_project"),
        ]

    def __str__(self) -> str:
        return f"line {self.line}, {self.external_id}"
