"""The file around a backup: nothing that was cut, changed or rearranged is taken for whole."""

import gzip
import hashlib
import io
import json
import random
import subprocess
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from quarterdeck.core import ledger
from quarterdeck.core.errors import Refused
from quarterdeck.site.backups import archive, chain, manifest, sealed
from quarterdeck.site.backups.chain import Chains, Link
from quarterdeck.site.backups.checking import plain
from quarterdeck.site.backups.sealed import CHUNK, ENCRYPTED, SEAL_LENGTH, TAG

PASSPHRASE = "eight bells and all is well"
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ABOUT = manifest.about("0.1.0", MONDAY)


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is made quickly here; how slowly is written in each file."""
    monkeypatch.setattr(sealed, "COST", {"n": 2**4, "r": 8, "p": 1})


def stream(length: int) -> bytes:
    """Begins as every backup does."""
    return (sealed.FIRST_MEMBER + random.Random(length).randbytes(length))[: max(length, len(sealed.FIRST_MEMBER))]


def wrapped(data: bytes, passphrase: str = "") -> bytes:
    out = io.BytesIO()
    writer = sealed.Writer(out, passphrase=passphrase, about=ABOUT)
    for start in range(0, len(data), 300_000):
        writer.write(data[start : start + 300_000])
    said = writer.seal()
    assert writer.size == len(out.getvalue())
    assert hashlib.sha256(out.getvalue()[:-SEAL_LENGTH]).hexdigest() == said
    return out.getvalue()


def resealed(data: bytes) -> bytes:
    """What somebody who knows the recipe makes of a file whose bytes they changed."""
    return data + f"quarterdeck-sha256 {hashlib.sha256(data).hexdigest()}\n".encode()


def unwrapped(data: bytes, folder: Path, passphrase: str = "") -> bytes:
    path = folder / "file.backup"
    path.write_bytes(data)
    with sealed.whole(path).open(passphrase) as opened:
        return opened.read()


def refusal(data: bytes, folder: Path, passphrase: str = "") -> str:
    with pytest.raises(Refused) as refused:
        unwrapped(data, folder, passphrase)
    return refused.value.code


@pytest.mark.parametrize("passphrase", ["", PASSPHRASE], ids=["open", "encrypted"])
@pytest.mark.parametrize("length", [0, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_is_written_is_read(length: int, passphrase: str, tmp_path: Path) -> None:
    assert unwrapped(wrapped(stream(length), passphrase), tmp_path, passphrase) == stream(length)


@pytest.mark.parametrize("passphrase", ["", PASSPHRASE], ids=["open", "encrypted"])
def test_each_changed_byte_is_refused(passphrase: str, tmp_path: Path) -> None:
    whole = wrapped(stream(300), passphrase)
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        assert refusal(bytes(changed), tmp_path, passphrase) in {"changed", "cut_off", "no_backup"}


@pytest.mark.parametrize("passphrase", ["", PASSPHRASE], ids=["open", "encrypted"])
def test_each_cut_is_refused(passphrase: str, tmp_path: Path) -> None:
    whole = wrapped(stream(300), passphrase)
    for length in range(len(whole)):
        assert refusal(whole[:length], tmp_path, passphrase) in {"cut_off", "no_backup"}


def test_what_follows_the_last_line_is_refused(tmp_path: Path) -> None:
    assert refusal(wrapped(stream(300)) + b"\n", tmp_path) == "cut_off"


def test_a_passphrase_that_is_missing_or_wrong_opens_nothing(tmp_path: Path) -> None:
    whole = wrapped(stream(300), PASSPHRASE)
    assert stream(300) not in whole
    assert refusal(whole, tmp_path) == "needs_passphrase"
    assert refusal(whole, tmp_path, "nine bells and all is lost") == "wrong_passphrase"


def test_who_knows_the_recipe_still_cannot_change_an_encrypted_file(tmp_path: Path) -> None:
    body = wrapped(stream(4 * CHUNK + 100), PASSPHRASE)[:-SEAL_LENGTH]
    start = body.index(b"\n", len(ENCRYPTED)) + 1
    whole = CHUNK + TAG
    chunks = [body[at : at + whole] for at in range(start, len(body), whole)]
    changed = bytearray(body)
    changed[start + 10] ^= 1
    forgeries = {
        "changed": bytes(changed),
        "swapped": body[:start] + b"".join([chunks[0], chunks[2], chunks[1], *chunks[3:]]),
        "left out": body[:start] + b"".join([chunks[0], *chunks[2:]]),
        "cut at a chunk": body[:start] + b"".join(chunks[:3]),
        "another head": body.replace(b'"release": "0.1.0"', b'"release": "0.0.9"', 1),
    }
    for name, forged in forgeries.items():
        assert forged != body
        assert refusal(resealed(forged), tmp_path, PASSPHRASE) == "wrong_passphrase", name
    assert unwrapped(resealed(body), tmp_path, PASSPHRASE) == stream(4 * CHUNK + 100)


def test_a_head_that_asks_for_endless_work_is_refused(tmp_path: Path) -> None:
    body = wrapped(stream(300), PASSPHRASE)[:-SEAL_LENGTH]
    assert refusal(resealed(body.replace(b'"n": 16', b'"n": 99999999')), tmp_path, PASSPHRASE) == "no_backup"


def test_two_files_with_one_passphrase_share_no_key() -> None:
    first, second = wrapped(stream(300), PASSPHRASE), wrapped(stream(300), PASSPHRASE)
    assert first[-300 - SEAL_LENGTH :] != second[-300 - SEAL_LENGTH :]


def test_tar_reads_a_backup_and_does_not_mind_its_last_line(tmp_path: Path) -> None:
    out = io.BytesIO()
    writer = sealed.Writer(out, about=ABOUT)
    files = archive.Writer(writer, about=ABOUT, at=MONDAY)
    files.tar.close()
    writer.seal()
    (tmp_path / "file.backup").write_bytes(out.getvalue())

    listed = subprocess.run(["tar", "-tf", tmp_path / "file.backup"], capture_output=True, text=True, check=True)

    assert (listed.stdout.splitlines(), listed.stderr) == (["quarterdeck-backup.json", "README.txt"], "")


@pytest.mark.parametrize(
    ("release", "newer"), [("0.1.0", False), ("0.0.9", False), ("0.1.1", True), ("0.10.0", True), ("1.0", True)]
)
def test_a_newer_release_is_told_by_its_number(release: str, newer: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "this_release", lambda: "0.1.0")
    if not newer:
        manifest.refuse_newer(ABOUT | {"release": release})
        return
    with pytest.raises(Refused, match=f"made by Quarterdeck {release}"):
        manifest.refuse_newer(ABOUT | {"release": release})


def test_another_form_of_file_is_a_newer_one() -> None:
    with pytest.raises(Refused, match="older than its tables"):
        manifest.refuse_newer(ABOUT | {"format": 2})


def tar_of(**files: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in {sealed.FIRST_MEMBER.decode(): json.dumps(ABOUT).encode(), **files}.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


def rows_of(data: bytes) -> list[bytes]:
    """The pieces of every table, one after the other."""
    return [
        block
        for member in archive.members(io.BytesIO(data))  # type: ignore[arg-type]
        if isinstance(member, archive.Rows)
        for block in member.blocks
    ]


def test_an_archive_whose_pieces_are_no_gzip_is_refused() -> None:
    piece = gzip.compress(b"1\ta\n")
    name = "rows/core_node/000001.copy.gz"
    assert rows_of(tar_of(**{name: piece})) == [b"1\ta\n"]
    for spoiled in (b"x", piece[:-9], piece[:5]):
        with pytest.raises(Refused, match="cannot be read to its end"):
            rows_of(tar_of(**{name: spoiled}))


def test_a_link_in_an_archive_is_refused() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        member = tarfile.TarInfo("secret_key")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(member)
    with pytest.raises(Refused, match="which no backup holds"):
        list(archive.members(io.BytesIO(out.getvalue())))


def test_a_value_is_read_as_it_was_before_it_was_copied() -> None:
    assert plain(r"a\\nb\tc\nd\\\\e") == "a\\nb\tc\nd\\\\e"


def links(count: int) -> list[Link]:
    """Two chains, as the database makes them."""
    ends: dict[str, tuple[int, str]] = {}
    found = []
    for number in range(count):
        name = f"s{number % 2}"
        seq, previous = ends.get(name, (0, chain.GENESIS))
        link = Link(name, seq + 1, MONDAY + timedelta(seconds=number), f'{{"n":{number}}}', previous, "")
        link = link._replace(hash=chain.digest(link))
        ends[name] = (link.seq, link.hash)
        found.append(link)
    return found


def problems(found: list[Link], ends: dict[str, tuple[int, str]], *anchors: dict[str, Any]) -> list[str]:
    chains = Chains(anchors)
    for link in found:
        chains.add(link)
    return chains.finish(ends)


HONEST = links(20)
ENDS = {link.stream: (link.seq, link.hash) for link in HONEST}


def test_an_honest_ledger_has_no_problem_in_any_order() -> None:
    assert problems(HONEST, ENDS) == []
    assert problems(HONEST[::-1], ENDS) == []
    assert problems(HONEST, ENDS, chain.anchor({"s0": (3, HONEST[4].hash)}, MONDAY)) == []


def test_the_recipe_is_that_of_the_ledger() -> None:
    link = HONEST[7]
    assert link.hash == ledger.digest(
        link.stream, link.seq, ledger.microseconds(link.sealed_at), link.entry, link.prev_hash
    )


def rechained(found: list[Link]) -> list[Link]:
    ends: dict[str, str] = {}
    made = []
    for link in found:
        link = link._replace(prev_hash=ends.get(link.stream, chain.GENESIS))
        link = link._replace(hash=chain.digest(link))
        ends[link.stream] = link.hash
        made.append(link)
    return made


EDITED = [link._replace(entry="{}") if link == HONEST[7] else link for link in HONEST]


@pytest.mark.parametrize(
    ("forged", "said"),
    [
        (EDITED, "s1: entry 4 was changed."),
        (HONEST[:7] + HONEST[8:], "s1: entry 4 is missing."),
        (HONEST[:-1], "s1: the chain ends at 9, its head says 10."),
        (rechained(EDITED), "s1: entry 4 is not the one that was anchored on 2026-11-23."),
        (HONEST[:6], "s1: entry 4, anchored on 2026-11-23, is missing."),
        (
            rechained([each._replace(sealed_at=MONDAY) if each.seq == 5 else each for each in HONEST]),
            "s1: entry 5 is dated before the entry it follows.",
        ),
    ],
    ids=["edited", "deleted", "cut off", "recomputed", "cut before the anchor", "clock turned back"],
)
def test_each_manipulation_of_the_ledger_is_said(forged: list[Link], said: str) -> None:
    assert said in problems(forged, ENDS, chain.anchor({"s1": (4, HONEST[7].hash)}, MONDAY))
