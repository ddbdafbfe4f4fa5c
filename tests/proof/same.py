"""When two answers are the same: to the byte, after what is new in every answer is taken out."""

import re

from tests.proof.world import Reply

# The nonce of the policy, the token of the forms, the number of the request.
NEW_EACH_TIME = (
    (re.compile(rb"nonce=\"[^\"]*\"|nonce-[A-Za-z0-9+/=_-]+"), b"nonce"),
    (re.compile(rb"(name=\"csrfmiddlewaretoken\" value=\")[^\"]*"), rb"\1token"),
    (re.compile(rb"(\"X-CSRFToken\": ?\"|&quot;X-CSRFToken&quot;: ?&quot;)[A-Za-z0-9]+"), rb"\1token"),
)


def bare(body: bytes) -> bytes:
    """What an answer says, without what is new in every answer."""
    for pattern, word in NEW_EACH_TIME:
        body = pattern.sub(word, body)
    return body


def without_address(reply: Reply, *keys: str) -> bytes:
    """What an answer says besides the key that the address itself brought in."""
    body = bare(reply.body)
    for key in keys:
        body = body.replace(key.encode(), b"key")
    return body


def same(one: Reply, other: Reply) -> bool:
    """Whether two answers tell nothing apart."""
    return (one.status, bare(one.body)) == (other.status, bare(other.body))
