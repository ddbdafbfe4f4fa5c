"""The pages of docs/reference say what the code says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from quarterdeck.core.models import Job
from quarterdeck.core.rights import ALL
from quarterdeck.site import cli, reference
from quarterdeck.site.reference import Recorded, recorded_in

SERVICES = '''
OPENED = "office.door.opened"

def open_door(door):
    """Open a door. It stays open."""
    ledger.record(actor, OPENED, on=door)

def paint(door):
    """
    Paint a door.

    In one colour.
    """
    _note(door, "red")

def _note(door, colour):
    ledger.record(actor, f"office.{door.kind}.painted" if colour else "office.door.stripped", on=door)
'''


def test_an_event_carries_the_first_line_of_the_service_that_records_it() -> None:
    found = list(recorded_in(SERVICES, "office.services"))

    assert found == [
        Recorded("office.door.opened", "office.services.open_door", "Open a door. It stays open."),
        Recorded("office.{kind}.painted", "office.services.paint", "Paint a door."),
        Recorded("office.door.stripped", "office.services.paint", "Paint a door."),
    ]


def test_an_event_whose_name_cannot_be_read_stops_the_page() -> None:
    source = "def act(name):\n    ledger.record(actor, name, on=None)\n"

    with pytest.raises(ValueError, match=r"office\.services, line 2: the name of the event, name, cannot be read"):
        list(recorded_in(source, "office.services"))


def test_the_page_of_events_holds_those_of_every_domain() -> None:
    page = reference.events()

    assert [line[3:] for line in page.splitlines() if line.startswith("## ")] == [
        "core",
        "exchange",
        "projects",
        "site",
    ]
    assert (
        "| `projects.project.added` | `quarterdeck.projects.services.projects.add_project` | "
        "Make a project in a portfolio, with the next reference of the portfolio's series. |"
    ) in page


def test_the_page_of_rights_holds_every_right_and_who_carries_it() -> None:
    page = reference.rights()

    assert [code for code in ALL if f"| `{code}` | {ALL[code].label} |" not in page] == []
    assert "| `core.see_ledger` | Read and export the ledger | Administrator, PMO lead, Auditor |" in page
    assert (
        "| Project manager | `project_manager` | Leads a project day to day. | "
        "`core.attach`, `core.comment`, `core.see_organisation`, "
        "`projects.change_project`, `projects.see_project` | yes |"
    ) in page


def test_the_diagram_of_a_state_has_its_start_its_moves_and_its_ends() -> None:
    lines = reference.moves_of(Job, Job.MOVES)

    assert "| `waiting` | start → `running`, fail → `failed` |" in lines
    assert lines[lines.index("```mermaid") :] == [
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> waiting",
        "    waiting --> running: start",
        "    running --> running: start",
        "    running --> done: finish",
        "    running --> failed: fail",
        "    waiting --> failed: fail",
        "    done --> [*]",
        "    failed --> [*]",
        "```",
    ]


def test_every_command_has_its_help_and_nothing_becomes_the_owner_of_the_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("QUARTERDECK_AS_OWNER", raising=False)

    page = reference.commands()

    heads = [line[3:] for line in page.splitlines() if line.startswith("## ")]
    assert heads[0] == "quarterdeck"
    assert {f"quarterdeck {name}" for name in cli.ENTRIES} <= set(heads)
    assert {"quarterdeck import register", "quarterdeck ledger verify"} <= set(heads)
    assert "Usage: quarterdeck ledger anchor [OPTIONS]" in page
    assert "QUARTERDECK_AS_OWNER" not in os.environ


def test_it_needs_neither_database_nor_data_folder_and_is_the_same_each_time(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("QUARTERDECK_", "DJANGO_"))}

    done = subprocess.run(
        [sys.executable, "-m", "quarterdeck.site.reference", str(tmp_path / "alone")],
        env=bare | {"TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        check=False,
    )
    reference.write(tmp_path / "here")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(temporary.iterdir()) == []
    pages = {path.name for path in (tmp_path / "here").iterdir()}
    assert pages == {"settings.md", "rights.md", "events.md", "moves.md", "commands.md", "api.md"}
    assert [
        name for name in pages if (tmp_path / "alone" / name).read_text() != (tmp_path / "here" / name).read_text()
    ] == []


def test_it_asks_for_a_folder() -> None:
    assert reference.main([]) == 2
