"""What a backup says of itself."""

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from quarterdeck.core.errors import Refused
from quarterdeck.site.backups.tables import Content

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    release: str
    taken_at: datetime
    server: str
    schema_source: str
    schema_sha256: str  # of the statements before and after the rows, one after the other
    anchor: dict[str, Any]
    migrations: tuple[tuple[str, str], ...]
    tables: dict[str, Content]
    sequences: dict[str, tuple[int, bool]]
    settings: dict[str, str]  # by variable; of those that can hold a password only that they were set
    secret_key_sha256: str  # tells whether another key is the same; the key itself lies beside this

    @property
    def rows(self) -> int:
        return sum(content.rows for content in self.tables.values())

    @property
    def size(self) -> int:
        """Bytes of the rows' text."""
        return sum(content.size for content in self.tables.values())

    @property
    def heads(self) -> dict[str, tuple[int, str]]:
        return {head["stream"]: (head["seq"], head["hash"]) for head in self.anchor["heads"]}

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {
            "format": FORMAT,
            "taken_at": self.taken_at.isoformat(),
        }


def about(release: str, taken_at: datetime) -> dict[str, Any]:
    return {"format": FORMAT, "release": release, "taken_at": taken_at.isoformat()}


def read(said: dict[str, Any]) -> Manifest:
    known = {name: said[name] for name in Manifest.__slots__}
    return Manifest(
        **known
        | {
            "taken_at": datetime.fromisoformat(said["taken_at"]),
            "migrations": tuple((app, name) for app, name in said["migrations"]),
            "tables": {
                name: Content(content["rows"], content["size"], content["sha256"])
                for name, content in said["tables"].items()
            },
            "sequences": {name: (last, called) for name, (last, called) in said["sequences"].items()},
        }
    )


def this_release() -> str:
    return version("quarterdeck")


def refuse_newer(said: dict[str, Any]) -> None:
    """Judged by what the file says first, before it is opened."""
    release = str(said.get("release", ""))
    if said.get("format") != FORMAT or numbers(release) > numbers(this_release()):
        raise newer(release)


def newer(release: str) -> Refused:
    return Refused(
        "newer_backup",
        f"The backup was made by Quarterdeck {release}, and this is {this_release()}, which is older than its tables. "
        f"Restore it with {release} or a later one.",
    )


def numbers(release: str) -> list[int]:
    """0.10.0 is later than 0.9.0."""
    return [int(each) for each in re.findall(r"\d+", release.partition("+")[0])]
