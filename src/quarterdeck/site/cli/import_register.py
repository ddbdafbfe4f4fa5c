"""`quarterdeck import register`."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from django.utils import timezone

from quarterdeck.exchange import services
from quarterdeck.site.cli import exits
from quarterdeck.site.cli.acting import actor_of, as_email
from quarterdeck.site.cli.database import database
from quarterdeck.site.cli.options import as_json

SHOWN = 20  # problems a person reads at once; JSON lists all


@click.command("register")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mapping", metavar="NAME", required=True, help="How columns are read: gmpp-2022, gmpp-2023, generic…")
@click.option("--portfolio", metavar="REF", required=True, help="Where the projects go; made when it does not exist.")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day it tells of; otherwise that of mapping or file name."
)
@click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")
@as_email
@as_json
@click.pass_context
def command(
    ctx: click.Context,
    file: Path,
    mapping: str,
    portfolio: str,
    as_of: datetime | None,
    dry_run: bool,
    as_email: str,
    as_json: bool,
) -> None:
    """
    Import the portfolio register FILE.

    All rows go in together or not at all; rows that cannot be read are listed with their line and left out.
    Importing again updates projects by their id and keeps what they were before.
    """
    with database():
        report = services.import_register_file(
            actor_of(as_email),
            file,
            mapping=mapping,
            portfolio=portfolio,
            as_of=as_of.date() if as_of else None,
            dry_run=dry_run,
            now=timezone.now(),
        )
        facts: dict[str, Any] = report.as_json()
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        tell(facts, dry_run=dry_run)
    ctx.exit(exits.REFUSED if facts["refused"] else exits.DONE)


def place(problem: dict[str, Any]) -> str:
    """Where a problem is: line and column, as far as it has them."""
    line = f"Line {problem['line']}" if problem["line"] else "The whole file"
    return f"{line}, {problem['column']}" if problem["column"] else line


def tell(facts: dict[str, Any], *, dry_run: bool) -> None:
    counts = ", ".join(f"{facts[each]} {each}" for each in ("created", "updated", "unchanged", "refused"))
    rows = "1 row" if facts["rows"] == 1 else f"{facts['rows']} rows"
    click.echo(f"{rows}{' would be' if dry_run else ''}: {counts}.")
    if facts["unmapped_columns"]:
        click.echo(f"Kept with each row as it came: {', '.join(facts['unmapped_columns'])}.")
    for problem in facts["problems"][:SHOWN]:
        click.echo(f"{place(problem)}: {problem['message']}")
    if len(facts["problems"]) > SHOWN:
        click.echo(f"… and {len(facts['problems']) - SHOWN} more; --json lists all.")
