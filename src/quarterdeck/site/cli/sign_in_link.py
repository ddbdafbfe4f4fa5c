"""`quarterdeck sign-in-link`."""

import json

import click
from django.utils import timezone

from quarterdeck.core.services import accounts
from quarterdeck.site.cli.acting import account_of
from quarterdeck.site.cli.database import database
from quarterdeck.site.cli.options import as_json


@click.command("sign-in-link")
@click.argument("email", default="")
@as_json
def command(email: str, as_json: bool) -> None:
    """Print a link that signs EMAIL in once, within half an hour; without EMAIL, the first administrator."""
    with database() as config:
        account = account_of(email)
        link = config.base_url + accounts.sign_in_link(account, now=timezone.now())
    click.echo(json.dumps({"account": account.email, "sign_in_link": link}) if as_json else link)
