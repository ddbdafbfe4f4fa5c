"""Who a command acts as."""

import click
from django.utils import timezone

from quarterdeck.core import access
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Account
from quarterdeck.core.services import accounts

as_email = click.option("--as", "as_email", metavar="EMAIL", default="", help="Act as this person.")


def account_of(email: str) -> Account:
    """The first administrator, unless somebody is named."""
    if not email:
        return accounts.first_administrator()
    account = Account.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if account is None:
        raise Refused("no_account", f"Nobody signs in as {email}.")
    return account


def actor_of(email: str) -> Actor:
    """Who has the machine's command line has proved enough."""
    now = timezone.now()
    return access.actor_of_account(account_of(email), now=now, confirmed_at=now)
