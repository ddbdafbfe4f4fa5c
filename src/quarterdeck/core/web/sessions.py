"""
Sessions: one row each says who, where, since when, and until when it opens anything.

The end of a session stands in its row, so it is kept by the same query that reads it: an idle one, one that lasted
its longest, and one that somebody ended are all gone with the next request.
"""

import hashlib
import uuid
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest
from django.utils import timezone

from quarterdeck.core.access import Actor
from quarterdeck.core.models import SignedInSession
from quarterdeck.core.web.limits import address_of

ABOUT = "about"  # what the row says of the session, kept in the session's data
CONFIRMED = "confirmed"  # when somebody last proved who they are, in seconds since 1970
HELD = "held"  # a digest of the rights that the session's key was made for
SEEN_EVERY = 60  # seconds
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


class SessionStore(DatabaseStore):
    """Django's, in a table that its owner can look at."""

    row: SignedInSession | None = None
    seen_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[SignedInSession]:
        return SignedInSession

    def _get_session_from_db(self) -> SignedInSession | None:
        self.row = super()._get_session_from_db()  # type: ignore[misc]
        self.seen_at = self.row.last_seen_at if self.row else None
        return self.row

    def cycle_key(self) -> None:
        """Another key, and another name for the row: for a moment both rows are there."""
        if ABOUT in self:
            self[ABOUT] = self[ABOUT] | {"uid": str(uuid.uuid4())}
        super().cycle_key()

    def create_model_instance(self, data: dict[str, Any]) -> SignedInSession:
        row: SignedInSession = super().create_model_instance(data)  # type: ignore[assignment]
        about = data.get(ABOUT)
        if SESSION_KEY in data and about:
            now = timezone.now()
            row.uid = uuid.UUID(about["uid"])
            row.account_id = int(data[SESSION_KEY])
            row.device, row.address = about["device"], about["address"]
            # What a page asked by itself may write too, and is nobody who is there.
            row.began_at, row.last_seen_at = began_at(data), self.seen_at or now
            row.expire_date = ends_at(row.began_at, row.last_seen_at)
        else:
            row.expire_date = timezone.now() + settings.SESSION_IDLE
        self.row = row
        return row


def began_at(data: Any) -> datetime:
    """When the sign-in happened."""
    return datetime.fromtimestamp(data[ABOUT]["began"], UTC)


def ends_at(began: datetime, seen: datetime) -> datetime:
    """When a session ends that was seen just now: idle, or at its longest."""
    return min(seen + settings.SESSION_IDLE, began + settings.SESSION_LONGEST)


def begin(request: HttpRequest, now: datetime) -> None:
    """Note where somebody signed in, once a session."""
    request.session[ABOUT] = {
        "uid": str(uuid.uuid4()),
        "began": now.timestamp(),
        "device": device_of(request.headers.get("User-Agent", "")),
        "address": address_of(request)[:45],
    }
    request.session.seen_at = now  # type: ignore[attr-defined]


def confirm(request: HttpRequest, now: datetime) -> None:
    """Somebody just proved who they are."""
    request.session[CONFIRMED] = now.timestamp()


def confirmed_at(request: HttpRequest) -> datetime | None:
    """When somebody last proved who they are in this session: the sign-in itself, or later."""
    about = request.session.get(ABOUT)
    at = request.session.get(CONFIRMED) or (about and about["began"])
    return datetime.fromtimestamp(at, UTC) if at else None


def renew_key(request: HttpRequest, actor: Actor) -> None:
    """Another key for the session once its owner holds other rights than before."""
    held = hashlib.sha256(
        repr(sorted((code, sorted(nodes)) for code, nodes in actor.grants.items())).encode()
    ).hexdigest()
    before = request.session.get(HELD)
    if before == held:
        return
    if before is not None:
        request.session.cycle_key()
    request.session[HELD] = held


def seen(request: HttpRequest, now: datetime) -> None:
    """Somebody is there: the session begins, or is prolonged, at most once a minute, without writing its data."""
    if ABOUT not in request.session:
        begin(request, now)
        return
    row: SignedInSession | None = getattr(request.session, "row", None)
    if row is None or row.last_seen_at is None or (now - row.last_seen_at).total_seconds() < SEEN_EVERY:
        return
    request.session.seen_at = now  # type: ignore[attr-defined]
    SignedInSession.objects.filter(pk=row.pk, expire_date__gt=now).update(
        last_seen_at=now, expire_date=ends_at(began_at(request.session), now)
    )


def device_of(agent: str) -> str:
    """A browser and a system in words; the rest of what a browser says of itself helps nobody to recognise it."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return ", ".join(part for part in (browser, system) if part) or agent.partition(" ")[0][:60].translate({0: None})
