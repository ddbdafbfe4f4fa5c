"""The demo organisation as a job: the first page offers it and shows how far it is."""

from datetime import datetime

from quarterdeck.core import jobs
from quarterdeck.core.access import Actor
from quarterdeck.core.models import Job
from quarterdeck.core.web.pages import address
from quarterdeck.site.demo.build import SEED, build

DEMO = "site.demo"


@jobs.kind(DEMO)
def run(job: Job, actor: Actor, progress: jobs.Progress, now: datetime) -> jobs.Result:
    """Argument: seed, optional."""
    report = build(actor, now=now, seed=int(job.arguments.get("seed", SEED)), progress=progress)
    return jobs.Result(report.message, report.facts, address("home"))
