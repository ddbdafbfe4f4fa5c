"""What the worker does with mail by itself."""

from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from quarterdeck.core.services import outbox

# One sender gives the next a turn after so many, so that other work is not held up by a long queue.
MOST = 500


@app.periodic(cron="* * * * *")
@app.task(name="core.look_at_mail", queueing_lock="core.look_at_mail")
def look_at_mail(timestamp: int) -> None:
    """Every minute: send what is due, whoever forgot to ask."""
    send_mail()


@app.task(name=outbox.SEND)
def send_mail() -> None:
    """Send what is due, and go on soon when more waits."""
    # A connection that broke meanwhile is not used again.
    connection.close_if_unusable_or_obsolete()
    done = outbox.send_due(now=timezone.now, most=MOST)
    if done.sent + done.put_off + done.failed >= MOST:
        outbox.wake()


@app.periodic(cron="17 3 * * *")
@app.task(name="core.forget_old_mail", queueing_lock="core.forget_old_mail")
def forget_old_mail(timestamp: int) -> None:
    """Every night: what was sent long ago is forgotten."""
    outbox.forget_old(now=timezone.now())
