"""How django-allauth behaves here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody makes an account for themselves: an administrator does."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
