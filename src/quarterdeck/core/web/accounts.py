"""How django-allauth behaves here."""

from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from quarterdeck.core.models import Account
from quarterdeck.core.services import accounts


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody makes an account for themselves: an administrator does."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Links in mails lead to the configured address, whatever host the request named."""
        path = urlsplit(super().get_reset_password_from_key_url(key)).path
        return f"{settings.BASE_URL}{path}"

    @transaction.atomic
    def set_password(self, user: Account, password: str) -> None:
        """A password that is changed on the pages of django-allauth is in the ledger like any other."""
        super().set_password(user, password)
        accounts.note_password(user, now=timezone.now())
