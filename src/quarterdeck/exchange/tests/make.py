"""Builders for tests about imports."""

from datetime import date, datetime
from pathlib import Path

from django.db import connection

from quarterdeck.core.access import Actor
from quarterdeck.core.tests import make as core
from quarterdeck.exchange import services
from quarterdeck.exchange.models import Import
from quarterdeck.exchange.tabular.tests.make import AUSTRALIA, FEDERAL, GMPP_2022, GMPP_2023, MELBOURNE, REAL_DATA
from quarterdeck.projects.models import Portfolio

__all__ = ["AUSTRALIA", "FEDERAL", "GMPP_2022", "GMPP_2023", "MELBOURNE", "REAL_DATA"]

MONDAY = core.MONDAY
MARCH_25, SEPTEMBER_25, MARCH_26 = date(2025, 3, 31), date(2025, 9, 30), date(2026, 3, 31)
HEADER = "Project ID,Project Name,Department,RAG,Finish,Whole life cost (€m),Note"


def register(*lines: str, header: str = HEADER) -> bytes:
    """A register as CSV."""
    return "\n".join((header, *lines)).encode()


TWO = register("A1,Bridge,Roads,Green,2027-03-31,10,first", "A2,Tunnel,Roads,Amber,2028-03-31,20,second")


def uploaded(
    content: bytes = TWO,
    by: Actor | None = None,
    into: Portfolio | None = None,
    as_of: date = MARCH_25,
    now: datetime = MONDAY,
    name: str = "register.csv",
) -> Import:
    """An import whose file is read; it makes the portfolio ROADS where none is given."""
    return services.upload(
        by or core.admin(),
        file_name=name,
        content=content,
        portfolio=into,
        new_name="" if into else "Roads",
        new_ref="" if into else "ROADS",
        new_currency="" if into else "EUR",
        as_of=as_of,
        now=now,
    )


def previewed(content: bytes = TWO, by: Actor | None = None, **more: object) -> Import:
    """An import that waits for a decision."""
    actor = by or core.admin()
    found = uploaded(content, actor, **more)  # type: ignore[arg-type]
    mapping, called = services.mapping_of(found), found.mapping_name
    services.map_columns(actor, found, mapping, as_of=found.as_of or MARCH_25, called=called, now=MONDAY)
    services.start_preview(actor, found, now=MONDAY)
    return services.preview(actor, found, now=MONDAY)


def imported(content: bytes = TWO, by: Actor | None = None, **more: object) -> Import:
    """An import that is done."""
    actor = by or core.admin()
    found = previewed(content, actor, **more)
    return services.import_all(actor, found, expected=found.digest, now=MONDAY)


def outcomes(found: Import) -> dict[str, str]:
    """External id to outcome."""
    return dict(found.rows.values_list("external_id", "outcome"))


def everything() -> dict[str, int]:
    """How many rows each table has."""
    with connection.cursor() as cursor:
        tables = sorted(connection.introspection.table_names(cursor))
        found = {}
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    return found


def file(folder: Path, content: bytes, name: str = "register.csv") -> Path:
    """A file of that content."""
    path = folder / name
    path.write_bytes(content)
    return path
