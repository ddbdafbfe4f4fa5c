"""
The file a backup is: a stream of bytes and, as its last line, the SHA-256 of everything before.

Without a passphrase the stream is a plain tar archive; `tar` reads the file and does not mind the line. With one,
two lines come first, a word and a JSON object that says how the key is made, and then the stream in chunks of one
mebibyte, each encrypted with AES-256-GCM. The key is scrypt of the passphrase with a salt of the file's own. The
nonce is the chunk's number in eleven bytes, then 1 for the last chunk and 0 for the others, so that chunks cannot be
left out, moved or cut off. The two lines are authenticated with each chunk.
"""

import hashlib
import io
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from quarterdeck.core.errors import Refused

FIRST_MEMBER = b"quarterdeck-backup.json"  # a tar archive begins with the name of its first file
ENCRYPTED = b"QUARTERDECK BACKUP ENCRYPTED 1\n"
SEAL = re.compile(rb"quarterdeck-sha256 ([0-9a-f]{64})\n")
SEAL_LENGTH = 84
CHUNK, TAG = (1024 * 1024, 16)
BLOCK = 1024 * 1024
COST = {"n": 2**16, "r": 8, "p": 1}  # of scrypt: a quarter of a second and 64 MiB a guess
HIGHEST_COST = {"n": 2**20, "r": 32, "p": 16}
LONGEST_HEAD = 10_000
SHORTEST_PASSPHRASE = 12


class Sink(Protocol):
    """What a backup is written to: a file, or standard output."""

    def write(self, data: bytes, /) -> Any: ...


class Writer(io.RawIOBase):
    """Give it the stream, then `seal` it. `about` is what may be read without the passphrase."""

    def __init__(self, to: Sink, *, passphrase: str = "", about: dict[str, Any]) -> None:
        self.to = to
        self.size = 0
        self.digest = hashlib.sha256()
        self.cipher: _Cipher | None = None
        self.waiting = bytearray()
        if passphrase:
            head = about | {"kdf": "scrypt", "salt": secrets.token_hex(16), **COST, "cipher": "aes-256-gcm"}
            lines = ENCRYPTED + json.dumps(head, sort_keys=True).encode() + b"\n"
            self.cipher = _Cipher(passphrase, head, lines)
            self._out(lines)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        plain = bytes(data)
        if self.cipher is None:
            self._out(plain)
            return len(plain)
        self.waiting += plain
        while len(self.waiting) > CHUNK:  # one byte more, so that it is not the last one
            self._out(self.cipher.encrypt(bytes(self.waiting[:CHUNK]), last=False))
            del self.waiting[:CHUNK]
        return len(plain)

    def seal(self) -> str:
        """The SHA-256 that the last line tells."""
        if self.cipher is not None:
            self._out(self.cipher.encrypt(bytes(self.waiting), last=True))
        found = self.digest.hexdigest()
        line = f"quarterdeck-sha256 {found}\n".encode()
        self.to.write(line)
        self.size += len(line)
        return found

    def _out(self, data: bytes) -> None:
        self.to.write(data)
        self.digest.update(data)
        self.size += len(data)


@dataclass(frozen=True, slots=True)
class Whole:
    """A file whose last line tells the truth about the rest."""

    path: Path
    size: int
    sha256: str
    head: dict[str, Any] | None  # None: not encrypted
    lines: bytes = b""

    def open(self, passphrase: str) -> BinaryIO:
        """The stream that was written. Refuses a passphrase that is missing or wrong."""
        file = self.path.open("rb")
        end = self.size - SEAL_LENGTH
        if self.head is None:
            return io.BufferedReader(_Plain(file, end), BLOCK)
        if not passphrase:
            file.close()
            raise Refused(
                "needs_passphrase",
                f"{self.path} is encrypted. Give its passphrase with --passphrase-file or in "
                "QUARTERDECK_BACKUP_PASSPHRASE.",
            )
        file.seek(len(self.lines))
        reader = _Decrypted(file, end, _Cipher(passphrase, self.head, self.lines), self.path)
        try:
            reader.fill()
        except Refused:
            file.close()
            raise
        return io.BufferedReader(reader, BLOCK)


