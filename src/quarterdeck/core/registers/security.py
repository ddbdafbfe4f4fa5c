"""The security log as a register."""

from typing import Any

import django_filters
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from quarterdeck.core import security
from quarterdeck.core.access import Actor
from quarterdeck.core.models import Person, SecurityEvent
from quarterdeck.core.queries import sign_in as questions
from quarterdeck.core.register import ActorFilterSet, Column, Register, View
from quarterdeck.core.web import happenings

OUTCOMES = {"done": _("Done"), "refused": _("Refused"), "failed": _("Failed")}
TONES = {"done": "", "refused": " qd-tag-warn", "failed": " qd-tag-bad"}


def words_of(event: str) -> str:
    """An event in words, whether the ledger holds it too or not."""
    return str(security.words().get(event) or happenings.words_of(event))


class SecurityFilters(ActorFilterSet):
    """By what happened, how it ended, and when."""

    event = django_filters.ChoiceFilter(choices=(), label=_("What happened"), empty_label=_("anything"))
    outcome = django_filters.ChoiceFilter(choices=tuple(OUTCOMES.items()), label=_("Outcome"), empty_label=_("any"))
    since = django_filters.DateFilter(field_name="at", lookup_expr="date__gte", label=_("From"))
    until = django_filters.DateFilter(field_name="at", lookup_expr="date__lte", label=_("Until"))

    class Meta:
        model = SecurityEvent
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        watched = {event: words for event, words in happenings.known().items() if security.is_watched(event)}
        known = watched | security.words()
        self.filters["event"].extra["choices"] = sorted(known.items(), key=lambda each: str(each[1]))


def _log(actor: Actor) -> "QuerySet[SecurityEvent]":
    name = Person.objects.filter(pk=OuterRef("person_id")).values("name")
    return questions.security_events(actor).annotate(who=Subquery(name[:1]))


def _facts(event: SecurityEvent) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {_said(value)}" for name, value in event.facts.items() if value != "")


def _said(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _outcome(event: SecurityEvent) -> str:
    return format_html('<span class="qd-tag{}">{}</span>', TONES[event.outcome], OUTCOMES[event.outcome])


SECURITY_LOG = Register(
    name="security",
    title=_("Security log"),
    noun=_("entries"),
    noun_of_one=_("entry"),
    route="security_log",
    question=_log,
    columns=(
        Column("at", _("When"), lambda e: f"{e.at:%-d %b %Y %H:%M:%S} UTC", lambda e: e.at, ("at",), phone="figure"),
        Column("event", _("What happened"), lambda e: words_of(e.event), lambda e: e.event, ("event",), phone="title"),
        Column("outcome", _("Outcome"), _outcome, lambda e: e.outcome, ("outcome",), phone="state"),
        Column("who", _("Who"), lambda e: e.who or "", lambda e: e.who),
        Column(
            "account", _("Account"), lambda e: e.account_id or "", lambda e: e.account_id, (), "number", shown=False
        ),
        Column("method", _("Method"), lambda e: e.method, lambda e: e.method, shown=False),
        Column("path", _("Where"), lambda e: e.path, lambda e: e.path, ("path",), widest=True),
        Column("address", _("From"), lambda e: e.address, lambda e: e.address, ("address",)),
        Column("facts", _("Facts"), _facts, _facts),
    ),
    search=("event", "path", "address"),
    filters=SecurityFilters,
    order=("-at", "-pk"),
    order_label=_("newest first"),
    views=(
        View("all", _("All")),
        View("refused", _("Refused"), "outcome=refused"),
        View("failed", _("Failed"), "outcome=failed"),
    ),
    empty_title=_("Nothing is in the security log"),
    empty_text=_("Sign-ins, refused calls, changes of roles and exports are written here, each once."),
)
