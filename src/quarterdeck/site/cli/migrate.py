"""`quarterdeck migrate`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import click
from django.core.management import call_command
from django.db import connection

from quarterdeck.core.errors import Refused
from quarterdeck.site import config as configuration
from quarterdeck.site import embedded, health

ONE_AT_A_TIME = 0x51_44  # the number of the advisory lock
PATIENCE = 600  # seconds another process may migrate before this one gives up


@click.command("migrate")
def command() -> None:
    """Bring the database up to this release, as its owner. Several at once wait for each other."""
    with embedded.server(configuration.load()) as urls:
        try:
            with alone():
                if health.pending_migrations():
                    # A column that a view of the past reads cannot change its type; `prepare_database` makes them anew.
                    with connection.cursor() as cursor:
                        cursor.execute("DROP SCHEMA IF EXISTS asof CASCADE")
                call_command("migrate", interactive=False, verbosity=0)
                call_command("prepare_database", role=urlsplit(urls.app).username)
        finally:
            connection.close()
    click.echo("The database is up to date.")


@contextmanager
def alone() -> Iterator[None]:
    deadline = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONE_AT_A_TIME])
            if cursor.fetchone() == (True,):
                break
            if time.monotonic() > deadline:
                raise Refused("migrating", "Another process has been migrating this database for ten minutes.")
            time.sleep(0.2)
    yield  # the lock ends with the connection
