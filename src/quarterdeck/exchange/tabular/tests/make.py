"""The least that is true: workbooks, tables and archives for tests."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

from quarterdeck.exchange.tabular.child import read_bytes
from quarterdeck.exchange.tabular.header import Table, find_table
from quarterdeck.exchange.tabular.mapping import ColumnRule, Mapping
from quarterdeck.exchange.tabular.rows import InterpretedRow, interpret

REAL_DATA = Path(__file__).parents[6] / "shared" / "data"
GMPP = REAL_DATA / "uk-gmpp"
GMPP_2022 = GMPP / "GMPP_Government_Major_Projects_Portfolio_AR_Data_March_2022.csv"
GMPP_2023 = GMPP / "GMPP_Government_Major_Projects_Portofolio_AR_Data_March_2023.csv"
AUSTRALIA = REAL_DATA / "australia-dta-mdpr"
FEDERAL = REAL_DATA / "us-federal-it-dashboard" / "projects_2012.csv"
MELBOURNE = REAL_DATA / "melbourne-water-capital" / "Capital_Delivery_Project_deidentified.csv"

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
CONTENT_TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>'
)
ROOT_RELATIONS = (
    f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
BOOK = (
    f'<workbook {MAIN} xmlns:r="{RELATIONS}"><sheets>'
    '<sheet name="Projects" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
BOOK_RELATIONS = (
    f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)
TWO_ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>ID</t></is></c><c r="B1" t="inlineStr"><is><t>Name</t></is></c></row>'
    '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="inlineStr"><is><t>Bridge</t></is></c></row>'
)


def sheet(rows: str = TWO_ROWS, before: str = "") -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>{before}<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>'


def strings(*items: str) -> str:
    return f"<sst {MAIN}>" + "".join(f"<si><t>{item}</t></si>" for item in items) + "</sst>"


def parts(sheet_xml: str | None = None, **others: str) -> dict[str, str | bytes]:
    """The parts of a workbook; names of others have two underscores for a slash, as in `xl__sharedStrings`."""
    return {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": ROOT_RELATIONS,
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": BOOK_RELATIONS,
        "xl/worksheets/sheet1.xml": sheet() if sheet_xml is None else sheet_xml,
    } | {f"{name.replace('__', '/')}.xml": content for name, content in others.items()}


def archive(content: dict[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as target:
        for name, item in content.items():
            target.writestr(name, item)
    return packed.getvalue()


def xlsx(sheet_xml: str | None = None, **others: str) -> bytes:
    return archive(parts(sheet_xml, **others))


def csv_text(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def table(*lines: str) -> Table:
    """A table from lines of CSV whose first line has the names."""
    return find_table(read_bytes(csv_text(*lines)), header_line=1)


def mapping(**columns: str | ColumnRule) -> Mapping:
    """A mapping with id and name; other fields by the name of their column."""
    rules = {"external_id": "ID", "name": "Name"} | columns
    return Mapping(
        "test",
        "Test",
        {key: rule if isinstance(rule, ColumnRule) else ColumnRule((rule,)) for key, rule in rules.items()},
    )


def rows(lines: Sequence[str], own: Mapping) -> tuple[InterpretedRow, ...]:
    return interpret(table(*lines), own).rows


def row(header: str, cells: str, own: Mapping) -> InterpretedRow:
    """The one row of a table whose first columns are ID and Name."""
    return rows([f"ID,Name,{header}", f"P1,Bridge,{cells}"], own)[0]
