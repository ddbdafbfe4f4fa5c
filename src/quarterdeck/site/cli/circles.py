"""`quarterdeck circles`."""

import json

import click
from django.utils import timezone

from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Node
from quarterdeck.core.services import circles
from quarterdeck.site.cli.acting import account_of
from quarterdeck.site.cli.database import database
from quarterdeck.site.cli.options import as_json


@click.command("circles")
@click.argument("ref", default="")
@click.option("--give", metavar="EMAIL", default="", help="Let this person run the place REF from today on.")
@as_json
def command(ref: str, give: str, as_json: bool) -> None:
    """List confidential places that nobody runs any more, and give the one called REF a successor."""
    if bool(ref) != bool(give):
        raise click.UsageError("REF and --give belong together.")
    with database():
        now = timezone.now()
        left = circles.without_lead(on=now.date())
        if give:
            holding = circles.give_lead(account_of(give).person, _named(left, ref), now=now)
            said = {"ref": ref, "person": holding.person.name, "role": holding.role.name}
            click.echo(json.dumps(said) if as_json else "{person} runs {ref} now, as {role}.".format(**said))
            return
    if as_json:
        click.echo(json.dumps([{"kind": each.kind, "ref": each.ref, "name": each.name} for each in left]))
        return
    for each in left:
        click.echo(f"{each.kind:<10} {each.ref:<16} {each.name}")
    click.echo("Every confidential place is run by somebody." if not left else f"{len(left)} that nobody runs.")


def _named(left: list[Node], ref: str) -> Node:
    found = [each for each in left if each.ref.casefold() == ref.casefold()]
    if len(found) != 1:
        raise Refused("not_without_lead", f"There is nothing called {ref} that is confidential and that nobody runs.")
    return found[0]
