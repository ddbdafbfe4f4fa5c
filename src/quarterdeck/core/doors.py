"""What the operator sets about the doors: limits an hour, and an identity provider. Plain values, for the settings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hourly:
    """How many files one account takes out and brings in."""

    exports: int
    imports: int


@dataclass(frozen=True, slots=True)
class Provider:
    """An identity provider that people may sign in with, by OpenID Connect."""

    issuer: str
    client_id: str
    client_secret: str
    name: str
