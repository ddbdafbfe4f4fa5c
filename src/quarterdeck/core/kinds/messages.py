"""What comments, notifications and attachments register when the site starts."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from quarterdeck.core import objects, rights
from quarterdeck.core.access import Actor
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.services import telling
from quarterdeck.core.services.roles import extend_role
from quarterdeck.core.web import happenings, navigation

EVENTS = {
    "core.comment.withdrawn": _("Comment of somebody else withdrawn"),
    "core.attachment.added": _("File added"),
    "core.attachment.removed": _("File removed"),
    "core.attachment.brought_back": _("File brought back"),
    "core.document.linked": _("Document linked"),
    "core.document.unlinked": _("Link to a document removed"),
    "core.document.brought_back": _("Link to a document brought back"),
    "core.mail.tried_again": _("Mail that failed sent again"),
    "core.mail.withdrawn": _("Mail withdrawn before it went"),
}
# Everybody with a part in the work talks; auditors and viewers read.
TALKING = (
    "administrator", "pmo_lead", "pmo_analyst", "portfolio_manager", "programme_manager", "project_manager", "sponsor",
    "board_member", "finance_partner",
)  # fmt: skip
# Who puts papers where others will look for them: everybody but those who only decide.
FILING = tuple(code for code in TALKING if code != "board_member")


def register() -> None:
    """Rights of the standard roles, pages in the navigation, and what events are called."""
    extend_role(TALKING, [rights.COMMENT])
    extend_role(FILING, [rights.ATTACH])
    extend_role(["administrator"], [rights.MANAGE_MAIL])
    for event, words in EVENTS.items():
        happenings.call(event, words)
    telling.keep_quiet("core.comment.withdrawn", "core.mail.tried_again", "core.mail.withdrawn")
    navigation.add_item(
        navigation.Item(
            "data", _("Mail"), "mails", "mail", 940, lambda actor: actor.holds(rights.MANAGE_MAIL), also=("mail",)
        )
    )


def register_tabs() -> None:
    """The pages that all things have which people talk about; called when every domain has said what it owns."""
    for kind in objects.kinds().values():
        if not kind.talk:
            continue
        for label, route, order, part in ((_("Talk"), "talk", 60, "comments"), (_("Files"), "files", 65, "files")):
            navigation.add_tab(
                navigation.Tab(
                    kind.code, label, route, order, may=_sees(kind), count=_count(part, kind), args=_args(kind)
                )
            )


def _sees(kind: objects.Kind) -> Any:
    return lambda actor, thing: questions.around_of(actor, kind, thing).sees


def _args(kind: objects.Kind) -> Any:
    return lambda thing: (kind.code, kind.key(thing))


def _count(part: str, kind: objects.Kind) -> Any:
    def count(actor: Actor, thing: Any) -> int | None:
        return getattr(questions.around_of(actor, kind, thing), part) or None

    return count
