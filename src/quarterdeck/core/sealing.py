"""Secrets that have to be read again, such as the key of an authenticator app: unreadable without the secret key."""

import base64
import hashlib
import re
from typing import TYPE_CHECKING

from django.conf import settings

from quarterdeck.core.on_use import on_use

if TYPE_CHECKING:
    from cryptography import fernet
else:
    fernet = on_use("cryptography.fernet")

_HIDDEN = re.compile(r"⟦([A-Za-z0-9_=-]+)⟧")


def _box() -> "fernet.MultiFernet":
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    digests = (hashlib.sha256(b"quarterdeck sealed secrets:" + key.encode()).digest() for key in map(str, keys))
    return fernet.MultiFernet([fernet.Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def seal(text: str) -> str:
    """The text, so that the database alone does not tell it."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str | None:
    """The text again; None when it was sealed with another secret key."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except (fernet.InvalidToken, ValueError):
        return None


def hide(text: str) -> str:
    """Something secret inside of a text that is kept, such as the link in a mail that waits."""
    return f"⟦{seal(text)}⟧"


def reveal(text: str) -> str:
    """A text with what was hidden in it; what no longer opens is left out."""
    return _HIDDEN.sub(lambda found: unseal(found[1]) or "", text)
