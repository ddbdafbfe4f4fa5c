"""`quarterdeck manage`."""

import os

import click
from django.core.management import execute_from_command_line
from django.db import connections

from quarterdeck.site import config as configuration
from quarterdeck.site import embedded
from quarterdeck.site.cli.lazy import set_up_django

OWNERS = frozenset({"migrate", "prepare_database"})  # change the schema, so they connect as the owner


@click.command("manage", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def command(words: tuple[str, ...]) -> None:
    """Run one of Django's management commands, such as `quarterdeck manage shell`."""
    if OWNERS.intersection(words[:1]):
        os.environ["QUARTERDECK_AS_OWNER"] = "1"
    with embedded.server(configuration.load()):
        set_up_django()
        try:
            execute_from_command_line(["quarterdeck manage", *words])
        finally:
            connections.close_all()
