"""Mail that waits or failed, for who keeps the installation running. What it says is not shown."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from quarterdeck.core import rights
from quarterdeck.core.errors import NotFound, Refused
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.register import register_page
from quarterdeck.core.registers.mails import MAILS, STATES
from quarterdeck.core.services import outbox
from quarterdeck.core.web.pages import SignedIn, address, page, show
from quarterdeck.core.web.shell import crumb

ACTS = {"try_again": outbox.try_again, "withdraw": outbox.withdraw}


@page
def mails(request: SignedIn) -> HttpResponse:
    """Every mail the reader may know of."""
    if not request.actor.holds(rights.MANAGE_MAIL):
        raise NotFound
    line = (
        "" if outbox.is_sent() else _("There is no mail server yet, so mail waits here. QUARTERDECK_MAIL_URL names it.")
    )
    return register_page(request, MAILS, context_line=line, crumbs=[crumb(_("Mail"))])


@page
def mail(request: SignedIn, uid: UUID) -> HttpResponse:
    """One mail: what became of it, and what can be done."""
    found = questions.mails(request.actor).filter(uid=uid).first()
    if found is None:
        raise NotFound
    if request.method == "POST":
        act = ACTS.get(request.POST.get("act", ""))
        if act is None:
            raise Refused("no_such_act", _("A mail is tried again or withdrawn."))
        act(request.actor, uid, now=request.now)
        return redirect("mail", uid)
    return show(
        request,
        "core/messages/mail.html",
        mail=found,
        state=STATES[found.state],
        message_id=outbox.message_id(found),
        mail_is_sent=outbox.is_sent(),
        crumbs=[crumb(_("Mail"), address("mails")), crumb(found.address)],
    )
