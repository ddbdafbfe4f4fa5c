"""Limits at the door: where a request comes from, and how often it may knock."""

import hashlib
import ipaddress
import unicodedata
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest

from quarterdeck.core.models import Account
from quarterdeck.core.services import limits

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TRIES_PER_ACCOUNT = 5
TRIES_PER_ADDRESS = 20
RESETS = 3
RESETS_PER_ADDRESS = 30


def address_of(request: HttpRequest) -> str:
    """
    The address a request comes from.

    What a proxy adds to X-Forwarded-For counts from the right, one for each proxy of ours; further left stands what
    anybody may have written there.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    proxies: int = settings.PROXIES
    if proxies:
        hops = [each.strip() for each in request.headers.get("X-Forwarded-For", "").split(",") if each.strip()]
        if len(hops) >= proxies:
            address = hops[-proxies]
    return plain_address(address)


def plain_address(address: str) -> str:
    """An address in its one way of writing; empty for what is none."""
    text = address.strip().removeprefix("[").partition("]")[0]
    if text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(found)


def network_of(address: str) -> str:
    """What is counted together: an IPv4 address, and of IPv6 the /64 that one household or server has."""
    if ":" not in address:
        return address or "unknown"
    return str(ipaddress.ip_network(f"{address}/64", strict=False).network_address)


def name_of(email: str) -> str:
    """What stands for a typed address in a counter: the account it leads to, else a digest, whatever its case."""
    text = unicodedata.normalize("NFKC", email).strip().casefold()
    account = Account.objects.filter(email__iexact=text[:254]).values_list("pk", flat=True).first()
    return f"account-{account}" if account else hashlib.sha256(text.encode()).hexdigest()[:32]


def sign_in(request: HttpRequest, email: str, now: datetime) -> None:
    """One try to sign in or to confirm with a password."""
    limits.spend(f"sign-in-from:{network_of(address_of(request))}", TRIES_PER_ADDRESS, MINUTE, now)
    limits.spend(f"sign-in:{name_of(email)}", TRIES_PER_ACCOUNT, MINUTE, now)


def knock(request: HttpRequest, now: datetime) -> None:
    """One try from an address with something that names no account: a passkey, a link."""
    limits.spend(f"sign-in-from:{network_of(address_of(request))}", TRIES_PER_ADDRESS, MINUTE, now)


def reset(request: HttpRequest, email: str, now: datetime) -> None:
    """One request for a link to choose another password."""
    limits.spend(f"reset-from:{network_of(address_of(request))}", RESETS_PER_ADDRESS, HOUR, now)
    limits.spend(f"reset:{name_of(email)}", RESETS, HOUR, now)


def take_out(account_id: int, now: datetime) -> None:
    """One export."""
    limits.spend(f"export:{account_id}", settings.HOURLY.exports, HOUR, now)


def bring_in(account_id: int, now: datetime) -> None:
    """One file that is sent to be imported."""
    limits.spend(f"import:{account_id}", settings.HOURLY.imports, HOUR, now)
