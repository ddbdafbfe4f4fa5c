"""`quarterdeck worker`."""

import asyncio
import logging
import os
import signal
import time
from typing import cast

import click
from django.db import connections
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException
from psycopg import OperationalError

from quarterdeck.site.cli.database import database
from quarterdeck.site.following import follow_parent

GRACE = 4.0  # seconds for jobs under way when the process is asked to stop; they run again later
PAUSE = 1.0  # seconds between attempts while the database is away
log = logging.getLogger("quarterdeck.worker")


@click.command("worker")
@click.option("--once", is_flag=True, help="End when no job waits.")
def command(once: bool) -> None:
    """Do queued jobs until asked to stop. Any number of these may run, on any number of machines."""
    os.environ.setdefault("QUARTERDECK_PROCESS", "worker")
    follow_parent()
    with database():
        stopping = Stopping()
        while not stopping.asked:
            try:
                work(once=once)
                break
            except (ConnectorException, OperationalError) as away:
                log.warning("The database is away: %s", away)
                connections.close_all()
                time.sleep(PAUSE)


class Stopping:
    """Whether somebody asked to stop, also between two attempts."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.ask)

    def ask(self, number: int, frame: object) -> None:
        self.asked = True


def work(*, once: bool) -> None:
    with app.replace_connector(cast(DjangoConnector, app.connector).get_worker_connector()) as working:
        asyncio.run(run(working, once=once))


async def run(working: App, *, once: bool) -> None:
    async with working.open_async():
        await working.run_worker_async(
            wait=not once, name=f"worker-{os.getpid()}", shutdown_graceful_timeout=GRACE, delete_jobs="successful"
        )
