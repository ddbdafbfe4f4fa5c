"""Where the web listens."""

import errno
import socket
import time

PATIENCE = 1.0  # seconds


class PortTakenError(Exception):
    """Another program listens where Quarterdeck should."""


def free_port(host: str, port: int) -> int:
    """The port, or a free one for 0. One that a process just killed still holds is waited for."""
    deadline = time.monotonic() + PATIENCE
    while True:
        if can_listen(host, port):
            return port or any_port(host)
        if time.monotonic() > deadline:
            break
        time.sleep(0.1)
    other = next((each for each in range(port + 1, min(port + 100, 65536)) if can_listen(host, each)), 0)
    raise PortTakenError(
        f"Another program listens on port {port}. Start with --port {other}, which is free, or --port 0 for any."
    )


def can_listen(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as wrong:
            if wrong.errno == errno.EADDRINUSE:
                return False
            raise PortTakenError(f"Quarterdeck cannot listen on {host}, port {port}: {wrong.strerror}.") from wrong
    return True


def any_port(host: str) -> int:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.bind((host, 0))
        port: int = trial.getsockname()[1]
        return port


def reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - nothing is bound here
