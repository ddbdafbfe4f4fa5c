"""Who was asked to sign in, and what became of it."""

import django_filters
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from quarterdeck.core.models import Invitation
from quarterdeck.core.queries import sign_in as questions
from quarterdeck.core.register import ActorFilterSet, Column, Register, View
from quarterdeck.core.templatetags.qd import day, moment
from quarterdeck.core.web.pages import address

STATES = {"open": _("open"), "accepted": _("accepted"), "withdrawn": _("withdrawn"), "expired": _("too old")}
TONES = {"open": " qd-tag-info", "accepted": " qd-tag-good"}


class InvitationFilters(ActorFilterSet):
    """By what became of it."""

    state = django_filters.ChoiceFilter(choices=tuple(STATES.items()), label=_("State"), empty_label=_("any"))

    class Meta:
        model = Invitation
        fields: list[str] = []


def _name(invitation: Invitation) -> SafeString:
    return format_html(
        '<a class="qd-name" href="{}">{}</a>', address("invitation_one", invitation.uid), invitation.name
    )


def _state(invitation: Invitation) -> SafeString:
    return format_html('<span class="qd-tag{}">{}</span>', TONES.get(invitation.state, ""), STATES[invitation.state])


INVITATIONS = Register(
    name="invitations",
    title=_("Invitations"),
    noun=_("invitations"),
    noun_of_one=_("invitation"),
    route="invitations",
    question=questions.invitations,
    columns=(
        Column("name", _("Name"), _name, lambda i: i.name, ("name",), phone="title"),
        Column("email", _("Address"), lambda i: i.email, lambda i: i.email, ("email",), widest=True),
        Column("state", _("State"), _state, lambda i: str(STATES[i.state]), ("state",), phone="state"),
        Column(
            "role",
            _("Role"),
            lambda i: i.role.name if i.role else "",
            lambda i: i.role.name if i.role else None,
            ("role__name",),
        ),
        Column(
            "place",
            _("Where"),
            lambda i: i.node.name if i.node else "",
            lambda i: i.node.name if i.node else None,
            ("node__name",),
        ),
        Column("by", _("Invited by"), lambda i: i.invited_by.name, lambda i: i.invited_by.name, ("invited_by__name",)),
        Column("sent", _("Since"), lambda i: moment(i.created_at), lambda i: i.created_at, ("created_at",), "number"),
        Column(
            "until",
            _("Until"),
            lambda i: day(i.expires_at.date()),
            lambda i: i.expires_at.date(),
            ("expires_at",),
            "number",
            phone="figure",
        ),
    ),
    search=("name", "email"),
    filters=InvitationFilters,
    order=("-created_at", "-pk"),
    order_label=_("newest first"),
    views=(View("open", _("Open"), "state=open"), View("all", _("All"), "")),
    key=lambda invitation: str(invitation.uid),  # type: ignore[attr-defined]
    key_field="uid",
    empty_title=_("Nobody is invited"),
    empty_text=_("An invitation lets somebody choose how to sign in, and brings the role that they are asked to take."),
)
