"""When two answers are the same: to the byte, after what is new in every answer is taken out."""

import io
import re
import zipfile

from tests.proof.world import Reply

# The nonce of the policy, the token of the forms, the cursor, which is sealed anew each time and tells nothing.
NEW_EACH_TIME = (
    (re.compile(rb"nonce=\"[^\"]*\"|nonce-[A-Za-z0-9+/=_-]+"), b"nonce"),
    (re.compile(rb"(name=\"csrfmiddlewaretoken\" value=\")[^\"]*"), rb"\1token"),
    (re.compile(rb"(\"X-CSRFToken\": ?\"|&quot;X-CSRFToken&quot;: ?&quot;)[A-Za-z0-9]+"), rb"\1token"),
    (re.compile(rb"(\"next\": ?\")[A-Za-z0-9_=-]+"), rb"\1sealed"),
)


def unpacked(body: bytes) -> bytes:
    """A workbook by its parts, without the moment it was packed."""
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        parts = [name for name in sorted(packed.namelist()) if name != "docProps/core.xml"]
        return b"\n".join(name.encode() + b"\n" + packed.read(name) for name in parts)


def bare(body: bytes) -> bytes:
    """What an answer says, without what is new in every answer."""
    if body.startswith(b"PK\x03\x04"):
        return unpacked(body)
    for pattern, word in NEW_EACH_TIME:
        body = pattern.sub(word, body)
    return body


def same(one: Reply, other: Reply) -> bool:
    """Whether two answers tell nothing apart."""
    return (one.status, bare(one.body)) == (other.status, bare(other.body))


HEADERS = (
    "Location",
    "Content-Type",
    "Content-Disposition",
    "ETag",
    "Link",
    "Retry-After",
    "HX-Redirect",
    "HX-Trigger",
)


def told(reply: Reply) -> tuple[int, tuple[str, ...], bytes]:
    """All an answer tells."""
    return reply.status, tuple(reply.headers.get(name, "") for name in HEADERS), bare(reply.body)


def first_difference(one: bytes, other: bytes) -> str:
    """Around the first byte at which two texts part."""
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    around = slice(max(0, at - 60), at + 80)
    return f"…{one[around].decode('utf-8', 'replace')}… and …{other[around].decode('utf-8', 'replace')}…"
