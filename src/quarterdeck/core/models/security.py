"""Tokens, invitations, sessions, limits, and the log of what was refused or mattered for safety."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower

from quarterdeck.core.models.nodes import Node
from quarterdeck.core.models.people import Account, Person
from quarterdeck.core.models.roles import Role
from quarterdeck.core.moves import Moves


class ApiToken(models.Model):
    """A key by which a programme acts as an account. Only the digest is kept; prefix is what people recognise."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_token_has_a_name", condition=~models.Q(name="")),
            models.CheckConstraint(
                name="a_token_expires_after_it_was_made", condition=models.Q(expires_at__gt=models.F("created_at"))
            ),
        ]
        indexes = [models.Index(fields=["account", "-created_at"], name="token_by_account")]

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"


class Invitation(models.Model):
    """An address is asked to sign in, with a role that counts from the acceptance. Only the digest is kept."""

    MOVES: ClassVar[Moves] = {
        ("open", "accept"): "accepted",
        ("open", "withdraw"): "withdrawn",
        ("open", "expire"): "expired",
    }

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField()
    name = models.CharField(max_length=200)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="invitations")
    role = models.ForeignKey(Role, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    node = models.ForeignKey(Node, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, default="open")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "role",
                "node",
                condition=models.Q(state="open"),
                nulls_distinct=False,
                name="an_address_is_asked_once_for_the_same",
            ),
            models.CheckConstraint(
                name="a_role_is_offered_at_a_place",
                condition=models.Q(role__isnull=True, node__isnull=True)
                | models.Q(role__isnull=False, node__isnull=False),
            ),
            models.CheckConstraint(
                name="an_invitation_is_in_a_known_state",
                condition=models.Q(state__in=["open", "accepted", "withdrawn", "expired"]),
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class SignedInSession(AbstractBaseSession):
    """
    A browser with a session. Once somebody signed in there, its owner may look at it and end it.

    expire_date comes from the database's row, so what has ended opens nothing with the next request.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.CASCADE, related_name="signed_in_sessions"
    )
    device = models.CharField(max_length=200, blank=True, default="")
    address = models.CharField(max_length=45, blank=True, default="")
    began_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        indexes = [models.Index(fields=["account", "-last_seen_at"], name="session_by_account")]

    def __str__(self) -> str:
        return f"session of account {self.account_id}"


class OutsideIdentity(models.Model):
    """An account as an identity provider knows it: its issuer and subject, never its address."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="outside_identities")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="an_outside_identity_signs_in_one_account"),
            models.UniqueConstraint(fields=["account", "issuer"], name="an_account_has_one_identity_with_an_issuer"),
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} at {self.issuer}"


class RateCounter(models.Model):
    """
    How often something was done since a moment, counted for all processes together.

    window is that moment, in seconds since 1970: the first time, or the last of a run.
    """

    key = models.CharField(max_length=120, unique=True)
    window = models.BigIntegerField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.key} {self.window}: {self.count}"


class SecurityEvent(models.Model):
    """
    One line of the security log: who, when, what, where, and how it ended. Only added to.

    Names and addresses of people are not in it; ids are.
    """

    at = models.DateTimeField()
    event = models.CharField(max_length=80)
    outcome = models.CharField(max_length=10)
    account_id = models.BigIntegerField(null=True, blank=True)
    person_id = models.BigIntegerField(null=True, blank=True)
    method = models.CharField(max_length=8, blank=True, default="")
    path = models.CharField(max_length=300, blank=True, default="")
    address = models.CharField(max_length=45, blank=True, default="")
    facts = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_security_event_ended_somehow", condition=models.Q(outcome__in=["done", "refused", "failed"])
            )
        ]
        indexes = [
            models.Index(fields=["-at"], name="security_by_time"),
            models.Index(fields=["account_id", "-at"], name="security_by_account"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.outcome}"
