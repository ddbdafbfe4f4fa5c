"""
Files made to hurt: each is refused with its sentence in five seconds, or read harmlessly, and the caller goes on.
"""

import io
import os
import random
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from quarterdeck.exchange.tabular.child import read_bytes
from quarterdeck.exchange.tabular.errors import ReadError
from quarterdeck.exchange.tabular.reading import read
from quarterdeck.exchange.tabular.tests.make import (
    BOOK,
    BOOK_RELATIONS,
    MAIN,
    RELATIONS,
    TWO_ROWS,
    archive,
    parts,
    sheet,
    strings,
    xlsx,
)
from quarterdeck.exchange.tabular.workbook import Limits, Workbook
from tests.proof.figures import figure

MOST_SECONDS = 5.0
LOL = '<!DOCTYPE lolz [<!ENTITY a "lol">' + "".join(
    f'<!ENTITY a{n} "{("&a" + str(n - 1) + ";" if n > 1 else "&a;") * 10}">' for n in range(1, 10)
) + "]>"  # fmt: skip
CELL_OF_ENTITY = '<row r="1"><c r="A1" t="inlineStr"><is><t>{}</t></is></c></row>'


def resized(data: bytes, name: str, size: int) -> bytes:
    """The archive with another unpacked size declared for one part, in both places that declare it."""
    changed = bytearray(data)
    for signature, name_at, size_at, length_at in ((b"PK\x03\x04", 30, 22, 26), (b"PK\x01\x02", 46, 24, 28)):
        start = 0
        while (start := changed.find(signature, start)) >= 0:
            length = struct.unpack_from("<H", changed, start + length_at)[0]
            if bytes(changed[start + name_at : start + name_at + length]) == name.encode():
                struct.pack_into("<I", changed, start + size_at, size)
            start += 4
    return bytes(changed)


def overlapping() -> bytes:
    """Two entries of the directory that share the bytes of one part."""
    data = xlsx()
    first = data.find(b"PK\x01\x02")
    length = 46 + sum(struct.unpack_from("<HHH", data, first + 28))
    entry = bytearray(data[first : first + length])
    end = data.rfind(b"PK\x05\x06")
    tail = bytearray(data[end:])
    struct.pack_into("<HH", tail, 8, 6, 6)
    struct.pack_into("<I", tail, 12, end - first + length)
    entry[46] = ord("x")
    return data[:end] + bytes(entry) + bytes(tail)


def many_parts(count: int) -> bytes:
    return archive(parts() | {f"xl/x{n}.xml": "<a/>" for n in range(count)}, zipfile.ZIP_STORED)


def encrypted_flag() -> bytes:
    data = bytearray(xlsx())
    start = 0
    while (start := data.find(b"PK\x01\x02", start)) >= 0:
        data[start + 8] |= 1
        start += 4
    return bytes(data)


def shared_string_bomb(length: int, times: int) -> bytes:
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, times + 1))
    return archive(parts(sheet(cells), xl__sharedStrings=strings("x" * length)), zipfile.ZIP_STORED)


def zip_quine_like() -> bytes:
    return archive({"[Content_Types].xml": "<a/>", "xl/workbook.xml": xlsx()})


def long_line() -> bytes:
    return b"ID,Name\n1," + b"a" * 19_000_000 + b"\n"


def wide(columns: int) -> bytes:
    return (",".join(f"c{n}" for n in range(columns)) + "\n" + ",".join("1" * columns) + "\n").encode()


def random_bytes(size: int) -> bytes:
    return random.Random(7).randbytes(size)


def deep(depth: int) -> bytes:
    return archive(parts(f"<worksheet {MAIN}>" + "<x>" * depth + "</x>" * depth + "</worksheet>"), zipfile.ZIP_STORED)


def attributes(count: int) -> bytes:
    return xlsx(
        f"<worksheet {MAIN} "
        + " ".join(f'a{n}="1"' for n in range(count))
        + f"><sheetData>{TWO_ROWS}</sheetData></worksheet>"
    )


