"""What of the organisation is found, and what the palette offers of the kernel's pages."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from quarterdeck.core import access, rights, search
from quarterdeck.core.access import Actor
from quarterdeck.core.models import Node, Person, Role
from quarterdeck.core.queries import organisation, sign_in
from quarterdeck.core.search import Searchable
from quarterdeck.core.texts import Text
from quarterdeck.core.web import palette
from quarterdeck.core.web.palette import Offer


def register() -> None:
    """Units, people and roles, with the acts on them. What higher domains own they offer themselves."""
    search.offer(Searchable("unit", "name", 400, "ref", over=_ended))
    search.offer(Searchable("person", "name", 500, body=("email",), kept=False, place=_address, over=_left))
    search.offer(Searchable("role", "name", 600, body=("description",), kept=False, over=_given_no_more))
    palette.offer(*_acts(), *_pages(), *_parts_of_every_page())


def _acts() -> list[Offer]:
    return [
        Offer(
            _("New unit"), "plus", 400, _makes_units, "new_unit", also=_("add a division or department"), writes=True
        ),
        Offer(_("Add people"), "plus", 410, _manages_all, "new_people", also=_("new person"), writes=True),
        Offer(
            _("Invite somebody"), "mail", 420, sign_in.may_invite, "invite", also=_("people to sign in"), writes=True
        ),
        Offer(
            _("Give a role"), "user-check", 430, _gives_roles, "new_holding", also=_("to people; access"), writes=True
        ),
        Offer(_("New role"), "plus", 440, _manages_all, "new_role", also=_("add rights"), writes=True),
    ]


def _pages() -> list[Offer]:
    group = palette.PAGE
    return [
        Offer(_("Notifications"), "bell", 900, route="notifications", also=_("news told"), group=group),
        Offer(_("What you watch"), "eye", 910, route="watching", also=_("watching"), group=group),
        Offer(
            _("What you are told and how"), "adjustments-horizontal", 920, route="message_choices",
            also=_("notifications settings mail digest"), group=group,
        ),
        Offer(_("Your account"), "user", 930, route="own_account", also=_("password roles profile"), group=group),
        Offer(_("Second factor"), "fingerprint", 940, route="second_factor", also=_("passkey app"), group=group),
        Offer(_("Where you are signed in"), "device-desktop", 950, route="sessions", also=_("sessions"), group=group),
        Offer(_("Tokens"), "key", 960, route="tokens", also=_("keys of the API for programmes"), group=group),
        Offer(_("Interface for programmes"), "link", 970, route="api_docs", also="API OpenAPI", group=group),
        Offer(_("Invitations"), "mail", 645, sign_in.may_invite, "invitations", also=_("invited"), group=group),
    ]  # fmt: skip


def _parts_of_every_page() -> list[Offer]:
    return [
        Offer(
            _("Switch between light and dark"), "moon", 980, presses="qd-flip-theme", also=_("theme colours contrast")
        ),
        Offer(_("Look as of another day"), "calendar-clock", 970, presses="qd-as-of-open", also=_("past history date")),
        Offer(_("Show all keys"), "keyboard", 985, presses="qd-keys", also=_("keyboard shortcuts help")),
        Offer(_("Sign out"), "logout", 990, presses="qd-sign-out", also=_("leave log out")),
    ]


def _makes_units(actor: Actor) -> bool:
    held = access.visible_nodes(actor, rights.MANAGE_ORGANISATION)
    return held.filter(kind="unit", ended_on__isnull=True).exists()


def _manages_all(actor: Actor) -> bool:
    return actor.top is not None and access.may(actor, rights.MANAGE_ORGANISATION, on=actor.top)


def _gives_roles(actor: Actor) -> bool:
    return organisation.places_to_give(actor).exists()


def _address(person: Person) -> str:
    return person.email


def _ended(unit: Node, day: date) -> Text:
    return _("ended") if unit.ended_on is not None and unit.ended_on <= day else ""


def _left(person: Person, day: date) -> Text:
    return _("left") if person.left_on is not None and person.left_on <= day else ""


def _given_no_more(role: Role, _day: date) -> Text:
    return _("given no more") if role.ended_on is not None else ""
