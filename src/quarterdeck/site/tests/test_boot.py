"""Nobody is served with settings or a database that could fail them."""

import dataclasses
import os
from pathlib import Path
from typing import Any

import psycopg
import pytest

from quarterdeck.site import boot
from quarterdeck.site.config import Config
from quarterdeck.site.problems import NotFitError

FIT = Config(
    data_folder=Path("/nowhere"),
    secret_key="Zk3vQ9xT7mB2nW8pL5rD1yH6cJ4sF0gA-uE_iOaKqXzVtRwNbMhGy",
    base_url="https://pmo.example.org",
    hosts=("pmo.example.org",),
)


def codes(**changes: Any) -> list[str]:
    return [problem.code for problem in boot.configuration_problems(dataclasses.replace(FIT, **changes))]


def test_fit_settings_have_no_problem() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret_key": FIT.secret_key[:49]}, "short_secret"),
        ({"secret_key": "django-insecure-" + FIT.secret_key}, "known_secret"),
        ({"secret_key": "a" * 60}, "known_secret"),
        ({"debug": True}, "debug"),
        ({"hosts": ("*",)}, "any_host"),
        ({"hosts": ("pmo.example.org", "*")}, "any_host"),
        ({"base_url": "http://pmo.example.org"}, "plain_http"),
    ],
)
def test_each_danger_is_named(changes: dict[str, Any], code: str) -> None:
    assert codes(**changes) == [code]


def test_every_danger_is_named_at_once() -> None:
    assert codes(secret_key="short", debug=True, hosts=("*",)) == ["short_secret", "known_secret", "debug", "any_host"]


def test_a_developer_may_debug_on_their_own_machine_only() -> None:
    own = {"base_url": "http://localhost:8000", "debug": True}

    assert codes(**own) == []
    assert codes(**own, host="0.0.0.0") == ["debug"]
    assert codes(**own, database_url="postgresql://a:b@db/c") == ["debug"]


GIVEN = {"QUARTERDECK_SECRET_KEY"}


def test_an_installation_that_others_rely_on_is_told_what_it_should_set() -> None:
    database = "postgresql://a:b@db/c"
    whole = dataclasses.replace(FIT, database_url=database, proxies=1, mail_url="smtp://mail.example.org")

    def told(given: set[str] = GIVEN, **changes: Any) -> list[str]:
        return [each.partition(" ")[0] for each in boot.advice(dataclasses.replace(whole, **changes), given)]

    assert told() == []
    assert told(set()) == ["QUARTERDECK_SECRET_KEY"]
    assert told(base_url="http://localhost:8000") == ["QUARTERDECK_BASE_URL"]
    assert told(proxies=0) == ["QUARTERDECK_PROXIES"]
    assert told(mail_url="") == ["QUARTERDECK_MAIL_URL"]
    assert told(set(), database_url="", base_url="http://localhost:8000", mail_url="") == []


def test_a_secret_is_never_part_of_the_sentence() -> None:
    with pytest.raises(NotFitError) as refused:
        boot.refuse_unfit_settings(dataclasses.replace(FIT, secret_key="changeme-hunter2"))

    assert "hunter2" not in str(refused.value)


def database_codes(url: str, *, demo: bool = False) -> list[str]:
    with psycopg.connect(url) as connection:
        return [problem.code for problem in boot.database_problems(connection.cursor(), demo=demo)]


def test_a_database_that_may_lose_what_it_confirmed_is_refused_unless_it_is_a_demonstration() -> None:
    hurried = os.environ["QUARTERDECK_DATABASE_URL"]

    assert database_codes(hurried) == ["fsync_off", "synchronous_commit_off", "full_page_writes_off"]
    assert database_codes(hurried, demo=True) == []


def test_the_owner_of_the_ledger_is_refused_as_the_applications_role() -> None:
    assert database_codes(os.environ["QUARTERDECK_OWNER_DATABASE_URL"], demo=True) == ["owner"]


def test_a_right_to_change_the_ledger_is_found(committed: str, owner: psycopg.Connection[Any]) -> None:
    owner.execute("GRANT UPDATE, TRUNCATE ON core_ledgerentry TO quarterdeck_app")

    with psycopg.connect(os.environ["QUARTERDECK_DATABASE_URL"]) as connection:
        problems = boot.database_problems(connection.cursor(), demo=True)

    assert [problem.message for problem in problems] == [
        "The application's role quarterdeck_app may UPDATE, TRUNCATE in public.core_ledgerentry, which is kept for "
        "good. Run `quarterdeck migrate` as the owner; it takes that right away."
    ]


def test_a_right_to_change_history_is_found(committed: str, owner: psycopg.Connection[Any]) -> None:
    row = owner.execute(boot.KEPT_FOR_GOOD).fetchall()
    versions = [table for table, _ in row if table != "public.core_ledgerentry"]
    assert versions

    owner.execute(f"GRANT DELETE ON {versions[0]} TO quarterdeck_app")

    assert database_codes(os.environ["QUARTERDECK_DATABASE_URL"], demo=True) == ["history_open"]


def test_a_database_that_does_not_answer_yet_is_waited_for() -> None:
    boot.refuse_unfit_database("postgresql://a:b@/c?host=%2Fnowhere", demo=False)
