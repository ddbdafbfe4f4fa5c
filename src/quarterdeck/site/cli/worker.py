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
from psycopg_pool import PoolTimeout

from quarterdeck.site.cli.database import database
from quarterdeck.site.following import follow_parent

GRACE = 3.0  # seconds for jobs under way when the process is asked to stop; they run again later
PAUSE = 1.0  # seconds between attempts while the database is away
log = logging.getLogger("quarterdeck.worker")


@click.command("worker")
@click.option("--once", is_flag=True, help="End when no job waits.")
def command(once: bool) -> None:
    """Do queued jobs until asked to stop. Any number of these may run, on any number of machines."""
    os.environ.setdefault("QUARTERDECK_PROCESS", "worker")
    follow_parent()
    with database():
        while not work(once=once):
            connections.close_all()
            time.sleep(PAUSE)


def work(*, once: bool) -> bool:
    """Whether the work is over; it is not when the database went away."""
    ask_to_end = signal.getsignal(signal.SIGTERM)
    try:
        with app.replace_connector(cast(DjangoConnector, app.connector).get_worker_connector()) as working:
            return asyncio.run(run(working, once=once))
    except (ConnectorException, OperationalError, PoolTimeout) as away:
        log.warning("The database is away: %s", away)
        return False
    finally:
        signal.signal(signal.SIGTERM, ask_to_end)  # the event loop took it and does not give it back


async def run(working: App, *, once: bool) -> bool:
    """The worker also returns by itself, without an error, when it loses its connection."""
    async with working.open_async():
        worker = asyncio.create_task(
            working.run_worker_async(
                wait=not once,
                name=f"worker-{os.getpid()}",
                shutdown_graceful_timeout=GRACE,
                delete_jobs="successful",
                install_signal_handlers=False,
            )
        )
        for request in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(request, worker.cancel)
        try:
            await worker
        except asyncio.CancelledError:
            return True
    return once
