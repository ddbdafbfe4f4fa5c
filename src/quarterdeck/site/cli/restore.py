"""`quarterdeck restore`."""

import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import psycopg
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader

from quarterdeck.core.errors import Refused
from quarterdeck.site import backups, boot, embedded
from quarterdeck.site import config as configuration
from quarterdeck.site.backups.taking import key_digest
from quarterdeck.site.cli import exits
from quarterdeck.site.cli.backing import Progress, anchors, as_passphrase_file, asked_for, ends, facts_of, passphrase_of
from quarterdeck.site.cli.options import as_json
from quarterdeck.site.config import Config

# Another place has others of these, and the secret key is spoken of by itself.
OF_THE_PLACE = ("secret_key", "data_folder", "host", "port", "database_url", "owner_database_url")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--anchor",
    "anchor_files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The ledger must hold this anchor, which was kept elsewhere. May be repeated.",
)
@as_passphrase_file
@as_json
@click.pass_context
def command(
    ctx: click.Context, file: Path, anchor_files: tuple[Path, ...], passphrase_file: Path | None, as_json: bool
) -> None:
    """
    Bring the backup FILE into an empty installation, and compare it with the moment it was taken.

    All of it comes in, or nothing does. A backup of an older release is migrated afterwards.
    """
    began = time.monotonic()
    progress = Progress()
    passphrase = asked_for(file, passphrase_of(passphrase_file))
    checked = backups.check(file, passphrase=passphrase, anchors=anchors(anchor_files), tell=progress.tell)
    config = configuration.load()
    with embedded.server(config) as urls:
        restored = fill(checked, config, urls.owner, passphrase, progress)
        notes = follow_up(config, urls.owner, checked, restored) if restored.kept else []
    problems = [
        *(f"{name} is not what the snapshot had; nothing was restored." for name in restored.different),
        *checked.ledger_problems,
    ]
    facts = facts_of(checked) | {
        "into": str(config.data_folder) if config.embedded else "QUARTERDECK_DATABASE_URL",
        "seconds": round(time.monotonic() - began, 2),
        "restored_anchor": restored.anchor,
        "same_anchor": restored.anchor == checked.manifest.anchor,
        "different_tables": list(restored.different),
        "problems": problems,
        "notes": notes,
    }
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        tell(facts)
    ctx.exit(exits.REFUSED if problems else exits.DONE)


def fill(checked: backups.Checked, config: Config, url: str, passphrase: str, progress: Progress) -> backups.Restored:
    try:
        return backups.restore(
            checked,
            url,
            passphrase=passphrase,
            known=list(MigrationLoader(None).disk_migrations),
            before_commit=lambda secret_key: keep_key(config, secret_key),
            tell=progress.tell,
        )
    except psycopg.Error as wrong:
        raise Refused(
            "database", f"The database refuses the backup, and holds nothing of it: {str(wrong).strip()}"
        ) from wrong


def keep_key(config: Config, secret_key: str) -> None:
    """In the data folder, where every process without QUARTERDECK_SECRET_KEY finds it."""
    if not secret_key or os.environ.get(configuration.env_of("secret_key"), "").strip():
        return
    path = config.data_folder / "secret_key"
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    configuration.keep_secret(new, lambda: secret_key)
    new.replace(path)


def follow_up(config: Config, owner: str, checked: backups.Checked, restored: backups.Restored) -> list[str]:
    """Tables of this release, the rights of the application's role, and what the operator should know."""
    backups.analyse(owner)
    connections.close_all()
    done = subprocess.run([sys.executable, "-m", "quarterdeck", "migrate"], capture_output=True, text=True, check=False)
    if done.returncode:
        click.echo(done.stderr, err=True)
        raise Refused(
            "not_migrated",
            "Everything was restored, but the database could not be brought up to this release; the lines above say "
            "why. Run `quarterdeck migrate` once that is put right.",
        )
    with connection.cursor() as cursor:
        notes = [problem.message for problem in boot.database_problems(cursor, demo=config.demo_flag)]
    connections.close_all()
    used = os.environ.get(configuration.env_of("secret_key"), "").strip() or restored.secret_key or config.secret_key
    if key_digest(used) != checked.manifest.secret_key_sha256:
        notes.append("The secret key is another one than the backup's, so people sign in again and links end.")
    expected = checked.manifest.settings.keys() - {configuration.env_of(name) for name in OF_THE_PLACE}
    missing = sorted(expected - configuration.in_force(os.environ).keys())
    if missing:
        notes.append(f"Set when the backup was taken and not here: {', '.join(missing)}.")
    return notes


def tell(facts: dict[str, Any]) -> None:
    if not facts["different_tables"]:
        click.echo(
            f"{facts['rows']:,} rows of {facts['tables']} tables are back in {facts['seconds']:.1f} s, "
            "each table as it was."
        )
    for word, anchor in (("Backup", facts["anchor"]), ("Restored", facts["restored_anchor"])):
        for line in ends(anchor):
            click.echo(f"{word}: {line}")
    for line in (*facts["problems"], *facts["notes"]):
        click.echo(line)
    if not facts["problems"]:
        click.echo("The ledger's anchor is the same and its chains hold. `quarterdeck sign-in-link` lets you in.")
