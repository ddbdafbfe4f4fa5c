"""`quarterdeck ledger`."""

import json
from typing import TextIO

import click
from django.utils import timezone

from quarterdeck.core import access, rights
from quarterdeck.core import ledger as record
from quarterdeck.site.cli import exits
from quarterdeck.site.cli.acting import actor_of, as_email
from quarterdeck.site.cli.database import database
from quarterdeck.site.cli.options import as_json


@click.group("ledger")
def command() -> None:
    """Verify and export the record of what people did."""


@command.command()
@as_email
@as_json
@click.pass_context
def verify(ctx: click.Context, as_email: str, as_json: bool) -> None:
    """Recompute every chain and compare it with its end."""
    with database():
        access.require(actor_of(as_email), rights.SEE_LEDGER, on=None)
        found = record.verify()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        click.echo(f"{found['entries']} entries in {found['streams']} streams.")
        for problem in found["problems"]:
            click.echo(problem)
        click.echo("The ledger does not hold." if found["problems"] else "The ledger holds.")
    ctx.exit(exits.REFUSED if found["problems"] else exits.DONE)


@command.command()
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=False))
@click.option("--stream", metavar="NAME", help="One stream only.")
@as_email
def export(file: TextIO, stream: str | None, as_email: str) -> None:
    """Write the ledger to FILE as JSON lines, for tools/verify_ledger.py; - is standard output."""
    with database():
        access.require(actor_of(as_email), rights.SEE_LEDGER, on=None)
        file.writelines(line + "\n" for line in record.export(stream))


@command.command()
@as_email
def anchor(as_email: str) -> None:
    """Print where every chain ends, as JSON. Kept elsewhere, it proves later that nothing was cut off."""
    with database():
        access.require(actor_of(as_email), rights.SEE_LEDGER, on=None)
        click.echo(json.dumps(record.anchor(timezone.now()), ensure_ascii=False, indent=2))
