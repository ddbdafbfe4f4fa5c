"""Long work: one's own, and for administrators everybody's."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from quarterdeck.core import jobs
from quarterdeck.core.models import Job
from quarterdeck.core.queries import jobs as questions
from quarterdeck.core.register import ActorFilterSet, Column, Register, View, declare
from quarterdeck.core.templatetags.qd import icon, moment, number
from quarterdeck.core.web.pages import address

STATES = {
    "waiting": (_("Waits"), "", "clock"),
    "running": (_("At work"), "qd-tag-info", "clock"),
    "done": (_("Done"), "qd-tag-good", "check"),
    "failed": (_("Failed"), "qd-tag-bad", "ban"),
}


class JobFilters(ActorFilterSet):
    """By how it stands, and whose it is: one's own unless everybody's is asked for."""

    state = django_filters.MultipleChoiceFilter(
        label=_("State"),
        choices=[(state, words) for state, (words, _tone, _sign) in STATES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    whose = django_filters.ChoiceFilter(
        label=_("Whose"),
        choices=[("everybody", _("everybody’s"))],
        method="filter_whose",
        widget=forms.RadioSelect,
        empty_label=_("my own"),
    )

    class Meta:
        model = Job
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not questions.sees_all_jobs(self.actor):
            del self.filters["whose"]

    def filter_queryset(self, queryset: "QuerySet[Job]") -> "QuerySet[Job]":
        found: QuerySet[Job] = super().filter_queryset(queryset)
        asked = self.form.cleaned_data.get("whose")
        return found if asked else found.filter(person_id=self.actor.person_id)

    def filter_whose(self, found: "QuerySet[Job]", _name: str, value: str) -> "QuerySet[Job]":
        return found


def _kind(job: Job) -> str:
    return str(jobs.CALLED.get(job.kind) or job.kind.rpartition(".")[2].replace("_", " "))


def _what(job: Any) -> str | SafeString:
    if not job.mine:
        return _kind(job)
    return format_html('<a class="qd-name" href="{}">{}</a>', address("job", job.uid), job.told_label)


def _state(job: Job) -> SafeString:
    words, tone, sign = STATES[job.state]
    return format_html('<span class="qd-tag {}">{}{}</span>', tone, icon(sign, "small"), words)


def _progress(job: Job) -> str:
    if job.state != "running" or not job.total:
        return ""
    return _t("%(done)s of %(total)s") % {"done": number(job.done), "total": number(job.total)}


def _took(job: Job) -> int | None:
    if job.started_at is None or job.finished_at is None:
        return None
    return round((job.finished_at - job.started_at).total_seconds())


JOBS = Register(
    name="jobs",
    title=_("Long work"),
    noun=_("pieces of work"),
    noun_of_one=_("piece of work"),
    route="jobs",
    question=questions.jobs,
    columns=(
        Column("what", _("What"), _what, lambda j: j.told_label or None, ("told_label",), widest=True, phone="title"),
        Column("kind", _("Kind"), _kind, _kind, ("kind",), shown=False, data=lambda j: j.kind),
        Column(
            "state",
            _("State"),
            _state,
            lambda j: str(STATES[j.state][0]),
            ("state",),
            phone="state",
            data=lambda j: j.state,
        ),
        Column("progress", _("How far"), _progress, lambda j: _progress(j) or None, align="number"),
        Column("result", _("Result"), lambda j: j.told_message, lambda j: j.told_message or None),
        Column("who", _("Who"), lambda j: j.person.name, lambda j: j.person.name, ("person__name",), shown=False),
        Column(
            "asked",
            _("Asked for"),
            lambda j: moment(j.created_at),
            lambda j: j.created_at,
            ("created_at",),
            "number",
            phone="figure",
        ),
        Column(
            "ended",
            _("Ended"),
            lambda j: moment(j.finished_at) if j.finished_at else "",
            lambda j: j.finished_at,
            ("finished_at",),
            "number",
        ),
        Column(
            "took",
            _("Took"),
            lambda j: "" if _took(j) is None else _t("%(seconds)s s") % {"seconds": number(_took(j))},
            _took,
            (),
            "number",
            shown=False,
        ),
        Column(
            "report",
            _("Report number"),
            lambda j: j.report_number,
            lambda j: j.report_number or None,
            ("report_number",),
            shown=False,
        ),
    ),
    search=("told_label", "person__name", "report_number"),
    filters=JobFilters,
    order=("-created_at",),
    order_label=_("newest first"),
    views=(
        View("own", _("My own")),
        View("failed", _("Failed"), "state=failed"),
        View("everybody", _("Everybody’s"), "whose=everybody&columns=what,who,state,progress,asked,ended,report"),
    ),
    key=lambda job: str(job.uid),  # type: ignore[attr-defined]
    key_field="uid",
    empty_title=_("No long work yet"),
    empty_text=_("What takes longer than a page may wait is done beside it, such as an import. It is listed here."),
)

declare(JOBS)
