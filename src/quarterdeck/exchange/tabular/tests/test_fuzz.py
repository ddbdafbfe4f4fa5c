"""Files with random damage: only a `ReadError` may escape the reader, and nothing at all what comes after it."""

import random
import re
import zipfile
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quarterdeck.exchange.tabular import stored
from quarterdeck.exchange.tabular.child import read_bytes
from quarterdeck.exchange.tabular.errors import ReadError
from quarterdeck.exchange.tabular.fields import FIELDS
from quarterdeck.exchange.tabular.header import find_table
from quarterdeck.exchange.tabular.mapping import ColumnRule, Mapping, from_json, known_names, shipped, to_json
from quarterdeck.exchange.tabular.problems import Problem
from quarterdeck.exchange.tabular.rows import interpret
from quarterdeck.exchange.tabular.suggestion import suggest
from quarterdeck.exchange.tabular.tests import make

CALM = settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)
TEXT = (
    "ID;Name;Start;Finish;Cost (£m);RAG;Note\n"
    'P1;Brücke;2026-03-31;31/02/2027;"£3,330";Amber/Green;"two\nlines"\n'
    "P2;Straße;Mar 2026;NA;(3.2);Red;Exempt under Section 43 of the Act\n"
    "P2;Schule;46112;Q3 2027;1.234,56;Medium-High;=1+1\n"
)
SEEDS = [TEXT.encode(), TEXT.encode("cp1252", "replace"), TEXT.encode("utf-16")]
PARTS = make.parts(
    make.sheet(make.TWO_ROWS + '<row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" s="1"><v>46112</v></c></row>'),
    xl__sharedStrings=make.strings("Brücke", "Straße"),
    xl__styles=f'<styleSheet {make.MAIN}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
)
TOKENS = [
    b"<", b">", b"/>", b'"', b"'", b"&#0;", b"&amp;", b"<c r=\"A1\"/>", b"<!DOCTYPE a>", b"r=\"XFD1048576\"",
    b"t=\"s\"", b"t=\"e\"",
    b"t=\"d\"", b"<v>-1</v>", b"<v>1e400</v>", b"<v>99999999999999999999</v>", b"s=\"99\"", b"\xff\xfe", b"\0",
    b"\r", b"\n", b";", b",",
    b"31/02/2026", b"nan", b"Infinity", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"<is><t>", b"<row r=\"0\">",
    b"<row r=\"20001\">",
]  # fmt: skip


@st.composite
def damage(draw: st.DrawFn) -> tuple[int, int]:
    """A seed for the damage and how much of it."""
    return draw(st.integers(0, 2**32 - 1)), draw(st.integers(1, 12))


def damaged(data: bytes, how: tuple[int, int]) -> bytes:
    """Bytes flipped, cut out, doubled, and replaced by words that formats care about."""
    chance = random.Random(how[0])
    changed = bytearray(data)
    for _ in range(how[1]):
        at = chance.randrange(len(changed) + 1)
        match chance.randrange(5):
            case 0 if at < len(changed):
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                del changed[at : at + chance.randrange(1, 20)]
            case 2:
                changed[at:at] = changed[at : at + chance.randrange(1, 60)]
            case 3:
                changed[at:at] = chance.choice(TOKENS)
            case _:
                word = chance.choice(TOKENS)
                changed[at : at + len(word)] = word
    return bytes(changed)


def follow_through(data: bytes) -> None:
    """Everything that happens to an upload; refusals by the reader are the only ones."""
    try:
        table = find_table(read_bytes(data), known=known_names())
    except ReadError as error:
        sentence = error.message
        assert sentence.endswith(".")
        return
    found = interpret(table, suggest(table, shipped()).mapping)
    assert len(found.rows) == len(table.rows)
    assert all(problem.message for problem in found.all_problems())
    assert stored.from_json(stored.to_json(found)) == found


