"""Mail that waits, was sent, failed or was withdrawn."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from quarterdeck.core.access import Actor
from quarterdeck.core.models import OutgoingMail
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.register import ActorFilterSet, Column, Register, View
from quarterdeck.core.texts import Text
from quarterdeck.core.web.pages import address

STATES: dict[str, Text] = {
    "waiting": _("Waits"),
    "sent": _("Sent"),
    "failed": _("Failed"),
    "withdrawn": _("Withdrawn"),
}


class MailFilters(ActorFilterSet):
    """By what became of it."""

    state = django_filters.ChoiceFilter(
        field_name="state", choices=list(STATES.items()), label=_("State"), empty_label=_("any")
    )

    class Meta:
        model = OutgoingMail
        fields: list[str] = []


def _mails(actor: Actor) -> QuerySet[OutgoingMail]:
    return questions.mails(actor)


def _key(row: Any) -> str:
    return str(row.uid)


def _address(mail: OutgoingMail) -> str:
    return format_html('<a class="qd-name" href="{}">{}</a>', address("mail", mail.uid), mail.address)


def _state(mail: OutgoingMail) -> str:
    tone = {"failed": " qd-tag-bad", "waiting": " qd-tag-info"}.get(mail.state, "")
    return format_html('<span class="qd-tag{}">{}</span>', tone, STATES[mail.state])


MAILS = Register(
    name="mails",
    title=_("Mail"),
    noun=_("mails"),
    noun_of_one=_("mail"),
    route="mails",
    question=_mails,
    columns=(
        Column("address", _("To"), _address, lambda m: m.address, ("address",), phone="title"),
        Column("state", _("State"), _state, lambda m: str(STATES[m.state]), ("state",), phone="state"),
        Column("subject", _("Subject"), lambda m: m.subject, lambda m: m.subject, ("subject",), widest=True),
        Column(
            "created_at",
            _("Written"),
            lambda m: f"{m.created_at:%-d %b %Y %H:%M} UTC",
            lambda m: m.created_at,
            ("created_at",),
            phone="figure",
        ),
        Column("attempts", _("Tries"), lambda m: m.attempts, lambda m: m.attempts, ("attempts",), "number"),
        Column(
            "due_at",
            _("Next try"),
            lambda m: f"{m.due_at:%-d %b %Y %H:%M} UTC" if m.state == "waiting" else "",
            lambda m: m.due_at if m.state == "waiting" else None,
            ("due_at",),
        ),
        Column("problem", _("What went wrong"), lambda m: m.problem, lambda m: m.problem),
    ),
    search=("address", "subject", "problem"),
    filters=MailFilters,
    order=("-created_at", "-pk"),
    order_label=_("newest first"),
    views=(
        View("all", _("All")),
        View("failed", _("Failed"), "state=failed"),
        View("waiting", _("Waits"), "state=waiting"),
    ),
    key=_key,
    key_field="uid",
    empty_title=_("No mail was written yet"),
    empty_text=_("Invitations, notifications and whatever else goes to people by mail is listed here."),
)
