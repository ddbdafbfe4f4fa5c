"""A mail server on loopback that takes everything and writes down what came, in a process of its own."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from quarterdeck.core.tests.messages.processes import child


@dataclass
class PostOffice:
    """Where it listens, and the folder in which each mail is a file in the order of coming."""

    port: int
    folder: Path

    def mails(self) -> list[EmailMessage]:
        """What came, in order."""
        raw = (path.read_bytes() for path in sorted(self.folder.glob("*.eml")))
        return [message_from_bytes(each, policy=policy.default) for each in raw]  # type: ignore[misc]


@contextlib.contextmanager
def post_office(folder: Path, *, refuse: str = "") -> Iterator[PostOffice]:
    """refuse: the answer to every recipient, such as `550 no such user`, instead of taking the mail."""
    folder.mkdir(exist_ok=True)
    told = folder / "port"
    pid = child(lambda: asyncio.run(_serve(folder, told, refuse)), database=False)
    try:
        deadline = time.monotonic() + 10
        while not told.exists():
            assert time.monotonic() < deadline, "the mail server did not start"
            time.sleep(0.01)
        yield PostOffice(int(told.read_text()), folder)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


async def _serve(folder: Path, told: Path, refuse: str) -> None:
    count = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        writer.write(b"220 post office\r\n")
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while line := await reader.readline():
                word = line.split()[0].upper() if line.split() else b""
                if word == b"DATA":
                    writer.write(b"354 go on\r\n")
                    body = await reader.readuntil(b"\r\n.\r\n")
                    count += 1
                    # Written before it is acknowledged: what the sender believes sent is here.
                    new = folder / f"{count:06d}.new"
                    new.write_bytes(body[:-3].replace(b"\r\n..", b"\r\n."))
                    new.rename(new.with_suffix(".eml"))
                    writer.write(b"250 taken\r\n")
                elif word == b"RCPT" and refuse:
                    writer.write(refuse.encode() + b"\r\n")
                elif word == b"QUIT":
                    writer.write(b"221 bye\r\n")
                    break
                else:
                    writer.write(b"250 ok\r\n")
                await writer.drain()
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, limit=2**24)
    new = told.with_suffix(".new")
    new.write_text(str(server.sockets[0].getsockname()[1]))
    new.rename(told)
    async with server:
        await server.serve_forever()
