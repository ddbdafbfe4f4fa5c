"""One command starts everything; however it ends, nothing is left and nothing is locked."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from quarterdeck.site.cli import exits
from quarterdeck.site.embedded.cluster import Cluster
from quarterdeck.site.tests.running import Up, children_of, eventually, lives, quarterdeck

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads /proc")


@pytest.fixture
def folder(founded: Path) -> Iterator[Path]:
    """A copy: one `up` at a time runs from a folder."""
    copy = founded.with_name(f"{founded.name}-{os.getpid()}-{time.monotonic_ns()}")
    subprocess.run(["cp", "-a", str(founded), str(copy)], check=True)
    yield copy
    Cluster(copy).stop()
    shutil.rmtree(copy)


def status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            code: int = answer.status
            return code
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def test_it_serves_restarts_what_dies_and_stops_in_order(folder: Path) -> None:
    up = Up(folder)
    address = up.told("Quarterdeck runs at")
    before = up.children()

    assert set(before) == {"web", "worker"}
    assert status(f"{address}/health/live") == 200
    assert re.fullmatch(re.escape(address) + r"/\S{32,}", up.told("Sign in once, within half an hour:"))

    second = quarterdeck(folder, "up")
    assert second.returncode == exits.ALREADY_RUNNING
    assert second.stderr == f"Quarterdeck is already running from {folder} at {address}.\n"

    server = Cluster(folder).pid()
    assert server is not None
    for victim in (server, before["worker"], before["web"]):
        os.kill(victim, signal.SIGKILL)
    assert eventually(lambda: len(set(up.children().values()) - set(before.values())) == 2)
    assert eventually(lambda: status(f"{address}/health/ready") == 200)
    assert Cluster(folder).pid() != server

    families = [*up.children().values(), *(each for child in up.children().values() for each in children_of(child))]
    asked = time.monotonic()
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(10) == exits.DONE
    assert time.monotonic() - asked < 10
    assert not any(lives(each) for each in families)
    assert not Cluster(folder).is_running()
    assert not (folder / "up.json").exists()


def family(up: Up) -> list[int]:
    """Its children and theirs."""
    children = up.children().values()
    return [*children, *(each for child in children for each in children_of(child))]


def test_nothing_is_left_when_it_is_killed(folder: Path) -> None:
    up = Up(folder)
    # The address is told when pages are served; the worker may be about to start.
    assert eventually(lambda: len(family(up)) >= 3)
    families = family(up)

    up.process.kill()
    up.process.wait()

    assert eventually(lambda: not any(lives(each) for each in families))
    assert eventually(lambda: not Cluster(folder).is_running())
    assert quarterdeck(folder, "check").returncode == exits.DONE


def test_a_port_that_is_taken_is_said_and_a_free_one_offered(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        done = quarterdeck(tmp_path, "up", "--port", str(port))

    assert done.returncode == exits.PORT_TAKEN
    offered = re.fullmatch(
        rf"Another program listens on port {port}\. Start with --port (\d+), which is free, or --port 0 for any\.\n",
        done.stderr,
    )
    assert offered is not None
    assert int(offered[1]) != port
    assert not (tmp_path / "postgres").exists()
