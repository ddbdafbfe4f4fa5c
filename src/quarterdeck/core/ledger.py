"""
The ledger: what people did, one hash chain a stream.

`record` writes an entry in the transaction of the change; the database seals it in the last moment before commit.
The hash of entry n is SHA-256 over 0x00, the previous hash (32 bytes) and the UTF-8 text
`stream:seq:sealed_at:entry`, sealed_at in microseconds since 1970 (UTC). The first previous hash is 32 zero bytes.
`tools/verify_ledger.py` checks an export with nothing but Python's standard library.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import models

from quarterdeck.core import followers, security
from quarterdeck.core.access import Actor
from quarterdeck.core.models import LedgerEntry, LedgerStream, Node

ORGANISATION = "organisation"
GENESIS = "0" * 64


def canonical(value: object) -> str:
    """JSON with sorted keys, no spaces and no floats, so that equal content has equal bytes."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _plain(value: object) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        raise TypeError("A ledger entry holds no floats; give a Decimal or a text.")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, models.Model):
        return value.pk
    if value is None or isinstance(value, bool | int | str):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def record(
    actor: Actor | None, event: str, *, on: models.Model | None, at: datetime, stream: str | None = None, **facts: Any
) -> LedgerEntry:
    """
    Write an entry in the current transaction.

    event is `domain.noun.past_tense`; on is the thing it happened to; facts hold ids, never names of people.
    The stream is that of the portfolio the thing lies in, or the organisation's. What follows the event happens here.
    """
    subject = f"{on._meta.app_label}.{on._meta.model_name}" if on is not None else ""
    body = {
        "at": at.astimezone(UTC).isoformat(),
        "event": event,
        "actor": actor.person_id if actor else None,
        "subject": [subject, on.pk] if on is not None else None,
        "facts": facts,
    }
    if security.is_watched(event):
        person_id = actor.person_id if actor else facts.get("person")
        about = {"subject": [subject, on.pk]} if on is not None else {}
        security.record(event, at=at, person_id=person_id, facts=about | facts)
    written = LedgerEntry.objects.create(
        stream=stream or ORGANISATION,
        entry=canonical(body),
        event=event,
        actor_id=actor.person_id if actor else None,
        subject_type=subject,
        subject_id=on.pk if on is not None else None,
        at=at,
    )
    followers.tell(followers.Happening(event, actor.person_id if actor else None, on, at, facts))
    return written


def stream_of(portfolio: Node) -> str:
    """The stream of a portfolio's decisions and money."""
    return f"portfolio-{portfolio.pk}"


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970 in UTC."""
    delta = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def digest(stream: str, seq: int, sealed_at: int, entry: str, previous: str) -> str:
    """The hash of one entry, as described above."""
    text = f"{stream}:{seq}:{sealed_at}:{entry}".encode()
    return hashlib.sha256(b"\x00" + bytes.fromhex(previous) + text).hexdigest()


def export(stream: str | None = None) -> Iterator[str]:
    """The ledger as JSON lines, streams in name order, for `tools/verify_ledger.py`."""
    entries = LedgerEntry.objects.exclude(seq=None).order_by("stream", "seq")
    if stream is not None:
        entries = entries.filter(stream=stream)
    rows = entries.values_list("stream", "seq", "sealed_at", "entry", "prev_hash", "hash")
    for name, seq, sealed_at, entry, previous, own in rows.iterator(chunk_size=2_000):
        assert sealed_at is not None  # an entry with a place is sealed
        line = {
            "stream": name,
            "seq": seq,
            "sealed_at": microseconds(sealed_at),
            "entry": entry,
            "prev": previous,
            "hash": own,
        }
        yield json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def anchor(now: datetime) -> dict[str, Any]:
    """The heads of all streams, to be kept outside: an export must contain each of them."""
    heads = LedgerStream.objects.order_by("name").values_list("name", "head_seq", "head_hash")
    return {
        "format": "quarterdeck-ledger-anchor-1",
        "taken_at": now.astimezone(UTC).isoformat(),
        "heads": [{"stream": name, "seq": seq, "hash": head} for name, seq, head in heads if seq],
    }


def verify() -> dict[str, Any]:
    """
    Recompute every chain and compare it with the heads.

    Returns {"entries", "streams", "problems": [sentence, …]}; no problem means the ledger holds.
    """
    problems: list[str] = []
    heads: dict[str, tuple[int, str, int]] = {}
    count = 0
    for line in export():
        item = json.loads(line)
        name = item["stream"]
        seq, previous, latest = heads.get(name, (0, GENESIS, 0))
        count += 1
        if item["seq"] != seq + 1:
            problems.append(f"{name}: entry {seq + 1} is missing; entry {item['seq']} follows {seq}.")
        if item["prev"] != previous:
            problems.append(f"{name}: entry {item['seq']} does not follow the entry before it.")
        own = digest(name, item["seq"], item["sealed_at"], item["entry"], item["prev"])
        if own != item["hash"]:
            problems.append(f"{name}: entry {item['seq']} was changed.")
        if item["sealed_at"] < latest:
            problems.append(f"{name}: entry {item['seq']} is dated before the entry it follows.")
        heads[name] = (item["seq"], item["hash"], item["sealed_at"])
    for stream in LedgerStream.objects.order_by("name"):
        seq, own, _ = heads.pop(stream.name, (0, GENESIS, 0))
        if (seq, own) != (stream.head_seq, stream.head_hash):
            problems.append(f"{stream.name}: the chain ends at {seq}, its head says {stream.head_seq}.")
    problems.extend(f"{name}: there are entries but no head." for name in heads)
    unsealed = LedgerEntry.objects.filter(seq=None).count()
    if unsealed:
        problems.append(f"{unsealed} entries were never sealed.")
    return {"entries": count, "streams": LedgerStream.objects.count(), "problems": problems}
