"""Looking at a change of many rows, carrying it out and putting it back, as jobs: short ones while the person waits."""

from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from quarterdeck.core import jobs
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotFound, Refused
from quarterdeck.core.models import Job
from quarterdeck.core.register import bulk
from quarterdeck.core.register.declaration import Edit, Register
from quarterdeck.core.register.registry import register_named
from quarterdeck.core.web.pages import address

LOOK = "core.list.look"
CHANGE = "core.list.change"
# So many rows are changed while the person waits.
AT_ONCE = 200


class ManyForm(forms.Form):
    """A value for many rows, and why."""

    note = forms.CharField(required=False, max_length=1000)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Stays in the history beside each change."),
    )

    def __init__(self, *args: Any, edit: Edit, actor: Actor, label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        value = edit.field(actor)
        value.label = label
        note = self.fields.pop("note")
        if edit.note:
            note.label = _("Why this value")
        self.fields = {"value": value, **({"note": note} if edit.note else {}), **self.fields}

    def facts(self, edit: Edit) -> dict[str, Any]:
        """What the change of the register gets."""
        found = {edit.fact: self.cleaned_data["value"]}
        if note := self.cleaned_data.get("note"):
            found[edit.note] = note
        return found


def edit_of(register: Register, fact: str) -> tuple[Any, Edit]:
    """Words and edit of a fact that many rows can be given at once; NotFound for what is none."""
    found = register.edits.get(fact)
    if found is None or not found[1].verb or register.change is None:
        raise NotFound
    return found


def look_at(
    actor: Actor, register: Register, fact: str, sent: dict[str, str], selection: dict[str, Any], *, now: datetime
) -> Job:
    """Begin the look at a change. selection : keys, address and everything, as `bulk.chosen` takes them."""
    _label, edit = edit_of(register, fact)
    count = len(bulk.chosen(register, actor, **selection))
    label = _("What would change: %(verb)s, %(count)d %(noun)s") % {
        "verb": edit.verb,
        "count": count,
        "noun": register.noun_of_one if count == 1 else register.noun,
    }
    arguments = {"register": register.name, "fact": fact, "sent": sent, "selection": selection}
    return _begin(actor, LOOK, label, arguments, count, now=now)


def change_as_planned(actor: Actor, look: Job, *, now: datetime) -> Job:
    """Carry out what a look showed."""
    register = register_named(look.arguments["register"])
    fact = look.arguments["fact"]
    steps = look.result["steps"]
    label = f"{edit_of(register, fact)[1].verb}: {_rows(register, len(steps))}"
    arguments = {"register": register.name, "fact": fact, "steps": steps, "reason": look.result["reason"]}
    return _begin(actor, CHANGE, label, arguments, len(steps), now=now)


def put_back(actor: Actor, done: Job, *, now: datetime) -> Job:
    """Carry out the steps that put a change back; what was changed again since is left alone."""
    register = register_named(done.arguments["register"])
    fact = done.arguments["fact"]
    steps = done.result["back"]
    label = _("Put back: %(what)s, %(rows)s") % {
        "what": edit_of(register, fact)[0],
        "rows": _rows(register, len(steps)),
    }
    reason = _("Put back as it was before.")
    arguments = {"register": register.name, "fact": fact, "steps": steps, "reason": reason, "back_of": str(done.uid)}
    return _begin(actor, CHANGE, label, arguments, len(steps), now=now)


def _rows(register: Register, count: int) -> str:
    return f"{count} {register.noun_of_one if count == 1 else register.noun}"


def _begin(actor: Actor, kind: str, label: str, arguments: dict[str, Any], count: int, *, now: datetime) -> Job:
    begin = jobs.do_now if count <= AT_ONCE else jobs.enqueue
    return begin(actor, kind, label, arguments, now=now)


@jobs.kind(LOOK, gettext_lazy("Look at a change of many rows"))
def run_look(job: Job, actor: Actor, progress: jobs.Progress, now: datetime) -> jobs.Result:
    """Arguments: register, fact, sent (the form as it was sent) and selection."""
    register = register_named(job.arguments["register"])
    label, edit = edit_of(register, job.arguments["fact"])
    form = ManyForm(job.arguments["sent"], edit=edit, actor=actor, label=label)
    if not form.is_valid():
        raise Refused("not_valid", " ".join(str(text) for errors in form.errors.values() for text in errors))
    ids = bulk.chosen(register, actor, **job.arguments["selection"])
    reason = form.cleaned_data["reason"]
    plan = bulk.look(register, actor, edit, form.facts(edit), ids, now=now, reason=reason, tell=progress)
    facts = {
        "steps": [step.as_list() for step in plan.steps],
        "refused": [list(each) for each in plan.refused],
        "same": plan.same,
        "reason": reason,
    }
    message = _("%(change)d would change, %(refused)d would not, %(same)d are so already.") % {
        "change": len(plan.steps),
        "refused": len(plan.refused),
        "same": plan.same,
    }
    return jobs.Result(message, facts, address("bulk_plan", job.uid))


@jobs.kind(CHANGE, gettext_lazy("Change of many rows"))
def run_change(job: Job, actor: Actor, progress: jobs.Progress, now: datetime) -> jobs.Result:
    """
    Arguments: register, fact, steps and reason.

    What came of it is written with the changes themselves, so that a job that was cut off between does nothing twice.
    """
    if "back" in job.result:
        return _changed(job, job.result)
    register = register_named(job.arguments["register"])
    _label, edit = edit_of(register, job.arguments["fact"])
    steps = [bulk.Step(*each) for each in job.arguments["steps"]]
    with transaction.atomic():
        back, refused = bulk.carry_out(
            register,
            actor,
            edit,
            steps,
            now=now,
            reason=job.arguments["reason"],
            tell=progress,
        )
        facts = {"back": [step.as_list() for step in back], "refused": [list(each) for each in refused]}
        Job.objects.filter(pk=job.pk).update(result=facts)
    return _changed(job, facts)


def _changed(job: Job, facts: dict[str, Any]) -> jobs.Result:
    done, refused = len(facts["back"]), len(facts["refused"])
    message = ngettext("%(count)d changed", "%(count)d changed", done) % {"count": done}
    message += "." if not refused else ", " + _("%(count)d left as they were.") % {"count": refused}
    return jobs.Result(message, facts, address("bulk_result", job.uid))
