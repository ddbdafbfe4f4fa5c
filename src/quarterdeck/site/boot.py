"""What must be true before anybody is served. Everything wrong is said at once, a sentence each."""

import ipaddress
import logging
from collections.abc import Collection
from typing import Any, Protocol
from urllib.parse import urlsplit

import psycopg

from quarterdeck.site.config import LOOPBACK, Config
from quarterdeck.site.problems import NotFitError, Problem

log = logging.getLogger(__name__)
SHORTEST_SECRET = 50  # characters
OLDEST_SERVER = 150_000  # PostgreSQL 15, as server_version_num
KNOWN_SECRETS = ("django-insecure", "changeme", "change-me", "change_me", "secret-key", "secret_key", "secretkey")
LIMITS = ("statement_timeout", "lock_timeout")
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
KEPT_FOR_GOOD = """
    SELECT format('%I.%I', namespace.nspname, class.relname), pg_has_role(class.relowner, 'USAGE')
    FROM pg_class class JOIN pg_namespace namespace ON namespace.oid = class.relnamespace
    WHERE class.relkind IN ('r', 'p') AND namespace.nspname = 'public'
      AND (class.relname = 'core_ledgerentry' OR EXISTS (
            SELECT 1 FROM pg_attribute column_ WHERE column_.attrelid = class.oid AND column_.attname = 'pgh_id'))
    ORDER BY 1
"""


class Cursor(Protocol):
    """Django's or psycopg's."""

    def execute(self, query: Any, params: Any = None, /) -> Any: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> Any: ...


def configuration_problems(config: Config) -> list[Problem]:
    """Judged on the settings alone."""
    problems = []
    if len(config.secret_key) < SHORTEST_SECRET:
        problems.append(
            Problem(
                "short_secret",
                f"QUARTERDECK_SECRET_KEY has {len(config.secret_key)} characters; {SHORTEST_SECRET} are needed.",
            )
        )
    plain = config.secret_key.lower()
    if len(set(plain)) < 10 or any(known in plain for known in KNOWN_SECRETS):
        problems.append(
            Problem("known_secret", "QUARTERDECK_SECRET_KEY is easy to guess; use a long random text, or leave it out.")
        )
    if config.debug and (config.production or not is_loopback(config.host)):
        problems.append(
            Problem(
                "debug", "QUARTERDECK_DEBUG is on where other people can reach it: error pages would show the source."
            )
        )
    if any(name in ("*", ".") for name in config.hosts):
        problems.append(
            Problem("any_host", "QUARTERDECK_HOSTS accepts every host name. Name those people really type.")
        )
    url = urlsplit(config.base_url)
    if url.scheme == "http" and not is_loopback(url.hostname or "") and not config.demo_flag:
        problems.append(
            Problem(
                "plain_http",
                f"QUARTERDECK_BASE_URL is {config.base_url}: passwords would travel unencrypted. "
                "Put a proxy with https in front and name its address.",
            )
        )
    return problems


def advice(config: Config, given: Collection[str]) -> list[str]:
    """What an installation that others rely on should set, a sentence each. given: the variables that are set."""
    if not config.production:
        return []
    found = []
    if config.database_url and "QUARTERDECK_SECRET_KEY" not in given:
        found.append(
            "QUARTERDECK_SECRET_KEY is not set, so each machine makes its own in its data folder. Set the same "
            "everywhere, or a session of one machine is none on the next."
        )
    if is_loopback(urlsplit(config.base_url).hostname or ""):
        found.append(
            f"QUARTERDECK_BASE_URL is {config.base_url}: links in mails lead nowhere for other people, and only this "
            "machine is answered."
        )
    if config.secure and not config.proxies:
        found.append(
            "QUARTERDECK_PROXIES is 0. Behind a proxy that ends https everybody then shares the limits of one network "
            "address; set how many proxies stand in front."
        )
    if not config.mail_url:
        found.append("QUARTERDECK_MAIL_URL is not set: invitations and links to choose a password wait in the outbox.")
    return found


def database_problems(cursor: Cursor, *, demo: bool, pooled: bool = False) -> list[Problem]:
    """
    Judged by asking the database as the application's role.

    pooled : a pooler stands between, so the limits of a session are those of the role.
    """
    problems = []
    for name in LIMITS if pooled else ():
        cursor.execute("SELECT current_setting(%s)", [name])
        if cursor.fetchone() == ("0",):
            problems.append(
                Problem(
                    f"no_{name}",
                    f"Behind a pooler {name} is a setting of the role, and it has none: a query could run or wait "
                    "without end. docs/operate/scale.md has the statements.",
                )
            )
    cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_version')")
    number, version = cursor.fetchone()
    if number < OLDEST_SERVER:
        problems.append(Problem("old_server", f"The database is PostgreSQL {version}; 15 or newer is needed."))
    cursor.execute("SELECT pg_is_in_recovery(), current_setting('transaction_read_only')")
    replica, reads_only = cursor.fetchone()
    if replica or reads_only == "on":
        problems.append(
            Problem(
                "read_only",
                f"The database is {'a replica' if replica else 'set to read only'}: nothing can be written to it, not "
                "even a session. Name the primary in QUARTERDECK_DATABASE_URL.",
            )
        )
    for name in () if demo else DURABLE:
        cursor.execute("SELECT current_setting(%s)", [name])
        (value,) = cursor.fetchone()
        if value == "off":
            problems.append(
                Problem(
                    f"{name}_off",
                    f"The database has {name} off, so what it confirmed can be lost when the machine fails. "
                    "Turn it on, or set QUARTERDECK_DEMO for a demonstration.",
                )
            )
    cursor.execute("SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user")
    role, superuser = cursor.fetchone()
    if superuser:
        problems.append(
            Problem(
                "superuser",
                f"The application connects as {role}, a superuser, who can rewrite the ledger. "
                "Give it a role of its own: docs/operate/production.md has the statements.",
            )
        )
        return problems
    cursor.execute(KEPT_FOR_GOOD)
    kept = cursor.fetchall()
    if any(owns for _, owns in kept):
        problems.append(
            Problem(
                "owner",
                f"The application connects as {role}, who owns the tables and can rewrite the ledger. "
                "Give it a role of its own: docs/operate/production.md has the statements.",
            )
        )
        return problems
    for table, _ in kept:
        cursor.execute(
            "SELECT held FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS held "
            "WHERE has_table_privilege(current_user, %s, held)",
            [table],
        )
        held = [each for (each,) in cursor.fetchall()]
        if held:
            problems.append(
                Problem(
                    "history_open",
                    f"The application's role {role} may {', '.join(held)} in {table}, which is kept for good. "
                    "Run `quarterdeck migrate` as the owner; it takes that right away.",
                )
            )
    return problems


def refuse_unfit_settings(config: Config) -> None:
    problems = configuration_problems(config)
    if problems:
        raise NotFitError(problems)


def refuse_unfit_database(url: str, *, demo: bool, pooled: bool = False) -> None:
    """A database that does not answer is waited for by whoever needs it; one that answers is judged."""
    try:
        with psycopg.connect(url, connect_timeout=5, prepare_threshold=None) as connection:
            problems = database_problems(connection.cursor(), demo=demo, pooled=pooled)
    except psycopg.OperationalError as away:
        log.warning("The database does not answer yet: %s", away)
        return
    if problems:
        raise NotFitError(problems)


def is_loopback(host: str) -> bool:
    if host in LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
