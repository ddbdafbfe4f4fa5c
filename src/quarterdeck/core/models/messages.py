"""What people say to each other about a thing, and what is told to them."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from quarterdeck.core.history import Governed, governed
from quarterdeck.core.models.nodes import Node
from quarterdeck.core.models.people import Person
from quarterdeck.core.moves import Moves


class About(models.Model):
    """
    What is about a thing of any kind: the kind as `core.objects` knows it, its id, and the node it hangs on.

    Access to what is said follows access to the thing.
    """

    subject_kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    node = models.ForeignKey(Node, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


@governed
class Comment(Governed, About):
    """A remark in markdown. Withdrawn, its text is empty and the remark says so."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="comments")
    text = models.TextField(blank=True)
    written_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_comment_says_something_unless_it_was_withdrawn",
                condition=~models.Q(text="") | models.Q(withdrawn_at__isnull=False),
            )
        ]
        indexes = [models.Index(fields=["subject_kind", "subject_id", "written_at"], name="comment_by_subject")]

    def __str__(self) -> str:
        return f"comment {self.pk}"


@governed
class Attachment(Governed, About):
    """A file that hangs on a thing. Its bytes are in a table of their own."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    note = models.CharField(max_length=300, blank=True, default="")
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="an_attachment_has_a_name", condition=~models.Q(name=""))]
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="attachment_by_subject")]

    def __str__(self) -> str:
        return self.name


class AttachmentContent(models.Model):
    """The bytes of an attachment: in the database, so that every web machine serves and every backup holds them."""

    attachment = models.OneToOneField(Attachment, on_delete=models.CASCADE, related_name="content", primary_key=True)
    data = models.BinaryField()

    def __str__(self) -> str:
        return f"content of attachment {self.attachment_id}"


@governed
class DocumentLink(Governed, About):
    """A document that lies elsewhere: title and address. The address is never fetched."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=200)
    address = models.CharField(max_length=1000)
    note = models.CharField(max_length=300, blank=True, default="")
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_document_link_has_a_title_and_an_address",
                condition=~models.Q(title="") & ~models.Q(address=""),
            )
        ]
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="document_by_subject")]

    def __str__(self) -> str:
        return self.title


class Watch(About):
    """A person wants to hear of what happens to a thing; muted: they do not, although they would by default."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="watches")
    muted = models.BooleanField(default=False)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "subject_kind", "subject_id"], name="a_person_watches_a_thing_once"
            )
        ]
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="watch_by_subject")]

    def __str__(self) -> str:
        return f"person {self.person_id} watches {self.subject_kind} {self.subject_id}"


class Notification(About):
    """
    Something a person is told: what happened to which thing by whom.

    No text is kept: it is put together when it is read, with what the reader may see then.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notifications")
    event = models.CharField(max_length=80)
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    comment = models.ForeignKey(Comment, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    why = models.CharField(max_length=20)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    mail_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "-at"], name="notification_by_person"),
            models.Index(fields=["mail_at"], condition=models.Q(mail_at__isnull=False), name="notification_to_mail"),
        ]

    def __str__(self) -> str:
        return f"{self.event} for person {self.person_id}"


class MessageChoice(models.Model):
    """How a person wants to be told of one sort of thing: at once, in a digest, or on the page only."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="message_choices")
    sort = models.CharField(max_length=40)
    mail = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "sort"], name="a_sort_of_message_is_chosen_once"),
            models.CheckConstraint(
                name="mail_comes_at_once_in_a_digest_or_not",
                condition=models.Q(mail__in=["at_once", "daily", "weekly", "never"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sort}: {self.mail}"


class OutgoingMail(models.Model):
    """
    A mail that is to be sent, written in the transaction of what it tells of. Its uid is the same in every try.

    nodes : the places whose things it tells of; who does not reach them all does not see that there is this mail.
    """

    MOVES: ClassVar[Moves] = {
        ("waiting", "send"): "sent",
        ("waiting", "give_up"): "failed",
        ("failed", "try_again"): "waiting",
        ("waiting", "withdraw"): "withdrawn",
    }

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    nodes = ArrayField(models.BigIntegerField(), default=list, blank=True)
    address = models.EmailField()
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True, default="")
    state = models.CharField(max_length=10, default="waiting")
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_mail_is_in_a_known_state",
                condition=models.Q(state__in=["waiting", "sent", "failed", "withdrawn"]),
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="waiting"), name="mail_to_send"),
        ]

    def __str__(self) -> str:
        return f"mail {self.uid}"


class LedgerReading(models.Model):
    """How far a reader of the sealed ledger has come in a stream: up to which place it has done what follows."""

    reader = models.CharField(max_length=40)
    stream = models.CharField(max_length=80)
    seq = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reader", "stream"], name="a_reader_is_at_one_place_in_a_stream")
        ]

    def __str__(self) -> str:
        return f"{self.reader} in {self.stream}: {self.seq}"
