"""Events of signing in."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from quarterdeck.core import access, rights, security
from quarterdeck.core.access import Actor
from quarterdeck.core.services.roles import extend_role
from quarterdeck.core.web import happenings, navigation

EVENTS = {
    "core.account.opened": _("Account opened"),
    "core.account.disabled": _("Account switched off"),
    "core.account.enabled": _("Account switched on"),
    "core.account.signed_in_by_link": _("Signed in by link"),
    "core.account.signed_out_everywhere": _("Signed out everywhere"),
    "core.sign_in_link.made": _("Sign-in link made"),
    "core.password.set": _("Password set"),
    "core.second_factor.added": _("Second factor added"),
    "core.second_factor.removed": _("Second factor removed"),
    "core.second_factor.reset": _("Second factor reset"),
    "core.recovery_codes.renewed": _("Recovery codes renewed"),
    "core.passkey.renamed": _("Passkey renamed"),
    "core.invitation.sent": _("Invitation sent"),
    "core.invitation.withdrawn": _("Invitation withdrawn"),
    "core.invitation.accepted": _("Invitation accepted"),
    "core.outside_identity.linked": _("Identity provider linked"),
    "core.token.made": _("Token made"),
    "core.token.revoked": _("Token revoked"),
}
# What the security log alone holds.
OWN_EVENTS = {
    "core.account.signed_in": _("Sign-in"),
    "core.account.signed_out": _("Sign-out"),
    "core.account.confirmed": _("Confirmed who it is"),
    "core.session.ended": _("Session ended"),
    "core.second_factor.wrong": _("Wrong code"),
    "core.passkey.wrong": _("Wrong passkey"),
    "core.token.first_used": _("Token used for the first time"),
    "core.limit.reached": _("Limit reached"),
    "core.call.refused": _("Refused"),
    "core.form.refused": _("Form without our token"),
    "core.list.exported": _("List exported"),
}
# With what the names of events begin that are in the ledger and in the security log.
WATCHED = (
    "core.account.",
    "core.sign_in_link.",
    "core.password.",
    "core.second_factor.",
    "core.recovery_codes.",
    "core.passkey.",
    "core.token.",
    "core.invitation.",
    "core.outside_identity.",
    "core.role.",
    "core.organisation.",
)


def register() -> None:
    """What the events are called, who reads the security log, and where it stands in the navigation."""
    for event, words in EVENTS.items():
        happenings.call(event, words)
    security.watch(*WATCHED)
    security.call(OWN_EVENTS)
    extend_role(["administrator", "auditor"], [rights.SEE_SECURITY_LOG])
    navigation.add_tab(navigation.Tab("person", _("Sign-in"), "person_sign_in", 70, may=_manages))
    navigation.add_item(
        navigation.Item(
            "governance",
            _("Security log"),
            "security_log",
            "shield-lock",
            750,
            lambda actor: actor.holds(rights.SEE_SECURITY_LOG),
        )
    )


def _manages(actor: Actor, _person: Any) -> bool:
    return actor.top is not None and access.may(actor, rights.MANAGE_ORGANISATION, on=actor.top)
