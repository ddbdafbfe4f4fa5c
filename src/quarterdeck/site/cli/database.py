"""What commands share: a database that is there and up to date with this release."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, connections

from quarterdeck.core.errors import Refused
from quarterdeck.core.services.roles import standard_roles_are_current
from quarterdeck.site import config as configuration
from quarterdeck.site import embedded, health
from quarterdeck.site.cli.lazy import set_up_django
from quarterdeck.site.config import Config


@contextmanager
def database(*, migrates: bool = False) -> Iterator[Config]:
    """
    The database runs inside and has every table; what was started here is stopped afterwards.

    The embedded database is brought up to date where it lags behind; an operator's own only if `migrates`.
    """
    config = configuration.load()
    with embedded.server(config):
        set_up_django()
        try:
            catch_up(migrates=migrates or config.embedded)
            yield config
        finally:
            connections.close_all()


def catch_up(*, migrates: bool) -> None:
    """The owner migrates, in a process of its own; this one keeps the application's rights."""
    if not lags_behind():
        return
    if not migrates:
        raise Refused(
            "database_behind", "The database is not up to date with this release. Run `quarterdeck migrate` first."
        )
    connections.close_all()
    done = subprocess.run([sys.executable, "-m", "quarterdeck", "migrate"], stdout=sys.stderr, check=False)
    if done.returncode or lags_behind():
        raise Refused("not_migrated", "The database could not be brought up to date; the lines above say why.")


def lags_behind() -> bool:
    """Also while the owner has not yet let the application read the list of migrations."""
    try:
        return bool(health.pending_migrations()) or not standard_roles_are_current()
    except Error:
        connections.close_all()
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
