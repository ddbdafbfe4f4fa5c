"""`quarterdeck reset-second-factor`."""

import click
from django.db import transaction
from django.utils import timezone

from quarterdeck.core.services import second_factor
from quarterdeck.site.cli.acting import account_of
from quarterdeck.site.cli.database import database


@click.command("reset-second-factor")
@click.argument("email")
def command(email: str) -> None:
    """Take every second factor from EMAIL, who lost it and whom no administrator can help; ends their sessions."""
    with database(), transaction.atomic():
        account = account_of(email)
        second_factor.take_away(None, account, now=timezone.now())
    click.echo(f"{account.email} signs in without a second factor until they set one up again.")
