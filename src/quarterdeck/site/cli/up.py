"""`quarterdeck up`."""

import os
import webbrowser

import click

from quarterdeck.site import supervisor
from quarterdeck.site.cli import exits


@click.command("up")
@click.option("--port", type=click.IntRange(0, 65535), help="The port to listen on; 0 takes a free one.")
@click.option("--worker/--no-worker", "works", default=True, help="Whether a job worker runs too.")
@click.option("--open/--no-open", "opens", default=False, help="Open the browser, signed in.")
@click.pass_context
def command(ctx: click.Context, port: int | None, works: bool, opens: bool) -> None:
    """
    Start the database, the web and a job worker, and print the address.

    Ctrl-C stops everything.
    """
    if port is not None:
        os.environ["QUARTERDECK_PORT"] = str(port)
    try:
        supervisor.up(works=works, opens=webbrowser.open if opens else None)
    except supervisor.AlreadyRunningError as running:
        click.echo(str(running), err=True)
        ctx.exit(exits.ALREADY_RUNNING)
    except supervisor.BrokenError as broken:
        click.echo(str(broken), err=True)
        ctx.exit(exits.REFUSED)
