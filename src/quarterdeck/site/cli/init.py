"""`quarterdeck init`."""

import json

import click
from django.utils import timezone

from quarterdeck.core.models import Organisation
from quarterdeck.core.services import accounts
from quarterdeck.site.cli.database import database
from quarterdeck.site.cli.options import as_json


@click.command("init")
@click.option("--organisation", metavar="NAME", default="My organisation", help="What the organisation is called.")
@click.option("--admin-name", metavar="NAME", default="Administrator", help="The first administrator.")
@click.option("--admin-email", metavar="EMAIL", default="admin@localhost", help="What the administrator signs in with.")
@as_json
def command(organisation: str, admin_name: str, admin_email: str, as_json: bool) -> None:
    """
    Make an empty organisation with an administrator, without questions.

    Done again it changes nothing, and prints another link with which the administrator signs in once.
    """
    with database(migrates=True) as config:
        now = timezone.now()
        known = Organisation.objects.exists()
        founded, account = accounts.found_organisation(
            name=organisation, admin_name=admin_name, admin_email=admin_email, now=now
        )
        facts = {
            "created": not known,
            "organisation": founded.name,
            "administrator": account.email,
            "sign_in_link": config.base_url + accounts.sign_in_link(account, now=now),
        }
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    click.echo(f"{founded.name} is {'there already' if known else 'ready'}; its administrator is {account.email}.")
    click.echo(f"Sign in once, within half an hour: {facts['sign_in_link']}")
