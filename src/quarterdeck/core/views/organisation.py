"""The ledger."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from quarterdeck.core import registers, rights
from quarterdeck.core.errors import NotFound
from quarterdeck.core.register import register_page
from quarterdeck.core.web.pages import SignedIn, page
from quarterdeck.core.web.shell import crumb


@page
def ledger_page(request: SignedIn) -> HttpResponse:
    """What people did, sealed."""
    if not request.actor.holds(rights.SEE_LEDGER):
        raise NotFound
    return register_page(request, registers.LEDGER, crumbs=[crumb(_("Ledger"))])
