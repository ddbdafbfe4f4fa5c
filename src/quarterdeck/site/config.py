"""Every setting an operator has: typed, explained, read once from the environment."""

import os
import re
import secrets
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from platformdirs import user_data_path

# What can hold a password is never shown.
SECRETS = frozenset(
    {"secret_key", "database_url", "owner_database_url", "mail_url", "backup_passphrase", "oidc_client_secret"}
)
TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ConfigError(Exception):
    """Settings with which nothing can start; `problems` holds one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def about(env: str, meaning: str, *, default: str = "") -> dict[str, str]:
    """What the reference page says of a field; `default` in words where it is worked out."""
    return {"env": env, "meaning": meaning, "default": default}


@dataclass(frozen=True, slots=True)
class Config:
    data_folder: Path = field(
        metadata=about(
            "QUARTERDECK_DATA",
            "The folder that holds everything Quarterdeck keeps: the embedded database and the secret key.",
            default="`data` in the checkout, or the user's data folder for an installed package",
        )
    )
    secret_key: str = field(
        metadata=about(
            "QUARTERDECK_SECRET_KEY",
            "Signs sessions and links; at least 50 characters. Every web and worker process uses the same.",
            default="made on the first start and kept in the data folder",
        )
    )
    database_url: str = field(
        default="",
        metadata=about(
            "QUARTERDECK_DATABASE_URL",
            "PostgreSQL 15 or newer, as `postgresql://role:password@host:5432/database`, with the application's own "
            "role, which owns nothing.",
            default="the embedded PostgreSQL in the data folder",
        ),
    )
    owner_database_url: str = field(
        default="",
        metadata=about(
            "QUARTERDECK_OWNER_DATABASE_URL",
            "The same database with the role that owns it. Only `quarterdeck migrate`, `backup` and `restore` use it; "
            "web and worker processes do without.",
            default="the embedded database's owner, or `QUARTERDECK_DATABASE_URL`",
        ),
    )
    database_pool: str = field(
        default="",
        metadata=about(
            "QUARTERDECK_DATABASE_POOL",
            "A number: so many connections at most, shared by the threads of a web process. `external`: a pooler in "
            "transaction mode, such as PgBouncer, stands before the database.",
            default="each thread keeps one connection",
        ),
    )
    base_url: str = field(
        default="http://localhost:8000",
        metadata=about(
            "QUARTERDECK_BASE_URL",
            "The address people type. With https, cookies are secure and browsers are told to stay on https.",
            default="`http://localhost:` and the port",
        ),
    )
    host: str = field(
        default="127.0.0.1",
        metadata=about("QUARTERDECK_HOST", "The network address to listen on; `0.0.0.0` in a container."),
    )
    port: int = field(default=8000, metadata=about("QUARTERDECK_PORT", "The port to listen on; 0 takes a free one."))
    hosts: tuple[str, ...] = field(
        default=(),
        metadata=about(
            "QUARTERDECK_HOSTS",
            "Host names that requests may ask for, separated by commas.",
            default="the host of the base address",
        ),
    )
    debug: bool = field(
        default=False,
        metadata=about("QUARTERDECK_DEBUG", "Error pages with source code, for developers on their own machine."),
    )
    demo_flag: bool = field(
        default=False,
        metadata=about(
            "QUARTERDECK_DEMO",
            "This is a demonstration: a database that may lose the last seconds when the machine fails is accepted.",
        ),
    )
    web_processes: int = field(
        default=1,
        metadata=about(
            "QUARTERDECK_WEB_PROCESSES",
            "Processes that answer requests.",
            default="1 with the embedded database, otherwise 2",
        ),
    )
    web_threads: int = field(
        default=4, metadata=about("QUARTERDECK_WEB_THREADS", "Threads in each of these processes.")
    )
    mail_url: str = field(
        default="",
        metadata=about(
            "QUARTERDECK_MAIL_URL",
            "Where mail goes: `smtp://user:password@host:587` (STARTTLS), `smtps://…:465` (TLS from the first byte), "
            "`smtp://…?tls=off` inside a trusted network; `?from=` names the sender.",
            default="mail waits in the outbox",
        ),
    )
    backup_passphrase: str = field(
        default="",
        metadata=about(
            "QUARTERDECK_BACKUP_PASSPHRASE",
            "Encrypts what `quarterdeck backup` writes and opens it again; at least 12 characters.",
            default="backups are not encrypted",
        ),
    )
    log_format: str = field(
        default="text", metadata=about("QUARTERDECK_LOG_FORMAT", "`text` for people, `json` for machines.")
    )
    languages: tuple[str, ...] = field(
        default=("en",),
        metadata=about("QUARTERDECK_LANGUAGES", "Languages on offer, separated by commas; the first is the default."),
    )
    timezone: str = field(
        default="UTC",
        metadata=about("QUARTERDECK_TIMEZONE", "The time zone in which times are shown, such as `Europe/London`."),
    )
    digest_hour: int = field(
        default=7,
        metadata=about(
            "QUARTERDECK_DIGEST_HOUR",
            "The hour, in that time zone, at which digests of what happened go out by mail; weekly ones on Monday.",
        ),
    )
    proxies: int = field(
        default=0,
        metadata=about(
            "QUARTERDECK_PROXIES",
            "How many proxies of yours stand in front, one behind the other. So many entries of `X-Forwarded-For` are "
            "believed, counted from the right; without it everybody behind a proxy shares the limits of one address.",
        ),
    )
    session_idle_minutes: int = field(
        default=30,
        metadata=about("QUARTERDECK_SESSION_IDLE_MINUTES", "A session ends after so many minutes without a request."),
    )
    session_hours: int = field(
        default=12, metadata=about("QUARTERDECK_SESSION_HOURS", "A session ends so many hours after the sign-in.")
    )
    exports_per_hour: int = field(
        default=10, metadata=about("QUARTERDECK_EXPORTS_PER_HOUR", "Lists that one account exports in an hour.")
    )
    imports_per_hour: int = field(
        default=10, metadata=about("QUARTERDECK_IMPORTS_PER_HOUR", "Files that one account sends in an hour to import.")
    )
    api_calls_per_minute: int = field(
        default=600,
        metadata=about("QUARTERDECK_API_CALLS_PER_MINUTE", "Calls of the programming interface with one token."),
    )
    oidc_issuer: str = field(
        default="",
        metadata=about(
            "QUARTERDECK_OIDC_ISSUER",
            "Signing in with your identity provider by OpenID Connect: its issuer, such as `https://login.example.org`.",
            default="people sign in here only",
        ),
    )
    oidc_client_id: str = field(
        default="",
        metadata=about("QUARTERDECK_OIDC_CLIENT_ID", "How the identity provider calls Quarterdeck.", default="none"),
    )
    oidc_client_secret: str = field(
        default="",
        metadata=about(
            "QUARTERDECK_OIDC_CLIENT_SECRET",
            "The secret that the identity provider gave for it.",
            default="none: a public client, which PKCE protects",
        ),
    )
    oidc_name: str = field(
        default="your organisation",
        metadata=about("QUARTERDECK_OIDC_NAME", "What stands on the button: “Continue with …”."),
    )

    @property
    def embedded(self) -> bool:
        return not self.database_url

    @property
    def secure(self) -> bool:
        """People reach the application over https."""
        return self.base_url.startswith("https://")

    @property
    def production(self) -> bool:
        """Somebody relies on this installation: it has a database of its own or an https address."""
        return bool(self.database_url) or self.secure

    @property
    def mail(self) -> dict[str, Any]:
        """Django's EMAIL_* settings."""
        sender = f"Quarterdeck <quarterdeck@{urlsplit(self.base_url).hostname}>"
        if not self.mail_url:
            return {
                "EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend",
                "DEFAULT_FROM_EMAIL": sender,
            }
        url = urlsplit(self.mail_url)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        settings: dict[str, Any] = {
            "DEFAULT_FROM_EMAIL": sender,
            "EMAIL_HOST": url.hostname,
            "EMAIL_PORT": url.port or (465 if url.scheme == "smtps" else 587),
            "EMAIL_HOST_USER": unquote(url.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
            "EMAIL_USE_SSL": url.scheme == "smtps",
            "EMAIL_USE_TLS": url.scheme == "smtp" and query.get("tls") != "off",
            "EMAIL_TIMEOUT": 20,
        }
        if "from" in query:
            settings["DEFAULT_FROM_EMAIL"] = settings["SERVER_EMAIL"] = query["from"]
        return settings


@cache
def load() -> Config:
    """The settings of this process; the secret key is made on the first start."""
    return read(os.environ)


def read(environ: Mapping[str, str]) -> Config:
    """Raises ConfigError with every problem at once; creates the data folder and the secret key where missing."""
    problems: list[str] = []
    given = {
        each.name: environ[each.metadata["env"]].strip()
        for each in fields(Config)
        if environ.get(each.metadata["env"], "").strip()
    }
    values: dict[str, Any] = {}
    for name, text in given.items():
        try:
            values[name] = READERS.get(name, str)(text)
        except ValueError as wrong:
            problems.append(f"{env_of(name)} is {shown(name, text)}, but {wrong}.")

    values.setdefault("data_folder", default_data_folder())
    if "base_url" not in given:
        values["base_url"] = f"http://localhost:{values.get('port', 8000)}"
    if "hosts" not in given and "base_url" in values:
        name = urlsplit(values["base_url"]).hostname or ""
        values["hosts"] = ("localhost", "127.0.0.1", "[::1]") if name in LOOPBACK else (name,)
    if "web_processes" not in given:
        values["web_processes"] = 2 if values.get("database_url") else 1
    if "oidc_issuer" in given and "oidc_client_id" not in given:
        problems.append("QUARTERDECK_OIDC_ISSUER is set, but QUARTERDECK_OIDC_CLIENT_ID is not; both are needed.")
    if problems:
        raise ConfigError(problems)
    try:
        make_private_folder(values["data_folder"])
        if "secret_key" not in values:
            values["secret_key"] = keep_secret(values["data_folder"] / "secret_key", lambda: secrets.token_urlsafe(64))
    except OSError as wrong:
        sentence = (
            f"The data folder {values['data_folder']} cannot be used: {wrong.strerror}. "
            "Give QUARTERDECK_DATA a folder this account may write to."
        )
        raise ConfigError([sentence]) from wrong
    return Config(**values)


def default_data_folder() -> Path:
    checkout = Path(__file__).resolve().parents[3]
    if (checkout / "pyproject.toml").is_file() and (checkout / "src" / "quarterdeck").is_dir():
        return checkout / "data"
    return user_data_path("quarterdeck", appauthor=False)


def make_private_folder(folder: Path) -> None:
    """Nobody else may list it. As root others may pass through, because the database then runs as another account."""
    if not folder.is_dir():
        with suppress(FileExistsError):  # another process was quicker
            folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True)


