"""`quarterdeck invitation-link`."""

import json

import click
from django.utils import timezone

from quarterdeck.core.errors import Refused
from quarterdeck.core.queries import sign_in as questions
from quarterdeck.core.services import invitations
from quarterdeck.site.cli.database import database
from quarterdeck.site.cli.options import as_json


@click.command("invitation-link")
@click.argument("email")
@as_json
def command(email: str, as_json: bool) -> None:
    """Print another link for the newest open invitation of EMAIL, to hand over where no mail goes out."""
    with database() as config:
        now = timezone.now()
        found = questions.open_invitations(now).filter(email__iexact=email.strip()).order_by("-created_at").first()
        if found is None:
            raise Refused("no_invitation", f"No invitation is open for {email}.")
        link = config.base_url + invitations.link_of(found, now=now)
    click.echo(json.dumps({"email": found.email, "invitation_link": link}) if as_json else link)
