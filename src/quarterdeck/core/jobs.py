"""
Work that takes longer than a page may wait.

A domain declares a kind of job; `enqueue` queues it in the caller's transaction, so that a rollback takes it back.
Jobs run again when a worker dies, so what they do must be safe to do twice.
"""

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from quarterdeck.core import access
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Job
from quarterdeck.core.services import notifications
from quarterdeck.core.texts import Text

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a job: one line, facts for machines, and the page that shows it."""

    message: str
    facts: dict[str, Any] = field(default_factory=dict)
    url: str = ""


class Progress:
    """
    Tells how far a job is, over a connection of its own, so that the page sees it before the job commits.

    Called with done, total and a line of text; writes at most four times a second.
    """

    def __init__(self, job_id: int) -> None:
        self._job_id = job_id
        self._connection: psycopg.Connection[Any] | None = None
        self._last = 0.0

    def __call__(self, done: int, total: int, message: str = "") -> None:
        now = time.monotonic()
        if now - self._last < 0.25:
            return
        self._last = now
        if self._connection is None:
            parameters = connection.get_connection_params()
            known = {"dbname", "user", "password", "host", "port", "options", "sslmode", "sslrootcert"}
            self._connection = psycopg.connect(
                **{key: value for key, value in parameters.items() if key in known}, autocommit=True
            )
        self._connection.execute(
            "UPDATE core_job SET done = %s, total = %s, message = %s WHERE id = %s AND state = 'running'",
            [done, total, message[:300], self._job_id],
        )

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


Run = Callable[[Job, access.Actor, Progress, datetime], Result]
KINDS: dict[str, Run] = {}
CALLED: dict[str, Text] = {}


def kind(name: str, called: Text = "") -> Callable[[Run], Run]:
    """Declare what a kind of job does, and what people call it. Each name is declared once."""

    def declare(run: Run) -> Run:
        if name in KINDS:
            raise ValueError(f"The job {name} is declared twice.")
        KINDS[name] = run
        if called:
            CALLED[name] = called
        return run

    return declare


def enqueue(actor: access.Actor, name: str, label: str, arguments: dict[str, Any], *, now: datetime) -> Job:
    """Queue a job in the current transaction and return the row that shows its progress."""
    if name not in KINDS:
        raise ValueError(f"No job is called {name}.")
    with transaction.atomic():
        job = Job.objects.create(
            kind=name, label=label[:200], person_id=actor.person_id, arguments=arguments, created_at=now
        )
        run_job.configure(lock=f"job-{job.pk}").defer(job_id=job.pk)
    return job


def do_now(actor: access.Actor, name: str, label: str, arguments: dict[str, Any], *, now: datetime) -> Job:
    """Do a job while its person waits, and keep what came of it; for work that a page may wait for."""
    if name not in KINDS:
        raise ValueError(f"No job is called {name}.")
    job = Job.objects.create(
        kind=name, label=label[:200], person_id=actor.person_id, arguments=arguments, created_at=now, seen=True
    )
    return run(job.pk)


# Django wraps what the driver raises; a job also uses the driver itself, for its progress.
AWAY = (OperationalError, InterfaceError, psycopg.OperationalError)
ATTEMPTS = 3


@app.task(
    name="core.run_job",
    retry=RetryStrategy(max_attempts=ATTEMPTS, wait=5, retry_exceptions=set(AWAY)),
    pass_context=True,
)
def run_job(context: JobContext, job_id: int) -> None:
    """Called by the worker."""
    # A connection that broke meanwhile is not used again.
    connection.close_if_unusable_or_obsolete()
    run(job_id, again=context.job.attempts + 1 < ATTEMPTS)


def run(job_id: int, *, again: bool = False) -> Job:
    """
    Do a job that waits or was cut off, and keep what came of it. A job that is over is left alone.

    again: when the database goes away the job is tried once more, so the failure is raised and the job stays running.
    """
    started = Job.objects.filter(pk=job_id, state__in=["waiting", "running"]).update(
        state="running", started_at=timezone.now(), done=0, total=0, message=""
    )
    job = Job.objects.get(pk=job_id)
    if not started:
        return job
    progress = Progress(job_id)
    try:
        actor = access.actor_of(job.person_id, now=timezone.now())
        result = KINDS[job.kind](job, actor, progress, timezone.now())
    except Refused as refusal:
        _end(job_id, "failed", message=refusal.message, result={"code": refusal.code})
    except Exception as problem:
        if again and isinstance(problem, AWAY):
            raise
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        number = secrets.token_hex(3).upper()
        log.exception("Job %s (%s) failed, report number %s", job_id, job.kind, number)
        text = _("This failed. Nothing was written. Report number %(number)s.") % {"number": number}
        _end(job_id, "failed", message=text, report_number=number)
    else:
        _end(job_id, "done", message=result.message[:300], result=result.facts, result_url=result.url)
    finally:
        progress.close()
    job.refresh_from_db()
    return job


@transaction.atomic
def _end(job_id: int, state: str, **values: Any) -> None:
    now = timezone.now()
    if Job.objects.filter(pk=job_id, state="running").update(state=state, finished_at=now, **values):
        job = Job.objects.get(pk=job_id)
        # Who waited for it on a page has seen how it ended.
        if not job.seen:
            notifications.tell_of_job(job, now=now)


@app.periodic(cron="* * * * *")
@app.task(name="core.retry_stalled", queueing_lock="core.retry_stalled", pass_context=True)
async def retry_stalled(context: Any, timestamp: int) -> None:
    """Give the jobs of a worker that died to another one."""
    manager = context.app.job_manager
    for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=30):
        await manager.retry_job(stalled)