def keep_secret(path: Path, make: Callable[[], str]) -> str:
    """The secret in a file only its owner can read. Two processes that start at once agree on one."""
    if not path.exists():
        new = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(make())
                file.flush()
                os.fsync(file.fileno())
            hand_over(new)
            with suppress(FileExistsError):
                os.link(new, path)
        finally:
            new.unlink(missing_ok=True)
    return path.read_text(encoding="utf-8").strip()


def hand_over(path: Path) -> None:
    """What root makes in somebody's data folder belongs to that somebody, so that a later start without root works."""
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.chown(path, folder.st_uid, folder.st_gid, follow_symlinks=False)


def env_of(name: str) -> str:
    return next(str(each.metadata["env"]) for each in fields(Config) if each.name == name)


def in_force(environ: Mapping[str, str]) -> dict[str, str]:
    """What the environment sets, by variable; of a secret only that it is set."""
    given = {
        each.metadata["env"]: (each.name, environ.get(each.metadata["env"], "").strip()) for each in fields(Config)
    }
    return {env: "set" if name in SECRETS else text for env, (name, text) in given.items() if text}


def shown(name: str, text: str) -> str:
    """The value in a sentence, unless it can hold a password."""
    return "set" if name in SECRETS else f"“{text}”"


def as_folder(text: str) -> Path:
    return Path(text).expanduser().resolve()