def book_with_traversing_target(target: str) -> bytes:
    return archive(parts() | {"xl/_rels/workbook.xml.rels": BOOK_RELATIONS.replace("worksheets/sheet1.xml", target)})


def many_sheets(count: int = 100) -> bytes:
    named = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, count))
    return archive(
        parts() | {"xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{RELATIONS}"><sheets>{named}</sheets></workbook>'}
    )


def in_utf_16() -> bytes:
    return sheet(before="<!DOCTYPE w>").replace("UTF-8", "UTF-16").encode("utf-16")


def gzip_named_csv() -> bytes:
    return b"\x1f\x8b\x08\x00" + zlib.compress(b"a" * 1000)


REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "zip bomb": ("unpacks_too_large", lambda: xlsx(sheet(TWO_ROWS + " " * 30_000_000))),
    "zip bomb in another part": ("unpacks_too_large", lambda: xlsx(xl__media__a=" " * 30_000_000)),
    "declared size of 4 GB": ("unpacks_too_large", lambda: resized(xlsx(), "xl/workbook.xml", 0xFFFFFFF0)),
    "declared size far too small": ("damaged", lambda: resized(xlsx(), "xl/worksheets/sheet1.xml", 10)),
    "overlapping entries": ("damaged", overlapping),
    "10,000 entries": ("too_many_parts", lambda: many_parts(10_000)),
    "two parts of one name": ("damaged", lambda: xlsx(XL__workbook=BOOK)),
    "entities that grow": ("declares_entities", lambda: xlsx(sheet(CELL_OF_ENTITY.format("&a9;"), LOL))),
    "quadratic entity": (
        "declares_entities",
        lambda: xlsx(sheet(CELL_OF_ENTITY.format("&a;" * 10_000), f'<!DOCTYPE w [<!ENTITY a "{"x" * 50_000}">]>')),
    ),
    "external entity": (
        "declares_entities",
        lambda: xlsx(sheet(CELL_OF_ENTITY.format("&a;"), '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>')),
    ),
    "parameter entity": (
        "declares_entities",
        lambda: xlsx(sheet(before='<!DOCTYPE w [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>')),
    ),
    "entities in shared strings": (
        "declares_entities",
        lambda: xlsx(xl__sharedStrings='<!DOCTYPE s [<!ENTITY a "x">]>' + strings("&a;")),
    ),
    "entities in UTF-16": ("damaged", lambda: archive(parts() | {"xl/worksheets/sheet1.xml": in_utf_16()})),
    "entities in an encoding nobody knows": (
        "declares_entities",
        lambda: xlsx(sheet(before="<!DOCTYPE w>").replace("UTF-8", "UTF-7")),
    ),
    "document type without entities": ("declares_entities", lambda: xlsx(sheet(before="<!DOCTYPE worksheet>"))),
    "undeclared entity": ("damaged", lambda: xlsx(sheet(CELL_OF_ENTITY.format("&a;")))),
    "cell XFD1048576": (
        "too_many_rows",
        lambda: xlsx(sheet(TWO_ROWS + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
    ),
    "cell beyond every sheet": ("too_many_columns", lambda: xlsx(sheet('<row r="1"><c r="ZZZZ1"><v>1</v></c></row>'))),
    "row number that overflows": (
        "damaged",
        lambda: xlsx(sheet('<row r="99999999999999999999"><c><v>1</v></c></row>')),
    ),
    "cell XFD1048576 without text": (
        "too_many_rows",
        lambda: xlsx(sheet(TWO_ROWS + '<row r="1048576"><c r="XFD1048576" t="str"><v></v></c></row>')),
    ),
    "cell XFD1048576 in a part that hides what it is": (
        "too_many_rows",
        lambda: xlsx(sheet(TWO_ROWS + '<row><c r="XFD1048576"><v>1</v></c></row>').replace("worksheet", "styleSheet")),
    ),
    "100 sheets on one part": ("damaged", many_sheets),
    "column XFD": ("too_many_columns", lambda: xlsx(sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>'))),
    "30,000 rows": ("too_many_rows", lambda: xlsx(sheet('<row><c t="b"><v>1</v></c></row>' * 30_000))),
    "shared string named often": ("too_much_memory", lambda: shared_string_bomb(900_000, 2_000)),
    "shared string of 2 MB": ("cell_too_large", lambda: shared_string_bomb(2_000_000, 1)),
    "cell text of 2 MB": ("cell_too_large", lambda: xlsx(sheet(CELL_OF_ENTITY.format(random_bytes(1_000_001).hex())))),
    "200,000 levels": ("damaged", lambda: deep(200_000)),
    "truncated archive": ("damaged", lambda: xlsx()[:-40]),
    "archive cut in half": ("damaged", lambda: xlsx()[: len(xlsx()) // 2]),
    "damaged bytes inside": ("damaged", lambda: xlsx()[:200] + b"\xff" * 40 + xlsx()[240:]),
    "path out of the folder": ("damaged", lambda: archive(parts() | {"../../../tmp/quarterdeck-hostile.xml": "<a/>"})),
    "absolute path": ("damaged", lambda: archive(parts() | {"/tmp/quarterdeck-hostile.xml": "<a/>"})),
    "path with backslashes": ("damaged", lambda: archive(parts() | {"..\\..\\quarterdeck-hostile.xml": "<a/>"})),
    "path with a drive": ("damaged", lambda: archive(parts() | {"C:quarterdeck-hostile.xml": "<a/>"})),
    "password on parts": ("password_protected", encrypted_flag),
    "workbook inside a workbook": ("damaged", zip_quine_like),
    "any archive": ("not_a_spreadsheet", lambda: archive({"a.txt": "a"})),
    "empty archive": ("damaged", lambda: archive({})),
    "first bytes of an archive only": ("damaged", lambda: b"PK\x03\x04"),
    "workbook without relations": (
        "damaged",
        lambda: archive({name: item for name, item in parts().items() if "_rels/workbook" not in name}),
    ),
    "workbook without its sheet": (
        "damaged",
        lambda: archive({name: item for name, item in parts().items() if "sheet1" not in name}),
    ),
    "empty sheet": ("no_rows", lambda: xlsx(sheet(""))),
    "nothing": ("empty_file", lambda: b""),
    "only line breaks": ("no_rows", lambda: b"\n\n\r\n,,,\n"),
    "zero characters": ("null_characters", lambda: b"ID,Name\n1,a\n2,b\0c\n"),
    "only zeros": ("null_characters", lambda: bytes(10_000)),
    "random bytes": ("null_characters", lambda: random_bytes(100_000)),
    "random bytes without zeros": ("not_a_spreadsheet", lambda: random_bytes(100_000).replace(b"\0", b"\1")),
    "UTF-16 cut in the middle of a character": (
        "not_a_spreadsheet",
        lambda: "ID,Name\n1,a\n".encode("utf-16") + b"\x00",
    ),
    "UTF-16 with zeros": ("null_characters", lambda: "ID,Name\n1,a\0\n".encode("utf-16")),
    "UTF-32 mark and garbage": ("not_a_spreadsheet", lambda: b"\xff\xfe\x00\x00" + b"\xff" * 40),
    "quotation that never closes": ("quote_not_closed", lambda: b'ID,Name\n1,"a\n' + b"2,b\n" * 1_000),
    "quotation of many megabytes": ("quote_not_closed", lambda: b'ID,Name\n1,"a\n' + b"2,bbbbbbbbbbbbbbbb\n" * 500_000),
    "100,000 columns": ("too_many_columns", lambda: wide(100_000)),
    "5 million columns": ("too_many_columns", lambda: b"," * 5_000_000 + b"a\n"),
    "line of 19 MB": ("cell_too_large", long_line),
    "file above the limit": ("file_too_large", lambda: b"a" * (20 * 1024 * 1024 + 1)),
    "millions of rows": ("too_many_rows", lambda: b"1,a\n" * 2_000_000),
    "HTML": ("not_a_spreadsheet", lambda: b"<html><table><tr><td>ID</td></tr></table></html>"),
    "XML with entities": ("not_a_spreadsheet", lambda: b'<?xml version="1.0"?>' + LOL.encode() + b"<a>&a9;</a>"),
    "JSON": ("not_a_spreadsheet", lambda: b"[" * 100_000),
    "PDF": ("not_a_spreadsheet", lambda: b"%PDF-1.7\n" + random_bytes(1_000)),
    "packed CSV": ("not_a_spreadsheet", gzip_named_csv),
    "old Excel": (
        "old_excel",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "Workbook".encode("utf-16-le"),
    ),
    "sheet elsewhere on the disk": ("damaged", lambda: book_with_traversing_target("../../../../etc/passwd")),
}  # fmt: skip

HARMLESS: dict[str, Callable[[], bytes]] = {
    "declared size too large": lambda: resized(xlsx(), "xl/worksheets/sheet1.xml", 5_000),
    "dimension that lies": lambda: xlsx(sheet().replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')),
    "merged cells over everything": lambda: xlsx(
        sheet().replace("</worksheet>", '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>')
    ),
    "400,000 attributes": lambda: attributes(400_000),
    "formulas with and without results": lambda: xlsx(
        sheet(
            TWO_ROWS
            + '<row r="3"><c r="A3"><f>HYPERLINK("http://127.0.0.1:9")</f><v>5</v></c>'
            + '<c r="B3" t="str"><f>A1</f></c></row>'
        )
    ),
    "formula that calls a program": lambda: b"ID,Name\n=cmd|' /C calc'!A0,@SUM(1)\n",
    "UTF-7": lambda: b"+ADw-script+AD4-,Name\n1,a\n",
    "overlong UTF-8": lambda: b"ID,Name\n1,\xc0\xae\xc0\xae/etc\n",
    "half surrogates in UTF-8": lambda: b"ID,Name\n1,\xed\xa0\x80\n",
    "text that turns round": "ID,Name\n1,\u202egnp.exe\n".encode,
    "formatting of a million rows": lambda: xlsx(
        sheet(TWO_ROWS + '<row r="1048576" hidden="1"><c r="XFD1048576" s="1"/></row>')
    ),
    "shared string that does not exist": lambda: xlsx(
        sheet(TWO_ROWS + '<row r="3"><c r="A3" t="s"><v>99999999</v></c><c r="B3"><v>1</v></c></row>'),
        xl__sharedStrings=strings("a"),
    ),
    "number that is no number": lambda: xlsx(sheet(TWO_ROWS + '<row r="3"><c r="A3"><v>1e999</v></c></row>')),
    "date far in the future": lambda: xlsx(sheet(TWO_ROWS + '<row r="3"><c r="A3" t="d"><v>99999-01-01</v></c></row>')),
    "lone carriage returns": lambda: b"ID,Name\r1,a\r2,b\r",
    "XML inside cells": lambda: b"ID,Name\n1,<!DOCTYPE a><a>&lol;</a>\n",
}  # fmt: skip


def attempt(path: Path) -> Workbook | ReadError:
    try:
        return read(path)
    except ReadError as error:
        return error


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_is_refused_in_time(name: str, tmp_path: Path) -> None:
    code, make_file = REFUSED[name]
    path = tmp_path / "upload"
    path.write_bytes(make_file())
    before = time.monotonic()

    found = attempt(path)

    assert isinstance(found, ReadError)
    assert (found.code, found.message[-1]) == (code, ".")
    assert time.monotonic() - before < MOST_SECONDS
    figure("R10", "{n} hostile files refused, each within 5 s", n=1)


@pytest.mark.parametrize("name", HARMLESS)
def test_an_odd_file_is_read_or_refused_and_does_nothing_else(name: str, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(HARMLESS[name]())
    before = time.monotonic()

    found = attempt(path)

    assert isinstance(found, Workbook) or found.code == "damaged"
    assert time.monotonic() - before < MOST_SECONDS
    assert os.listdir(tmp_path) == ["upload"]


def test_nothing_is_written_outside(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    for target in ("../../../tmp/quarterdeck-hostile.xml", "/tmp/quarterdeck-hostile.xml"):
        path.write_bytes(archive(parts() | {target: "<a/>"}))
        attempt(path)

    assert not Path("/tmp/quarterdeck-hostile.xml").exists()
    assert os.listdir(tmp_path) == ["upload"]


PATHS = [
    "../../etc/passwd", "../" * 20 + "etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "\\etc\\passwd",
    "//server/share/x", "\\\\server\\share\\x", "C:\\Windows\\win.ini", "C:evil.xml", "c:/x", "file:///etc/passwd",
    "file:///{}", "{}", "/{}", "../../../../../../../../..{}", "xl/../../../../../../../../../..{}",
    "..", ".", "...", "....//....//x", "..;/x", "%2e%2e%2fx", "..%c0%afx", "..%252fx", "x\x00.xml",
    " ", "\u2215etc\u2215passwd", "..\u2044x", "..\uff0fx", "..\uff3cx", "\u202elmx.exe", "\u200bx", "x\r\ny",
    "nul", "NUL.xml", "con", "COM1", "aux.", "x:stream", ".htaccess", "x" * 5_000, "~/x", "a|b;c`d$(e)",
]  # fmt: skip


def test_forty_names_in_archives_and_inside_parts_read_and_write_nothing(tmp_path: Path) -> None:
    """R12: as the name of an entry, as a sheet, and as an entity of a part; what lies at the path is never read."""
    secret = tmp_path / "secret.xml"
    secret.write_text(sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>canary</t></is></c></row>'), encoding="utf-8")
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    here = Path.cwd()
    os.chdir(inside)
    try:
        listed = sorted(tmp_path.rglob("*"))
        tried = 0
        for path in (each.format(secret) for each in PATHS):
            entity = f'<!DOCTYPE x [<!ENTITY a SYSTEM "{path}">]>' + sheet(CELL_OF_ENTITY.format("&a;"))
            for data in (
                archive(parts() | {path: secret.read_bytes()}),
                book_with_traversing_target(path.replace("&", "")),
                archive(parts(entity)),
            ):
                tried += 1
                try:
                    book = read_bytes(data)
                except ReadError:
                    continue
                assert "canary" not in str(book), path
        assert sorted(tmp_path.rglob("*")) == listed
    finally:
        os.chdir(here)
    assert tried >= 120
    figure("R12", f"{tried} archives with {len(PATHS)} names: 0 files read or written", part="entries and parts")


def test_the_set_is_large_enough_and_the_reader_still_works(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(xlsx())

    assert len(REFUSED) + len(HARMLESS) >= 60
    assert isinstance(attempt(path), Workbook)


def children() -> set[str]:
    """Processes whose parent is this one, the dead ones nobody asked for included."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == str(os.getpid()):
            found.add(status.parent.name)
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system does not list its processes in /proc")
def test_no_child_is_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(b"ID,Name\n1,a\n")
    before = children()

    read(path)
    with pytest.raises(ReadError):
        read(path, limits=Limits(wall_seconds=0.05))

    assert children() == before


def test_archives_of_the_set_are_what_they_claim() -> None:
    """The tricks themselves are checked: without them the same workbook is read."""
    assert zipfile.ZipFile(io.BytesIO(xlsx())).testzip() is None
    assert len(zipfile.ZipFile(io.BytesIO(many_parts(50))).infolist()) == 55
