"""
The PostgreSQL that comes with the package: made, started, shared and stopped.

>>> with embedded.server(config.load()) as urls:     # starts it, or joins the one that runs
...     psycopg.connect(urls.app)                     # urls.owner migrates; urls.app owns nothing

`embedded.urls(config)` tells the addresses without starting anything, for settings. Tests use
`embedded.test_server()`. `psycopg.conninfo.conninfo_to_dict(url)` takes an address apart.

Nothing here trusts a process id that it reads from a file. The server holds a lock on `postgres.running` for as long
as any of its processes lives, because it inherits the locked file; each holder locks its own file in `holders/`. The
kernel drops both however a process ends, so a kill -9 leaves nothing locked.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from quarterdeck.site.config import Config, hand_over
from quarterdeck.site.embedded.cluster import NEAR_ROOT, Cluster, Urls
from quarterdeck.site.embedded.errors import EmbeddedError
from quarterdeck.site.embedded.locks import alone, lock
from quarterdeck.site.embedded.programs import binary

__all__ = ["EmbeddedError", "Urls", "binary", "keep_running", "server", "test_server", "urls"]

MEMORY_NEEDED = 2 * 1024**3  # bytes
GATE = "postgres.lock"  # held while one process starts or stops the server


def urls(config: Config) -> Urls:
    """The addresses of the database, whether or not it runs: the operator's own, or the one in the data folder."""
    if config.database_url:
        return Urls(config.database_url, config.owner_database_url or config.database_url)
    return Cluster(config.data_folder).urls()


@contextmanager
def server(config: Config) -> Iterator[Urls]:
    """The server runs inside; it stops when the last process that holds it leaves. An operator's own is left alone."""
    if config.database_url:
        yield urls(config)
        return
    cluster = Cluster(config.data_folder)
    holders = config.data_folder / "holders"
    with alone(config.data_folder / GATE):
        if not holders.exists():
            holders.mkdir(mode=0o700)
            hand_over(holders)
        mine = holders / f"{os.getpid()}.{secrets.token_hex(4)}"
        held = lock(mine)
        try:
            cluster.ensure_running()
        except BaseException:
            leave(mine, held)
            raise
    try:
        yield cluster.urls()
    finally:
        with alone(config.data_folder / GATE):
            leave(mine, held)
            if not anybody_in(holders):
                cluster.stop()


def keep_running(config: Config) -> None:
    """For a holder that stays: starts the server again if somebody killed it."""
    cluster = Cluster(config.data_folder)
    if config.embedded and not cluster.is_running():
        with alone(config.data_folder / GATE):
            cluster.ensure_running()


@contextmanager
def test_server() -> Iterator[Urls]:
    """A fresh, hurried server in a folder of its own, gone afterwards; on Linux also when this process is killed."""
    folder = Path(tempfile.mkdtemp(prefix="quarterdeck-test-", dir=scratch()))
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    cluster = Cluster(folder, durable=False)
    try:
        cluster.ensure_running()
        yield cluster.urls()
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def scratch() -> Path:
    """Where short-lived clusters lie: in memory if there is plenty, so that tests do not wait for a disk."""
    memory = Path("/dev/shm")  # noqa: S108 - only a folder of its own in it is used
    try:
        roomy = shutil.disk_usage(memory).free > MEMORY_NEEDED
    except OSError:
        roomy = False
    return memory if roomy and os.access(memory, os.W_OK) else NEAR_ROOT


def leave(mine: Path, held: int | None) -> None:
    mine.unlink(missing_ok=True)
    if held is not None:
        os.close(held)


def anybody_in(holders: Path) -> bool:
    """Files whose lock is free were left by killed processes."""
    alive = False
    for each in holders.iterdir():
        free = lock(each)
        if free is None:
            alive = True
        else:
            each.unlink(missing_ok=True)
            os.close(free)
    return alive