def as_whole_number(least: int, most: int) -> Callable[[str], int]:
    def read_number(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most} is needed")
        return int(text)

    return read_number


def as_yes_or_no(text: str) -> bool:
    if text.lower() in TRUE:
        return True
    if text.lower() in FALSE:
        return False
    raise ValueError("it can only be on or off")


def as_one_of(*choices: str) -> Callable[[str], str]:
    def read_choice(text: str) -> str:
        if text not in choices:
            raise ValueError(f"it can only be {' or '.join(choices)}")
        return text

    return read_choice


def as_words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def as_languages(text: str) -> tuple[str, ...]:
    words = as_words(text)
    if not words or not all(re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", word) for word in words):
        raise ValueError("language codes such as en, de or pt-br are needed, separated by commas")
    return words


def as_timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("no time zone has that name; an example is Europe/London") from None
    return text


def as_database_url(text: str) -> str:
    url = urlsplit(text)
    if url.scheme not in ("postgresql", "postgres") or not url.path.strip("/"):
        raise ValueError("an address such as postgresql://role:password@host:5432/database is needed")
    return text


def as_pool(text: str) -> str:
    if text != "external" and not re.fullmatch(r"[1-9]\d?", text):
        raise ValueError("a number from 1 to 99 or the word external is needed")
    return text


def as_base_url(text: str) -> str:
    url = urlsplit(text)
    if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment or url.path.strip("/"):
        raise ValueError("an address such as https://pmo.example.org is needed, without a path")
    return text.rstrip("/")


def as_issuer(text: str) -> str:
    url = urlsplit(text)
    local = url.scheme == "http" and (url.hostname or "") in LOOPBACK
    if not (url.scheme == "https" or local) or not url.hostname or url.query or url.fragment or url.username:
        raise ValueError("an address such as https://login.example.org is needed, with https")
    return text


def as_mail_url(text: str) -> str:
    url = urlsplit(text)
    if url.scheme not in ("smtp", "smtps") or not url.hostname:
        raise ValueError("an address such as smtp://user:password@mail.example.org:587 is needed")
    return text


READERS: dict[str, Callable[[str], Any]] = {
    "data_folder": as_folder,
    "database_url": as_database_url,
    "owner_database_url": as_database_url,
    "database_pool": as_pool,
    "base_url": as_base_url,
    "port": as_whole_number(0, 65535),
    "hosts": as_words,
    "debug": as_yes_or_no,
    "demo_flag": as_yes_or_no,
    "web_processes": as_whole_number(1, 64),
    "web_threads": as_whole_number(1, 64),
    "mail_url": as_mail_url,
    "log_format": as_one_of("text", "json"),
    "languages": as_languages,
    "timezone": as_timezone,
    "digest_hour": as_whole_number(0, 23),
    "proxies": as_whole_number(0, 5),
    "session_idle_minutes": as_whole_number(1, 24 * 60),
    "session_hours": as_whole_number(1, 24 * 7),
    "exports_per_hour": as_whole_number(1, 1_000_000),
    "imports_per_hour": as_whole_number(1, 1_000_000),
    "api_calls_per_minute": as_whole_number(1, 1_000_000),
    "oidc_issuer": as_issuer,
}


def reference() -> str:
    """docs/reference/settings.md."""
    lines = [
        "# Settings",
        "",
        "Quarterdeck reads its settings from the environment once, when a process starts. A wrong value stops the",
        "start with a sentence for each problem. This page is made from the code; `make docs` renews it.",
        "",
        "| Variable | Default | Meaning |",
        "|---|---|---|",
    ]
    for each in fields(Config):
        default = each.metadata["default"] or f"`{default_as_text(each.default)}`"
        lines.append(f"| `{each.metadata['env']}` | {default} | {each.metadata['meaning']} |")
    return "\n".join(lines) + "\n"


def default_as_text(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return ",".join(value) if isinstance(value, tuple) else str(value)


if __name__ == "__main__":
    sys.stdout.write(reference())
