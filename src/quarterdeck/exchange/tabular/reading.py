"""Reading a file nobody trusts: in a child process that may die of it."""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quarterdeck.exchange.tabular.errors import (
    FileMissing,
    FileTooLarge,
    ReadError,
    ReaderStopped,
    TookTooLong,
    TooMuchMemory,
    from_code,
)
from quarterdeck.exchange.tabular.wire import SHORT, limits_as_json
from quarterdeck.exchange.tabular.workbook import (
    EMPTY,
    MEGABYTE,
    USUAL,
    Cell,
    Limits,
    Row,
    Sheet,
    Workbook,
)

KINDS = {letter: kind for kind, letter in SHORT.items()}
PACKAGE_ROOT = Path(__file__).resolve().parents[3]
COMPLAINT_BYTES = 8192


def read(path: Path | str, *, limits: Limits = USUAL) -> Workbook:
    """
    What a CSV or XLSX file holds.

    Raises
    ------
    ReadError : one of its subclasses, with a sentence for the person who uploaded the file. Nothing else.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
    except (OSError, ValueError):
        raise FileMissing() from None
    if not path.is_file():
        raise FileMissing()
    if size > limits.file_bytes:
        raise FileTooLarge(size=-(-size // MEGABYTE), limit=limits.file_bytes // MEGABYTE)
    ending = _run(path.resolve(), limits)
    return _workbook(ending, limits)


@dataclass(frozen=True, slots=True)
class _Ending:
    """How the child ended and what it left."""

    status: int
    in_time: bool
    within_size: bool
    output: bytes
    complaint: bytes


def _run(path: Path, limits: Limits) -> _Ending:
    command = [
        sys.executable,
        "-P",
        "-m",
        "quarterdeck.exchange.tabular.child",
        str(path),
        limits_as_json(limits),
    ]
    environment = {
        "PYTHONPATH": str(PACKAGE_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "PATH": os.defpath,
        "LC_ALL": "C.UTF-8",
    }
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd="/",
            start_new_session=True,
            close_fds=True,
        )
    except OSError:
        raise ReaderStopped() from None
    with process:
        try:
            return _collect(process, limits)
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left. The child leads its own session, so its number is that of the group."""
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _collect(process: subprocess.Popen[bytes], limits: Limits) -> _Ending:
    """Drain both pipes until the child ends, talks too much or runs out of time."""
    assert process.stdout is not None
    assert process.stderr is not None
    output, complaint = bytearray(), bytearray()
    deadline = time.monotonic() + limits.wall_seconds
    in_time = within_size = True
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, output)
        selector.register(process.stderr, selectors.EVENT_READ, complaint)
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                in_time = False
                break
            for key, _ in selector.select(left):
                chunk = os.read(key.fd, 1 << 16)
                if not chunk:
                    selector.unregister(key.fileobj)
                elif key.data is output:
                    output += chunk
                elif len(complaint) < COMPLAINT_BYTES:
                    complaint += chunk[:COMPLAINT_BYTES]
            if len(output) > limits.output_bytes:
                within_size = False
                break
    if in_time and within_size:
        try:
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            in_time = False
    _end(process)
    return _Ending(process.returncode, in_time, within_size, bytes(output), bytes(complaint))


def _workbook(ending: _Ending, limits: Limits) -> Workbook:
    if not ending.within_size:
        raise TooMuchMemory()
    if not ending.in_time or ending.status in (-signal.SIGXCPU, -signal.SIGKILL):
        raise TookTooLong(limit=limits.cpu_seconds)
    if b"memory allocation" in ending.complaint or b"MemoryError" in ending.complaint:
        raise TooMuchMemory()
    try:
        return _parsed(ending.output.decode("ascii"))
    except ReadError:
        raise
    except MemoryError:
        raise TooMuchMemory() from None
    except (
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
        RecursionError,
    ):
        # Half a line, no end, or no answer at all: the child died, whatever it died of.
        raise ReaderStopped() from None


def _parsed(output: str) -> Workbook:
    first, *rest = output.splitlines()
    head = json.loads(first)
    if "error" in head:
        raise from_code(head["error"], head["details"])
    sheets: list[tuple[str, bool, list[Row]]] = []
    count, end = 0, None
    for text in rest:
        item: Any = json.loads(text)
        if isinstance(item, list):
            count += 1
            sheets[-1][2].append(Row(item[0], tuple(_cell(cell) for cell in item[1])))
        elif "sheet" in item:
            sheets.append((item["sheet"], item["hidden"], []))
        elif "error" in item:
            raise from_code(item["error"], item["details"])
        else:
            end = item["end"]
    if end != count:
        raise ReaderStopped()
    kept = tuple(Sheet(name, tuple(rows), hidden) for name, hidden, rows in sheets)
    return Workbook(head["form"], kept, head["encoding"], head["delimiter"])


def _cell(item: str | list[str]) -> Cell:
    if isinstance(item, str):
        return Cell(item) if item else EMPTY
    return Cell(item[1], KINDS[item[0]])
