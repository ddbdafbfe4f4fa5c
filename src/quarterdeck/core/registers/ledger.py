"""What people did, sealed."""

import json
from typing import Any

import django_filters
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from quarterdeck.core.access import Actor
from quarterdeck.core.models import LedgerEntry, Person
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.register import ActorFilterSet, Column, Register, declare
from quarterdeck.core.web import happenings

SHA256 = 64  # digits


class LedgerFilters(ActorFilterSet):
    """By what happened and in which stream."""

    event = django_filters.ChoiceFilter(
        field_name="event",
        choices=(),
        label=_("What happened"),
        empty_label=_("anything"),
    )
    stream = django_filters.CharFilter(field_name="stream", lookup_expr="exact", label=_("Stream"))

    class Meta:
        model = LedgerEntry
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = sorted(happenings.known().items(), key=lambda each: str(each[1]))
        self.filters["event"].extra["choices"] = known


def _ledger(actor: Actor) -> "QuerySet[LedgerEntry]":
    name = Person.objects.filter(pk=OuterRef("actor_id")).values("name")
    return questions.ledger_entries(actor).annotate(who=Subquery(name[:1]))


def _facts(entry: LedgerEntry) -> str:
    """The facts of an entry on one line; the entry itself, as it is sealed, on hover and in exports."""
    told = []
    for name, held in json.loads(entry.entry).get("facts", {}).items():
        pairs = held.items() if isinstance(held, dict) else [(name, held)]
        told += [f"{key.replace('_', ' ')} {_short(value)}" for key, value in pairs if value not in ("", None)]
    return format_html('<span title="{}">{}</span>', entry.entry, ", ".join(told))


def _short(value: Any) -> str:
    text = str(value)
    return text[:12] if len(text) == SHA256 else text


LEDGER = Register(
    name="ledger",
    title=_("Ledger"),
    noun=_("entries"),
    noun_of_one=_("entry"),
    route="ledger",
    question=_ledger,
    columns=(
        Column("seq", _("Number"), lambda e: e.seq, lambda e: e.seq, ("stream", "seq"), "number", phone="figure"),
        Column("stream", _("Stream"), lambda e: e.stream, lambda e: e.stream, ("stream",)),
        Column(
            "event",
            _("What happened"),
            lambda e: happenings.words_of(e.event),
            lambda e: e.event,
            ("event",),
            phone="title",
        ),
        Column("who", _("Who"), lambda e: e.who or "", lambda e: e.who),
        Column("at", _("When"), lambda e: f"{e.at:%-d %b %Y %H:%M} UTC", lambda e: e.at, ("at",), phone="state"),
        Column("entry", _("Facts"), _facts, lambda e: e.entry, widest=True),
        Column("hash", _("Seal"), lambda e: e.hash[:12], lambda e: e.hash),
    ),
    search=("event", "entry", "hash"),
    filters=LedgerFilters,
    order=("-sealed_at",),
    order_label=_("newest first"),
    empty_title=_("Nothing is in the ledger yet"),
    empty_text=_("Whatever people decide or import is written here and sealed."),
)

declare(LEDGER)
