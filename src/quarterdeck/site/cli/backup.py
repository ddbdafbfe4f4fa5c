"""`quarterdeck backup`."""

import json
import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click
import psycopg

from quarterdeck.core.errors import Refused
from quarterdeck.site import backups, embedded
from quarterdeck.site import config as configuration
from quarterdeck.site.cli import exits
from quarterdeck.site.cli.backing import (
    Progress,
    anchors,
    as_passphrase_file,
    asked_for,
    facts_of,
    lines_of,
    passphrase_of,
)
from quarterdeck.site.cli.options import as_json

OPEN_FILE = (
    "Everybody's data and the secret key lie open in it: keep it as closed as the data folder, or give a passphrase."
)


@click.command("backup")
@click.argument("file", required=False, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--check", "checks", is_flag=True, help="Check FILE instead: every byte, every row, the ledger.")
@click.option(
    "--anchor",
    "anchor_files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --check: the ledger must hold this anchor, which was kept elsewhere. May be repeated.",
)
@as_passphrase_file
@click.option("--without-secret-key", is_flag=True, help="Leave out the key that signs sessions and links.")
@as_json
@click.pass_context
def command(
    ctx: click.Context,
    file: Path | None,
    checks: bool,
    anchor_files: tuple[Path, ...],
    passphrase_file: Path | None,
    without_secret_key: bool,
    as_json: bool,
) -> None:
    """
    Write everything into one FILE, while people work; - is standard output.

    Without FILE its name is the moment it is taken. `quarterdeck restore` brings it back.
    """
    passphrase = passphrase_of(passphrase_file)
    if checks:
        if file is None or not file.is_file():
            raise click.UsageError("Name the file to check.")
        passphrase = asked_for(file, passphrase)
        found = backups.check(file, passphrase=passphrase, anchors=anchors(anchor_files), tell=Progress().tell)
        facts = facts_of(found) | {"ok": not found.ledger_problems, "problems": list(found.ledger_problems)}
        say(facts, [*lines_of(found), *found.ledger_problems], as_json=as_json)
        ctx.exit(exits.REFUSED if found.ledger_problems else exits.DONE)
    if anchor_files:
        raise click.UsageError("--anchor goes with --check.")
    facts = take(file, passphrase, keeps_secret_key=not without_secret_key)
    say(facts, told(facts), as_json=as_json, to_error=str(file) == "-")


def take(file: Path | None, passphrase: str, *, keeps_secret_key: bool) -> dict[str, Any]:
    began = time.monotonic()
    config = configuration.load()
    target = file or Path(f"quarterdeck-{datetime.now(UTC):%Y-%m-%d-%H%M%S}.backup")
    beside = backups.Beside(config.secret_key, configuration.in_force(os.environ), keeps_secret_key=keeps_secret_key)
    with written(target) as out, embedded.server(config) as urls:
        try:
            taken = backups.take(urls.owner, out, beside=beside, passphrase=passphrase, tell=Progress().tell)
        except psycopg.Error as wrong:
            raise Refused("database", f"The database refuses to be backed up: {str(wrong).strip()}") from wrong
    return {
        "file": str(target),
        "bytes": taken.size,
        "sha256": taken.sha256,
        "seconds": round(time.monotonic() - began, 2),
        "release": taken.manifest.release,
        "taken_at": taken.manifest.taken_at.isoformat(),
        "tables": len(taken.manifest.tables),
        "rows": taken.manifest.rows,
        "data_bytes": taken.manifest.size,
        "anchor": taken.manifest.anchor,
        "encrypted": bool(passphrase),
        "secret_key": keeps_secret_key,
    }


def told(facts: dict[str, Any]) -> list[str]:
    lines = [
        f"{facts['file']}: {facts['rows']:,} rows of {facts['tables']} tables in {facts['bytes'] / 1e6:,.1f} MB, "
        f"{facts['seconds']:.1f} s.",
        *(f"The ledger ends at {head['stream']} {head['seq']} {head['hash']}." for head in facts["anchor"]["heads"]),
    ]
    if not facts["secret_key"]:
        lines.append("The secret key is not in it; keep that elsewhere.")
    if not facts["encrypted"]:
        lines.append(OPEN_FILE)
    return lines


@contextmanager
def written(target: Path) -> Iterator[BinaryIO]:
    """The file appears under its name once it is complete and on disk. One that exists is never written over."""
    if str(target) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if target.exists():
        raise Refused("exists", f"{target} is there already; a backup is never written over another file.")
    new = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        os.link(new, target)
    except FileExistsError:
        raise Refused("exists", f"{target} is there already; a backup is never written over another file.") from None
    except OSError as wrong:
        raise Refused("not_written", f"{target} cannot be written: {wrong.strerror}. Nothing is left of it.") from wrong
    finally:
        with suppress(OSError):
            new.unlink()


def say(facts: dict[str, Any], lines: list[str], *, as_json: bool, to_error: bool = False) -> None:
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False), err=to_error)
    else:
        for line in lines:
            click.echo(line, err=to_error)
