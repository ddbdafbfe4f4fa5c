"""Imports as jobs: the look at a register, and its import."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quarterdeck.core import jobs
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Conflict
from quarterdeck.core.models import Job
from quarterdeck.core.web.pages import address
from quarterdeck.exchange import services
from quarterdeck.exchange.models import Import


@jobs.kind(services.PREVIEW, gettext_lazy("Look at a register to import"))
def preview(job: Job, actor: Actor, progress: jobs.Progress, now: datetime) -> jobs.Result:
    """Arguments: import, and its version when the look was asked for; a later choice makes this one pointless."""
    found = services.import_of_job(job.arguments)
    if found.state == "previewed":
        return _shown(found)
    if (found.state, found.version) != ("previewing", job.arguments["version"]):
        return jobs.Result(_("The columns were chosen anew meanwhile."), {}, address("import", found.uid))
    return _shown(services.preview(actor, found, now=now, tell=progress))


def _shown(found: Import) -> jobs.Result:
    counts = found.counts
    message = _("%(rows)d rows: %(new)d new, %(changed)d changed, %(refused)d refused.") % counts
    return jobs.Result(message, counts, address("import", found.uid))


@jobs.kind(services.IMPORT, gettext_lazy("Import of a register"))
def run_import(job: Job, actor: Actor, progress: jobs.Progress, now: datetime) -> jobs.Result:
    """Arguments: import, and the digest of the preview that the person saw. Done before, it says what was done."""
    found = services.import_of_job(job.arguments)
    try:
        found = services.import_all(actor, found, expected=job.arguments["digest"], now=now, tell=progress)
    except Conflict:
        found.refresh_from_db()
        if found.state != "imported":
            raise
    counts = found.counts
    message = _("%(new)d new, %(changed)d changed, %(unchanged)d the same, %(left)d left.") % counts
    return jobs.Result(message, counts, address("import", found.uid))
