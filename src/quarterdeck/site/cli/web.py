"""`quarterdeck web`."""

import os

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from quarterdeck.site import boot, embedded, logs
from quarterdeck.site import config as configuration
from quarterdeck.site.following import follow_parent
from quarterdeck.site.ports import free_port

GRACE = 4  # seconds for requests under way when the process is asked to stop


@click.command("web")
def command() -> None:
    """Serve pages. Listens on QUARTERDECK_HOST and QUARTERDECK_PORT; any number of these may run."""
    os.environ.setdefault("QUARTERDECK_PROCESS", "web")
    config = configuration.load()
    follow_parent()
    boot.refuse_unfit_settings(config)
    port = free_port(config.host, config.port)
    with embedded.server(config) as urls:
        boot.refuse_unfit_database(urls.app, demo=config.demo_flag, pooled=config.database_pool == "external")
        os.environ["QUARTERDECK_PARENT"] = str(os.getpid())
        Server(
            "quarterdeck.site.wsgi:application",
            address=config.host,
            port=port,
            interface=Interfaces.WSGI,
            workers=config.web_processes,
            blocking_threads=config.web_threads,
            respawn_failed_workers=True,
            workers_kill_timeout=GRACE,
            log_level=LogLevels.warning,
            log_dictconfig=logs.configuration(config),
            websockets=False,
        ).serve()
