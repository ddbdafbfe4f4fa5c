"""
The process that opens an untrusted file: little memory, little time, no files to write, no network.

`python -m quarterdeck.exchange.tabular.child PATH LIMITS` writes JSON lines: the workbook, then each sheet followed by
its rows as [line, cells], then an end; or one error. `reading.read` is its only caller.
"""

import ctypes
import json
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from quarterdeck.exchange.tabular.csv_file import read_csv
from quarterdeck.exchange.tabular.errors import (
    Damaged,
    EmptyFile,
    NoRows,
    NotASpreadsheet,
    OldExcel,
    PasswordProtected,
    ReadError,
    TooMuchMemory,
    Unreadable,
)
from quarterdeck.exchange.tabular.wire import SHORT
from quarterdeck.exchange.tabular.workbook import USUAL, Cell, Limits, Workbook
from quarterdeck.exchange.tabular.xlsx_file import read_xlsx

OPEN_FILES = 32
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BEGINNINGS = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a packed file"),
    (b"Rar!", "a packed file"),
    (b"7z\xbc\xaf", "a packed file"),
    (b"BZh", "a packed file"),
    (b"SQLite format 3", "a database"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.system",
    "os.remove",
    "os.rename",
    "shutil.",
)


def read_bytes(data: bytes, limits: Limits = USUAL) -> Workbook:
    """
    Read CSV or XLSX, told apart by content, never by name.

    Raises
    ------
    ReadError : whatever the bytes are, nothing else escapes.
    """
    try:
        book = _read(data, limits)
    except ReadError:
        raise
    except MemoryError:
        raise TooMuchMemory() from None
    except Exception:
        raise Unreadable() from None
    except BaseException as error:
        # A panic inside the spreadsheet library arrives as a BaseException of its own.
        if type(error).__name__ == "PanicException":
            raise Damaged() from None
        raise
    if not any(True for _ in book.rows()):
        raise NoRows()
    return book


def _read(data: bytes, limits: Limits) -> Workbook:
    if not data:
        raise EmptyFile()
    if data.startswith(b"PK\x03\x04"):
        return read_xlsx(data, limits)
    if data.startswith((b"PK\x05\x06", b"PK\x07\x08")):
        raise Damaged()
    if data.startswith(COMPOUND):
        raise _compound(data)
    for beginning, what in BEGINNINGS:
        if data.startswith(beginning):
            raise NotASpreadsheet(what=what)
    return read_csv(data, limits)


def _compound(data: bytes) -> ReadError:
    """Old Office files and files with a password share one container; names of streams inside tell which it is."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return PasswordProtected()
    if "Workbook".encode("utf-16-le") in data or "Book".encode("utf-16-le") in data:
        return OldExcel()
    return NotASpreadsheet(what="a document of an older Office program")


def lines(book: Workbook) -> Iterator[str]:
    """The workbook as JSON lines; text cells are plain strings, others [letter of the kind, text]."""
    yield _json({"form": book.form, "encoding": book.encoding, "delimiter": book.delimiter})
    count = 0
    for sheet in book.sheets:
        yield _json({"sheet": sheet.name, "hidden": sheet.hidden})
        for row in sheet.rows:
            count += 1
            yield _json([row.line, [_short(cell) for cell in row.cells]])
    yield _json({"end": count})


def _short(cell: Cell) -> str | list[str]:
    return [SHORT[cell.kind], cell.text] if cell.kind in SHORT else cell.text


def _json(value: object) -> str:
    # ASCII, because a text may hold half of a surrogate pair, which no pipe can carry as UTF-8.
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def confine(limits: Limits) -> None:
    """From here on this process can compute and write to its pipe, and little else."""
    wanted = (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for kind, value in wanted:
        _, most = resource.getrlimit(kind)
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        # macOS knows some of these limits and refuses to set them; Linux sets them all.
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))
    _end_with_parent()
    sys.addaudithook(_refuse)


def _end_with_parent() -> None:
    """On Linux: no new privileges, and an end when the caller is killed. Elsewhere the limits alone must do."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGKILL
        libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if event.startswith(FORBIDDEN):
        raise PermissionError(event)


def main(path: str, limits: Limits) -> int:
    data = Path(path).read_bytes()
    confine(limits)
    try:
        for line in lines(read_bytes(data, limits)):
            sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except ReadError as error:
        sys.stdout.write(_json({"error": error.code, "details": error.details}) + "\n")
        sys.stdout.flush()
    except MemoryError:
        os.write(1, b'{"error":"too_much_memory","details":{}}\n')
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Limits(**json.loads(sys.argv[2]))))
