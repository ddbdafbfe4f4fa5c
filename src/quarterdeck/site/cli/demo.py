"""`quarterdeck demo`."""

import json

import click
from django.utils import timezone

from quarterdeck.core.services import accounts
from quarterdeck.site.cli.acting import actor_of, as_email
from quarterdeck.site.cli.database import database
from quarterdeck.site.cli.options import as_json
from quarterdeck.site.demo import build


@click.command("demo")
@click.option(
    "--seed", type=int, default=build.SEED, show_default=True, help="Another number invents another organisation."
)
@as_email
@as_json
def command(seed: int, as_email: str, as_json: bool) -> None:
    """Fill the organisation with an invented portfolio to try things on."""
    with database(migrates=True):
        now = timezone.now()
        if not as_email:
            accounts.found_organisation(
                name="My organisation", admin_name="Administrator", admin_email="admin@localhost", now=now
            )
        built = build.build(actor_of(as_email), now=now, seed=seed, progress=tell)
    if as_json:
        click.echo(json.dumps(built.facts, ensure_ascii=False, default=str))
    else:
        click.echo(built.message)


def tell(done: int, total: int, message: str = "") -> None:
    click.echo(f"{done} of {total} {message}".rstrip(), err=True)
