"""Invitations: whoever may give the role there may invite to it."""

from quarterdeck.core.models import Invitation, Node, Role
from quarterdeck.core.rights import MANAGE_ORGANISATION, SEE_ORGANISATION
from quarterdeck.core.services import invitations
from quarterdeck.projects.rights import MANAGE_PORTFOLIO, SEE_PROJECT
from tests.who_may.row import Row
from tests.who_may.world import NOW, World

TOO_MUCH = {"more_than_held"}
GIVES = {MANAGE_ORGANISATION, SEE_ORGANISATION, SEE_PROJECT}
ADDRESS = "nora@norhaven.example"


def invited(w: World, on: Node) -> Invitation:
    viewer = Role.objects.get(code="viewer")
    return invitations.invite(w.admin, email=ADDRESS, name="Nora North", role=viewer, on=on, now=NOW)


def invite(w: World, on: Node) -> Invitation:
    viewer = Role.objects.get(code="viewer")
    return invitations.invite(w.actor, email=ADDRESS, name="Nora North", role=viewer, on=on, now=NOW)


ROWS = [
    Row(
        invitations.invite, {MANAGE_ORGANISATION},
        lambda w, _: invitations.invite(w.actor, email=ADDRESS, name="Nora North", now=NOW),
    ),
    Row(invitations.invite, GIVES, lambda w, _: invite(w, w.unit), at="unit", refusals=TOO_MUCH),
    Row(
        invitations.invite, {MANAGE_PORTFOLIO, SEE_ORGANISATION, SEE_PROJECT},
        lambda w, _: invite(w, w.project.node), at="project", refusals=TOO_MUCH,
    ),
    Row(
        invitations.send_again, GIVES, lambda w, found: invitations.send_again(w.actor, found, now=NOW),
        at="unit", given=lambda w: invited(w, w.unit), refusals=TOO_MUCH,
    ),
    Row(
        invitations.withdraw, {MANAGE_ORGANISATION},
        lambda w, found: invitations.withdraw(w.actor, found, now=NOW),
        at="unit", given=lambda w: invited(w, w.unit),
    ),
]  # fmt: skip
INSIDE = {invitations.require_to_invite: "is the question itself"}
