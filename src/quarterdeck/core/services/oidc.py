"""
OpenID Connect, the part that asks and checks: authorization code with PKCE (OpenID Connect Core 1.0, RFC 7636, 9207).

Nothing that an identity provider says is believed before it was checked here: who says it, to whom, signed by which
key with which algorithm, for which question of ours, and when.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlencode, urlsplit

from django.utils.translation import gettext as _

from quarterdeck.core.doors import Provider
from quarterdeck.core.errors import Refused
from quarterdeck.core.on_use import on_use

if TYPE_CHECKING:
    import jwt
else:
    jwt = on_use("jwt")

# Signed with a private key. With a shared secret (HS…) whoever knows the public key could sign; none is no signature.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
SCOPES = "openid email profile"
SECONDS = 10
LARGEST = 1_000_000  # bytes
KEPT = 600  # seconds that endpoints and keys are kept
LEEWAY = timedelta(seconds=60)
FRESH = timedelta(minutes=5)
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class NotTrusted(Refused):
    """What came back was not what was asked for. `reason` is for the log; people read that it did not work."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "not_trusted",
            _("What your identity provider answered could not be checked. If it stays so, tell your PMO."),
        )
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the provider is asked, as it says itself."""

    authorization: str
    token: str
    keys: str
    takes_secret_in_body: bool
    names_itself: bool


@dataclass(frozen=True, slots=True)
class Claims:
    """What the provider says of a person, checked. email is empty unless the provider vouches for it."""

    issuer: str
    subject: str
    email: str
    name: str


Asked = dict[str, Any]
_kept: dict[str, tuple[float, Any]] = {}
_lock = threading.Lock()


def begin(provider: Provider, *, back: str, fresh: bool = False) -> tuple[str, Asked]:
    """
    Where the browser goes, and what must be kept until it comes back.

    fresh : the person is asked to sign in there again, whatever they did before.
    """
    endpoints = _endpoints(provider)
    asked: Asked = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    asked["fresh"] = fresh
    challenge = base64.urlsafe_b64encode(hashlib.sha256(asked["verifier"].encode()).digest()).rstrip(b"=").decode()
    parameters = {
        "response_type": "code",
        "scope": SCOPES,
        "client_id": provider.client_id,
        "redirect_uri": back,
        "state": asked["state"],
        "nonce": asked["nonce"],
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **({"prompt": "login", "max_age": "0"} if fresh else {}),
    }
    joint = "&" if urlsplit(endpoints.authorization).query else "?"
    return f"{endpoints.authorization}{joint}{urlencode(parameters)}", asked


def finish(provider: Provider, answer: Mapping[str, str], asked: Asked | None, *, back: str, now: datetime) -> Claims:
    """What the provider says of whoever comes back. answer: the parameters of the address they came back to."""
    if not asked or not hmac.compare_digest(str(answer.get("state", "")).encode(), str(asked["state"]).encode()):
        raise NotTrusted("state")
    endpoints = _endpoints(provider)
    named = answer.get("iss")
    if named != provider.issuer and (named is not None or endpoints.names_itself):
        raise NotTrusted("issuer of the answer")
    if answer.get("error") or not answer.get("code"):
        raise NotTrusted(f"refused there: {str(answer.get('error', ''))[:60]}")
    said = _exchange(provider, endpoints, str(answer["code"]), str(asked["verifier"]), back)
    token = said.get("id_token")
    if not isinstance(token, str):
        raise NotTrusted("no token")
    return _claims(_checked(provider, endpoints, token, asked, said, now), provider)


def _checked(
    provider: Provider, endpoints: Endpoints, token: str, asked: Asked, said: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """The claims of a token whose signature, issuer, audience, time and question fit."""
    try:
        header = jwt.get_unverified_header(token)
        algorithm = header.get("alg")
        if algorithm not in ALGORITHMS:
            raise NotTrusted("algorithm")
        key = _key(endpoints.keys, header.get("kid"), algorithm)
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=provider.client_id,
            issuer=provider.issuer,
            options={
                "require": ["exp", "iat", "iss", "aud", "sub", "nonce"],
                # The clock is an argument here, so times are compared below.
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except (jwt.PyJWTError, ValueError, TypeError, KeyError) as problem:
        raise NotTrusted(type(problem).__name__) from problem
    _check_times(claims, asked, now)
    if not hmac.compare_digest(str(claims["nonce"]).encode(), str(asked["nonce"]).encode()):
        raise NotTrusted("nonce")
    party = claims.get("azp")
    if (isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and party is None) or (
        party is not None and party != provider.client_id
    ):
        raise NotTrusted("authorised party")
    if "at_hash" in claims and not _fits(str(claims["at_hash"]), str(said.get("access_token", "")), algorithm):
        raise NotTrusted("access token")
    return claims


def _check_times(claims: Mapping[str, Any], asked: Asked, now: datetime) -> None:
    """Not over, not from the future, made for this sign-in, and after a fresh one where that was asked."""
    moment, leeway = now.timestamp(), LEEWAY.total_seconds()
    if float(claims["exp"]) + leeway < moment:
        raise NotTrusted("expired")
    if float(claims["iat"]) - leeway > moment or float(claims["iat"]) + FRESH.total_seconds() + leeway < moment:
        raise NotTrusted("time of issue")
    if "nbf" in claims and float(claims["nbf"]) - leeway > moment:
        raise NotTrusted("not yet valid")
    if asked.get("fresh"):
        at = claims.get("auth_time")
        if not isinstance(at, int | float) or at + FRESH.total_seconds() < moment:
            raise NotTrusted("no fresh sign-in")


def _claims(claims: Mapping[str, Any], provider: Provider) -> Claims:
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise NotTrusted("subject")
    vouched = claims.get("email_verified") in (True, "true") and isinstance(claims.get("email"), str)
    email = str(claims["email"]).strip().lower() if vouched else ""
    return Claims(provider.issuer, subject, email, str(claims.get("name", ""))[:200])


def _fits(digest: str, access_token: str, algorithm: str) -> bool:
    """Whether a token names the access token that came with it (OpenID Connect Core 3.1.3.6)."""
    bits = "512" if algorithm == "EdDSA" else algorithm[-3:]
    full = hashlib.new(f"sha{bits}", access_token.encode()).digest()
    half = base64.urlsafe_b64encode(full[: len(full) // 2]).rstrip(b"=").decode()
    return hmac.compare_digest(half, digest)


def _endpoints(provider: Provider) -> Endpoints:
    return cast(Endpoints, _remembered(provider.issuer, lambda: _read_endpoints(provider)))


def _read_endpoints(provider: Provider) -> Endpoints:
    said = _get(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration", provider.issuer)
    if said.get("issuer") != provider.issuer:
        raise NotTrusted("issuer of the description")
    methods = said.get("code_challenge_methods_supported")
    if methods is not None and "S256" not in methods:
        raise NotTrusted("PKCE")
    ways = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    authorization, token, keys = (said.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"))
    for address in (authorization, token, keys):
        _require_safe(address, provider.issuer)
    return Endpoints(
        authorization=str(authorization),
        token=str(token),
        keys=str(keys),
        takes_secret_in_body="client_secret_basic" not in ways,
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
    )


def _key(address: str, name: Any, algorithm: str) -> Any:
    """The public key that a token names; asked for again once when it is not among those that are kept."""
    for again in (False, True):
        keys = _remembered(f"keys {address}", lambda: _get(address, address), again=again)
        for each in keys.get("keys", []):
            fits = each.get("kid") == name and each.get("use", "sig") == "sig"
            if fits and each.get("alg", algorithm) == algorithm and each.get("kty") != "oct":
                return jwt.PyJWK(each, algorithm).key
    raise NotTrusted("unknown key")


def _exchange(provider: Provider, endpoints: Endpoints, code: str, verifier: str, back: str) -> dict[str, Any]:
    sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if provider.client_secret and not endpoints.takes_secret_in_body:
        pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    else:
        sent["client_id"] = provider.client_id
        if provider.client_secret:
            sent["client_secret"] = provider.client_secret
    return _ask(urllib.request.Request(endpoints.token, urlencode(sent).encode(), headers))  # noqa: S310 - checked


def _get(address: str, issuer: str) -> dict[str, Any]:
    _require_safe(address, issuer)
    return _ask(urllib.request.Request(address, headers={"Accept": "application/json"}))  # noqa: S310 - checked


def _require_safe(address: Any, issuer: str) -> None:
    """By https only, except for a provider on this machine, which is one for trying out."""
    url = urlsplit(address if isinstance(address, str) else "")
    local = url.scheme == "http" and url.hostname in LOOPBACK and urlsplit(issuer).hostname in LOOPBACK
    if not url.hostname or not (url.scheme == "https" or local):
        raise NotTrusted("address of an endpoint")


class _Stay(urllib.request.HTTPRedirectHandler):
    """What an endpoint says stands at the endpoint."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


# No proxy of the environment either: the operator names the provider, nobody else.
_opener = urllib.request.build_opener(_Stay)


def _ask(request: urllib.request.Request) -> dict[str, Any]:
    try:
        with _opener.open(request, timeout=SECONDS) as answer:
            said = json.loads(answer.read(LARGEST + 1)[:LARGEST])
    except (urllib.error.URLError, OSError, ValueError) as problem:
        raise NotTrusted(f"no answer: {type(problem).__name__}") from problem
    if not isinstance(said, dict):
        raise NotTrusted("no answer")
    return said


def _remembered(name: str, read: Any, *, again: bool = False) -> Any:
    """Read once in a while; again: now, but not more often than every ten seconds."""
    with _lock:
        at, value = _kept.get(name, (0.0, None))
    age = time.monotonic() - at
    if value is not None and age < (10 if again else KEPT):
        return value
    value = read()
    with _lock:
        _kept[name] = (time.monotonic(), value)
    return value


def forget() -> None:
    """Read endpoints and keys anew."""
    with _lock:
        _kept.clear()
