"""Standard roles, and the pages and events of the organisation."""

from django.utils.translation import gettext_lazy as _

from quarterdeck.core import rights
from quarterdeck.core.services.roles import standard_role
from quarterdeck.core.web import happenings, navigation

EVENTS = {
    "core.organisation.founded": _("Organisation founded"),
    "core.organisation.named": _("Organisation named"),
    "core.unit.made": _("Unit made"),
    "core.unit.renamed": _("Unit renamed"),
    "core.portfolio.made": _("Portfolio made"),
    "core.portfolio.renamed": _("Portfolio renamed"),
    "core.programme.made": _("Programme made"),
    "core.programme.renamed": _("Programme renamed"),
    "core.project.renamed": _("Project renamed"),
    "core.person.added": _("Person added"),
    "core.role.given": _("Role given"),
    "core.role.ended": _("Role ended"),
}


def register() -> None:
    """Standard roles and the kernel's own pages."""
    see, manage, ledger = rights.SEE_ORGANISATION, rights.MANAGE_ORGANISATION, rights.SEE_LEDGER
    standard_role("administrator", "Administrator", "Sets the organisation up and gives roles.", [see, manage, ledger])
    standard_role("pmo_lead", "PMO lead", "Runs the PMO: sees and keeps the whole portfolio.", [see, manage, ledger])
    standard_role("pmo_analyst", "PMO analyst", "Keeps the portfolio's data.", [see])
    standard_role("portfolio_manager", "Portfolio manager", "Answers for a portfolio.", [see])
    standard_role("programme_manager", "Programme manager", "Answers for a programme.", [see])
    standard_role("sponsor", "Sponsor", "Owns the business case of a project.", [see], single=True)
    standard_role("project_manager", "Project manager", "Leads a project day to day.", [see], single=True)
    standard_role("board_member", "Board member", "Decides on a portfolio.", [see, rights.SEE_CONFIDENTIAL_TOTALS])
    standard_role("finance_partner", "Finance partner", "Advises on money.", [see, rights.SEE_CONFIDENTIAL_TOTALS])
    standard_role("auditor", "Auditor", "Reads everything, changes nothing.", [see, ledger])
    standard_role("viewer", "Viewer", "Reads.", [see])
    navigation.register_own()
    for event, words in EVENTS.items():
        happenings.call(event, words)
