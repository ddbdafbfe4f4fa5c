"""What an account signs in with beside its password."""

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet


def factors_of(account_id: int) -> "QuerySet[Authenticator]":
    """Second factors of one's own account, oldest first."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user_id=account_id)
    return found.select_related("user").order_by("created_at", "pk")
