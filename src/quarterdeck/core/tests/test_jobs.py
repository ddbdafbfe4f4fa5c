"""A job is done once, whatever happens to its worker or to the database meanwhile."""

import os
import signal
from collections.abc import Iterator
from datetime import datetime

import pytest
from django.db import OperationalError, connections, transaction

from quarterdeck.core import access, jobs, ledger
from quarterdeck.core.models import Job, LedgerEntry
from quarterdeck.core.tests import make

NAME = "core.test"


@pytest.fixture
def declare() -> Iterator[None]:
    yield
    jobs.KINDS.pop(NAME, None)


def queued() -> Job:
    return jobs.enqueue(make.admin(), NAME, "A test", {}, now=make.MONDAY)


def once(job: Job, actor: access.Actor, progress: jobs.Progress, now: datetime) -> jobs.Result:
    """Safe to do twice: everything in one transaction, and done already it changes nothing."""
    with transaction.atomic():
        if not LedgerEntry.objects.filter(event="core.test.done", subject_id=job.pk).exists():
            ledger.record(actor, "core.test.done", on=job, at=now)
            if job.state == "running" and os.environ.get("QD_KILL_ME"):
                os.kill(os.getpid(), signal.SIGKILL)
    return jobs.Result("Done.")


@pytest.mark.usefixtures("declare")
def test_the_job_of_a_worker_that_was_killed_runs_again_and_is_done_once(committed: str) -> None:
    jobs.kind(NAME)(once)
    job = queued()
    connections.close_all()
    pid = os.fork()
    if not pid:
        os.environ["QD_KILL_ME"] = "1"
        jobs.run(job.pk)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    assert Job.objects.get().state == "running"
    assert not LedgerEntry.objects.filter(event="core.test.done").exists()

    assert [jobs.run(job.pk).state for _ in range(3)] == ["done"] * 3

    assert LedgerEntry.objects.filter(event="core.test.done").count() == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("declare")
def test_a_job_is_tried_again_while_the_database_is_away_and_failed_when_it_stays_away() -> None:
    def away(job: Job, actor: access.Actor, progress: jobs.Progress, now: datetime) -> jobs.Result:
        raise OperationalError("the connection is lost")

    jobs.kind(NAME)(away)
    job = queued()

    with pytest.raises(OperationalError):
        jobs.run(job.pk, again=True)
    assert Job.objects.get().state == "running"

    assert jobs.run(job.pk).state == "failed"
    assert Job.objects.get().report_number