def whole(path: Path, tell: Callable[[int], None] = lambda done: None) -> Whole:
    """Read the file to its end and refuse it unless every byte is as it was written."""
    size = path.stat().st_size
    with path.open("rb") as file:
        begin = file.read(max(len(ENCRYPTED), len(FIRST_MEMBER)))
        if not (begin.startswith((ENCRYPTED, FIRST_MEMBER))):
            raise Refused("no_backup", f"{path} is not a backup of Quarterdeck, or its first bytes were changed.")
        file.seek(max(0, size - SEAL_LENGTH))
        said = SEAL.fullmatch(file.read())
        if said is None:
            raise Refused("cut_off", f"{path} is not complete: the line that ends a backup is missing.")
        file.seek(0)
        digest = hashlib.sha256()
        left = size - SEAL_LENGTH
        while left and (block := file.read(min(BLOCK, left))):
            digest.update(block)
            left -= len(block)
            tell(size - left)
        if digest.hexdigest() != said[1].decode():
            raise Refused("changed", f"{path} is not as it was written: its SHA-256 is not the one in its last line.")
        head, lines = _head(file, path) if begin.startswith(ENCRYPTED) else (None, b"")
    return Whole(path, size, said[1].decode(), head, lines)


def is_encrypted(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(ENCRYPTED)) == ENCRYPTED


def _head(file: BinaryIO, path: Path) -> tuple[dict[str, Any], bytes]:
    file.seek(0)
    lines = file.readline() + file.readline(LONGEST_HEAD)
    try:
        head = json.loads(lines.split(b"\n")[1])
        fit = all(1 <= int(head[name]) <= most for name, most in HIGHEST_COST.items()) and bytes.fromhex(head["salt"])
    except (ValueError, KeyError, TypeError):
        fit = b""
    if not fit or not isinstance(head, dict):
        raise Refused("no_backup", f"{path} does not say how its key is made.")
    return head, lines


class _Cipher:
    """Encrypts and decrypts the chunks of one file, in order."""

    def __init__(self, passphrase: str, head: dict[str, Any], lines: bytes) -> None:
        n, r, p = (int(head[name]) for name in ("n", "r", "p"))
        key = hashlib.scrypt(
            passphrase.encode(), salt=bytes.fromhex(head["salt"]), n=n, r=r, p=p, maxmem=256 * n * r, dklen=32
        )
        self.cipher = AESGCM(key)
        self.lines = lines
        self.number = 0

    def encrypt(self, plain: bytes, *, last: bool) -> bytes:
        return self.cipher.encrypt(self._nonce(last=last), plain, self.lines)

    def decrypt(self, chunk: bytes, *, last: bool) -> bytes:
        return self.cipher.decrypt(self._nonce(last=last), chunk, self.lines)

    def _nonce(self, *, last: bool) -> bytes:
        nonce = self.number.to_bytes(11, "big") + bytes([last])
        self.number += 1
        return nonce


class _Plain(io.RawIOBase):
    """A file up to where its last line begins."""

    def __init__(self, file: BinaryIO, end: int) -> None:
        self.file, self.left = file, end

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        data = self.file.read(min(len(into), self.left))
        into[: len(data)] = data
        self.left -= len(data)
        return len(data)

    def close(self) -> None:
        self.file.close()
        super().close()


class _Decrypted(_Plain):
    """The same, with each chunk decrypted."""

    def __init__(self, file: BinaryIO, end: int, cipher: _Cipher, path: Path) -> None:
        super().__init__(file, end - file.tell())
        self.cipher, self.path = cipher, path
        self.ready = memoryview(b"")

    def fill(self) -> None:
        chunk = self.file.read(min(CHUNK + TAG, self.left))
        self.left -= len(chunk)
        try:
            self.ready = memoryview(self.cipher.decrypt(chunk, last=not self.left))
        except InvalidTag:
            raise Refused(
                "wrong_passphrase", f"The passphrase does not open {self.path}, or somebody changed the file."
            ) from None

    def readinto(self, into: Any) -> int:
        if not self.ready and self.left:
            self.fill()
        count = min(len(into), len(self.ready))
        into[:count] = self.ready[:count]
        self.ready = self.ready[count:]
        return count
