"""Settings are read once and every wrong one is named."""

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import pytest

from quarterdeck.site import config
from quarterdeck.site.config import Config, ConfigError


def read(folder: Path, **environ: str) -> Config:
    return config.read({"QUARTERDECK_DATA": str(folder), **environ})


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    plain = read(tmp_path / "data")

    assert plain.base_url == "http://localhost:8000"
    assert plain.hosts == ("localhost", "127.0.0.1", "[::1]")
    assert (plain.host, plain.port, plain.web_processes, plain.web_threads) == ("127.0.0.1", 8000, 1, 4)
    assert plain.embedded
    assert not plain.production


def test_the_secret_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    first = read(tmp_path / "data")

    assert len(first.secret_key) == 86
    assert read(tmp_path / "data").secret_key == first.secret_key
    assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600


def test_processes_that_start_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as together:
        keys = set(together.map(lambda _: read(tmp_path / "data").secret_key, range(32)))

    assert len(keys) == 1
    assert sorted(each.name for each in (tmp_path / "data").iterdir()) == ["secret_key"]


def test_every_wrong_setting_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        read(
            tmp_path,
            QUARTERDECK_PORT="eighty",
            QUARTERDECK_DEBUG="maybe",
            QUARTERDECK_TIMEZONE="Mars/Olympus",
            QUARTERDECK_DATABASE_URL="mysql://root:hunter2@db/x",
        )

    assert sorted(refused.value.problems) == [
        "QUARTERDECK_DATABASE_URL is set, but an address such as postgresql://role:password@host:5432/database "
        "is needed.",
        "QUARTERDECK_DEBUG is “maybe”, but it can only be on or off.",
        "QUARTERDECK_PORT is “eighty”, but a whole number from 0 to 65535 is needed.",
        "QUARTERDECK_TIMEZONE is “Mars/Olympus”, but no time zone has that name; an example is Europe/London.",
    ]


@pytest.mark.parametrize(
    ("environ", "production"),
    [
        ({}, False),
        ({"QUARTERDECK_DATABASE_URL": "postgresql://a:b@db/c"}, True),
        ({"QUARTERDECK_BASE_URL": "https://pmo.example.org"}, True),
    ],
)
def test_a_database_or_an_https_address_makes_it_production(
    tmp_path: Path, environ: dict[str, str], production: bool
) -> None:
    assert read(tmp_path, **environ).production is production


def test_the_base_address_names_the_only_host(tmp_path: Path) -> None:
    assert read(tmp_path, QUARTERDECK_BASE_URL="https://pmo.example.org/").hosts == ("pmo.example.org",)
    assert read(tmp_path, QUARTERDECK_HOSTS="a.example.org, b.example.org").hosts == ("a.example.org", "b.example.org")


def test_a_mail_address_becomes_djangos_settings(tmp_path: Path) -> None:
    mail = read(tmp_path, QUARTERDECK_MAIL_URL="smtps://me:p%40ss@mail.example.org?from=pmo@example.org").mail

    assert mail == {
        "EMAIL_HOST": "mail.example.org",
        "EMAIL_PORT": 465,
        "EMAIL_HOST_USER": "me",
        "EMAIL_HOST_PASSWORD": "p@ss",
        "EMAIL_USE_SSL": True,
        "EMAIL_USE_TLS": False,
        "EMAIL_TIMEOUT": 20,
        "DEFAULT_FROM_EMAIL": "pmo@example.org",
        "SERVER_EMAIL": "pmo@example.org",
    }


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match="cannot be used: Not a directory"):
        read(tmp_path / "file" / "data")


def test_the_reference_page_names_every_setting() -> None:
    page = subprocess.run(
        [sys.executable, "-m", "quarterdeck.site.config"], capture_output=True, text=True, check=True
    ).stdout

    for field in fields(Config):
        assert f"| `{field.metadata['env']}` |" in page
