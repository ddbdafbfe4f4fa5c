"""Commands say what they do, answer scripts in JSON alone, and end with a code that means something."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from quarterdeck.core.errors import Refused
from quarterdeck.site import cli, config, embedded, health
from quarterdeck.site.cli import database, exits
from quarterdeck.site.embedded.cluster import Cluster
from quarterdeck.site.tests.running import alone_in, eventually, facts, quarterdeck


def test_help_is_quick_and_names_every_command(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = quarterdeck(tmp_path, "--help")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert done.returncode == exits.DONE
    assert took < 0.5
    for name, entry in cli.ENTRIES.items():
        assert name in done.stdout
        assert entry.summary.split()[0] in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_founding_again_changes_nothing_and_prints_another_link(founded: Path) -> None:
    done = quarterdeck(founded, "init", "--json", "--organisation", "Other", "--admin-email", "other@example.org")

    found = facts(done)
    assert done.returncode == exits.DONE
    assert {**found, "sign_in_link": ""} == {
        "created": False,
        "organisation": "Aster",
        "administrator": "ada@example.org",
        "sign_in_link": "",
    }
    assert re.fullmatch(r"http://localhost:8000/\S+", found["sign_in_link"])
    assert not Cluster(founded).is_running()


def test_a_command_joins_a_database_that_runs_and_leaves_it_running(founded: Path) -> None:
    with embedded.server(config.read({"QUARTERDECK_DATA": str(founded)})) as urls:
        done = quarterdeck(founded, "sign-in-link")
        assert done.returncode == exits.DONE
        assert done.stdout.startswith("http://localhost:8000/")
        psycopg.connect(urls.app).close()


def test_a_command_that_is_asked_to_end_stops_what_it_started(founded: Path) -> None:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "quarterdeck",
            "manage",
            "shell",
            "-c",
            "import time; print(1, flush=True); time.sleep(60)",
        ],
        env=alone_in(founded),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    assert Cluster(founded).is_running()

    process.send_signal(signal.SIGTERM)

    assert process.wait(10) == exits.TERMINATED
    assert eventually(lambda: not Cluster(founded).is_running())


def test_the_ledger_of_a_new_organisation_holds(founded: Path) -> None:
    done = quarterdeck(founded, "ledger", "verify", "--json")

    assert done.returncode == exits.DONE
    assert facts(done)["problems"] == []
    assert facts(done)["entries"] > 0


def test_an_export_of_the_ledger_is_json_lines(founded: Path, tmp_path: Path) -> None:
    done = quarterdeck(founded, "ledger", "export", str(tmp_path / "ledger.jsonl"))

    assert done.returncode == exits.DONE
    first = json.loads((tmp_path / "ledger.jsonl").read_text().splitlines()[0])
    assert first["stream"] == "organisation"
    assert first["seq"] == 1


def test_a_refusal_is_json_for_scripts(founded: Path) -> None:
    done = quarterdeck(founded, "sign-in-link", "nobody@example.org", "--json")

    assert done.returncode == exits.REFUSED
    assert facts(done) == {
        "error": {"code": "no_account", "message": "Nobody signs in as nobody@example.org.", "fields": {}}
    }


def test_a_refusal_is_a_sentence_for_people(tmp_path: Path) -> None:
    done = quarterdeck(tmp_path, "init", QUARTERDECK_PORT="eighty")

    assert (done.returncode, done.stdout) == (exits.CONFIGURATION, "")
    assert done.stderr == "QUARTERDECK_PORT is “eighty”, but a whole number from 0 to 65535 is needed.\n"


def test_a_wrong_command_line_is_its_own_code(tmp_path: Path) -> None:
    assert quarterdeck(tmp_path, "upp").returncode == exits.USAGE
    assert quarterdeck(tmp_path, "up", "--port", "eighty").returncode == exits.USAGE


def test_wrong_settings_are_all_named_and_nothing_starts(tmp_path: Path) -> None:
    done = quarterdeck(tmp_path, "init", "--json", QUARTERDECK_PORT="eighty", QUARTERDECK_DEBUG="maybe")

    assert done.returncode == exits.CONFIGURATION
    error = facts(done)["error"]
    assert error["code"] == "configuration"
    assert "QUARTERDECK_PORT" in error["message"]
    assert "QUARTERDECK_DEBUG" in error["message"]
    assert list(tmp_path.iterdir()) == []


def test_a_fit_installation_is_found_fit(founded: Path) -> None:
    done = quarterdeck(founded, "check", "--json")

    assert (done.returncode, facts(done)) == (exits.DONE, {"ok": True, "problems": [], "notes": []})


def test_everything_unfit_is_said_at_once(founded: Path) -> None:
    done = quarterdeck(founded, "check", "--json", QUARTERDECK_SECRET_KEY="short", QUARTERDECK_HOSTS="*")

    assert done.returncode == exits.REFUSED
    assert [each["code"] for each in facts(done)["problems"]] == ["short_secret", "known_secret", "any_host"]


@pytest.mark.parametrize(
    ("command", "unfit"), [("up", {"QUARTERDECK_SECRET_KEY": "short"}), ("web", {"QUARTERDECK_HOSTS": "*"})]
)
def test_nothing_unfit_is_served(tmp_path: Path, command: str, unfit: dict[str, str]) -> None:
    done = quarterdeck(tmp_path, command, **unfit)

    assert done.returncode == exits.CONFIGURATION
    assert not (tmp_path / "postgres").exists()


def test_the_web_is_not_served_from_a_database_that_may_lose_what_it_confirmed(tmp_path: Path) -> None:
    url = os.environ["QUARTERDECK_DATABASE_URL"]

    done = quarterdeck(tmp_path, "web", QUARTERDECK_DATABASE_URL=url, QUARTERDECK_PORT="0")

    assert done.returncode == exits.CONFIGURATION
    assert "The database has fsync off" in done.stderr


def test_an_operators_database_migrated_by_its_owner_is_fit_for_the_applications_role(tmp_path: Path) -> None:
    """The suite's own database was made so: `quarterdeck migrate` with the owner's address, before any test."""
    url = os.environ["QUARTERDECK_DATABASE_URL"]

    done = quarterdeck(tmp_path, "check", "--json", QUARTERDECK_DATABASE_URL=url, QUARTERDECK_DEMO="on")

    said = facts(done)
    assert (said["ok"], said["problems"]) == (True, [])
    assert [each.partition(" ")[0] for each in said["notes"]] == [
        "QUARTERDECK_SECRET_KEY",
        "QUARTERDECK_BASE_URL",
        "QUARTERDECK_MAIL_URL",
    ]


def test_an_operators_database_that_lags_behind_is_not_migrated_unasked(
    committed: str, owner: psycopg.Connection[Any]
) -> None:
    health.CAUGHT_UP.clear()
    owner.execute("DELETE FROM django_migrations WHERE app = 'exchange'")

    with pytest.raises(Refused, match="Run `quarterdeck migrate` first"):
        database.catch_up(migrates=False)