@CALM
@given(damage(), st.sampled_from(SEEDS))
def test_damaged_text_files_are_read_or_refused(how: tuple[int, int], seed: bytes) -> None:
    follow_through(damaged(seed, how))


@CALM
@given(damage())
def test_damaged_workbooks_are_read_or_refused(how: tuple[int, int]) -> None:
    follow_through(damaged(make.archive(PARTS), how))


@CALM
@given(damage(), st.sampled_from(sorted(name for name in PARTS if name.startswith("xl/"))))
def test_workbooks_with_a_damaged_part_are_read_or_refused(how: tuple[int, int], name: str) -> None:
    part = PARTS[name]
    content = part.encode() if isinstance(part, str) else part
    follow_through(make.archive(PARTS | {name: damaged(content, how)}, zipfile.ZIP_STORED))


VALUES = [
    "", "0", "-1", "1e400", "99999999999999999999", "A1", "XFD1048576", "A0", "a1", "AAAA1", "s", "e", "d",
    "b", "str", "n",
    "inlineStr", "x" * 40, "rId1", "rId9", "../../x", "/etc/passwd", "worksheets/sheet1.xml",
    "sharedStrings.xml", "NaN",
    "2026-03-31", "31/02/2026", "hidden", "&amp;", "&#xFFFD;", "_x0000_", "14", "22", "yyyy-mm-dd", "\U0001f534",
]  # fmt: skip


def revalued(part: str, how: tuple[int, int]) -> str:
    """The part with some attribute values and texts replaced, so that it stays well formed and gets past the parser."""
    chance = random.Random(how[0])
    places = list(re.finditer(r'(?<==")[^"]*(?=")|(?<=>)[^<>]*(?=<)', part))
    chosen = sorted(chance.sample(places, min(how[1], len(places))), key=lambda place: -place.start())
    for place in chosen:
        part = part[: place.start()] + chance.choice(VALUES) + part[place.end() :]
    return part


@CALM
@given(damage(), st.sampled_from(sorted(name for name in PARTS if name.startswith("xl/"))))
def test_well_formed_workbooks_with_odd_values_are_read_or_refused(how: tuple[int, int], name: str) -> None:
    follow_through(make.archive(PARTS | {name: revalued(str(PARTS[name]), how)}, zipfile.ZIP_STORED))


@settings(CALM, max_examples=200)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    follow_through(data)


CELLS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["31/02/2026", "1e999", "ıv", "５", "²", "१२/०३/२०२६", "K 5", "5 mıo", "0000-00-00", "9" * 70, "(" * 60]
    ),
    st.decimals().map(str),
    st.dates().map(str),
    st.from_regex(r"\A[£€$(]?[-+]?\d{0,20}[.,]?\d{0,5}[kmb%)-]?\Z"),
)


@CALM
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6), st.booleans(), st.sampled_from(sorted(FIELDS)))
def test_nothing_in_a_cell_makes_interpretation_raise(
    cells: list[tuple[str, str, str]], comma: bool, field: str
) -> None:
    mapping = Mapping(
        "m",
        "M",
        {"external_id": ColumnRule(("ID",)), "name": ColumnRule(("Name",)), field: ColumnRule(("Cell",))},
        decimal_comma=comma,
    )
    assert from_json(to_json(mapping)) == mapping
    quoted = [",".join('"' + text.replace('"', '""').replace("\0", "") + '"' for text in row) for row in cells]
    try:
        table = find_table(read_bytes("\n".join(["ID,Name,Cell", *quoted]).encode("utf-8", "replace")), header_line=1)
    except ReadError:
        return

    found = interpret(table, mapping)

    for row in found.rows:
        for value in row.values.values():
            assert (value.value is None) == (value.reason is not None)
            assert not isinstance(value.value, Decimal) or value.value.is_finite()
    assert all(isinstance(problem, Problem) and problem.message for problem in found.all_problems())
    assert stored.from_json(stored.to_json(found)) == found
