"""`quarterdeck import`."""

import click

from quarterdeck.site.cli.lazy import Entry, Lazy

ENTRIES = {
    "register": Entry(
        "quarterdeck.site.cli.import_register", "A portfolio register: CSV or XLSX, a row a project.", django=True
    )
}


@click.group("import", cls=Lazy, entries=ENTRIES)
def command() -> None:
    """Bring in files you already have."""
