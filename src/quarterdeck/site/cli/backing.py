"""What `backup` and `restore` share."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import click

from quarterdeck.core.errors import Refused
from quarterdeck.site import config as configuration
from quarterdeck.site.backups import Checked
from quarterdeck.site.backups.chain import ANCHOR
from quarterdeck.site.backups.sealed import SHORTEST_PASSPHRASE, is_encrypted

EVERY = 2.0  # seconds between lines of progress; what is done sooner needs none

as_passphrase_file = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Its first line is the passphrase; otherwise QUARTERDECK_BACKUP_PASSPHRASE is.",
)


class Progress:
    """On standard error, for people who wait."""

    def __init__(self) -> None:
        self.told = time.monotonic()

    def tell(self, line: str) -> None:
        now = time.monotonic()
        if now - self.told > EVERY or line.endswith("."):
            self.told = now
            click.echo(line, err=True)


def passphrase_of(file: Path | None) -> str:
    """Empty where none is given. Reads no other setting, so that a file is checked on any machine."""
    if file is not None:
        given = (file.read_text(encoding="utf-8").splitlines() or [""])[0].strip()
        if not given:
            raise Refused("no_passphrase", f"The first line of {file} is empty.")
    else:
        given = os.environ.get(configuration.env_of("backup_passphrase"), "").strip()
    if given and len(given) < SHORTEST_PASSPHRASE:
        raise Refused(
            "short_passphrase", f"The passphrase has {len(given)} characters; {SHORTEST_PASSPHRASE} are needed."
        )
    return given


def asked_for(path: Path, given: str) -> str:
    """The passphrase a person types, where the file needs one and none was given."""
    if given or not is_encrypted(path) or not sys.stdin.isatty():
        return given
    typed: str = click.prompt(f"Passphrase of {path}", hide_input=True, err=True)
    return typed


def anchors(files: tuple[Path, ...]) -> list[dict[str, Any]]:
    found = []
    for file in files:
        try:
            anchor = json.loads(file.read_text(encoding="utf-8"))
            fits = anchor["format"] == ANCHOR and all(
                {"stream", "seq", "hash"} <= head.keys() for head in anchor["heads"]
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            fits = False
        if not fits:
            raise Refused("no_anchor", f"{file} is no anchor; `quarterdeck ledger anchor` prints one.")
        found.append(anchor)
    return found


def facts_of(checked: Checked) -> dict[str, Any]:
    said = checked.manifest
    return {
        "file": str(checked.file.path),
        "bytes": checked.file.size,
        "sha256": checked.file.sha256,
        "release": said.release,
        "taken_at": said.taken_at.isoformat(),
        "tables": len(said.tables),
        "rows": said.rows,
        "data_bytes": said.size,
        "anchor": said.anchor,
        "ledger_entries": checked.entries,
        "encrypted": checked.file.head is not None,
        "secret_key": checked.has_secret_key,
    }


def lines_of(checked: Checked) -> list[str]:
    said = checked.manifest
    return [
        f"{checked.file.path}: {said.rows:,} rows of {len(said.tables)} tables, taken by Quarterdeck {said.release} "
        f"on {said.taken_at:%Y-%m-%d %H:%M:%S} UTC.",
        f"The file is whole, and {checked.entries:,} entries of the ledger were recomputed.",
        *ends(said.anchor),
    ]


def ends(anchor: dict[str, Any]) -> list[str]:
    return [f"The ledger ends at {head['stream']} {head['seq']} {head['hash']}." for head in anchor["heads"]]
