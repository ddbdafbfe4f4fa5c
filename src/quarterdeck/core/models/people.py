"""Persons, the accounts they sign in with, and one-time links."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from quarterdeck.core.search import Words


class Person(models.Model):
    """
    Somebody who holds roles or is named in the work.

    The only table with names and addresses. It has no history: ledger and row versions hold its id.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True, default="")
    created_at = models.DateTimeField()
    left_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="an_address_belongs_to_one_person", condition=~models.Q(email="")
            ),
            models.CheckConstraint(name="a_person_has_a_name", condition=~models.Q(name="")),
        ]
        indexes = [
            models.Index(Lower("name"), name="person_by_name"),
            GinIndex(Words("name", "email"), name="person_by_words"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        """First letters of the first and the last word of the name."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts without regard to case; accounts are made by a service."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(email__iexact=username)


class Account(AbstractBaseUser):
    """A way to sign in. Several accounts may be one person."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="accounts")
    email = models.EmailField()
    is_active = models.BooleanField(default=True)
    theme = models.CharField(max_length=5, blank=True, default="")
    # Part of what every session is checked against: another number ends them all.
    session_epoch = models.PositiveIntegerField(default=0)
    single_keys = models.BooleanField(default=True)
    dense_rows = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[AccountManager] = AccountManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="an_address_signs_in_one_account")]

    def __str__(self) -> str:
        return self.email

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = self.email.strip().lower()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Another password ends every session, and so does another epoch."""
        own = f"{self.password}:{self.session_epoch}"
        return salted_hmac("quarterdeck.core.Account.session", own, secret=secret, algorithm="sha256").hexdigest()


class SignInLink(models.Model):
    """A link that signs in once. Only the digest of its token is kept."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sign_in_links")
    token_digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"link of account {self.account_id}"
