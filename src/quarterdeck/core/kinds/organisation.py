"""Standard roles, and the pages and events of the organisation."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from quarterdeck.core import objects, rights
from quarterdeck.core.models import Node, Person, Role
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.services.roles import keep_role, standard_role
from quarterdeck.core.web import happenings, navigation

EVENTS = {
    "core.organisation.founded": _("Organisation founded"),
    "core.organisation.named": _("Organisation named"),
    "core.unit.made": _("Unit made"),
    "core.unit.renamed": _("Unit renamed"),
    "core.unit.moved": _("Unit moved"),
    "core.unit.ended": _("Unit ended"),
    "core.unit.brought_back": _("Unit brought back"),
    "core.portfolio.made": _("Portfolio made"),
    "core.portfolio.renamed": _("Portfolio renamed"),
    "core.portfolio.moved": _("Portfolio moved"),
    "core.portfolio.ended": _("Portfolio ended"),
    "core.portfolio.brought_back": _("Portfolio brought back"),
    "core.programme.made": _("Programme made"),
    "core.programme.renamed": _("Programme renamed"),
    "core.programme.moved": _("Programme moved"),
    "core.programme.ended": _("Programme ended"),
    "core.programme.brought_back": _("Programme brought back"),
    "core.project.renamed": _("Project renamed"),
    "core.project.moved": _("Project moved"),
    "core.person.added": _("Person added"),
    "core.person.changed": _("Name or address of a person changed"),
    "core.person.left": _("Person left"),
    "core.person.brought_back": _("Person brought back"),
    "core.role.given": _("Role given"),
    "core.role.ended": _("Holding of a role ended"),
    "core.role.taken_back": _("Role taken back before it counted"),
    "core.role.continued": _("Holding of a role continued"),
    "core.role.made": _("Role made"),
    "core.role.changed": _("Role changed"),
    "core.role.withdrawn": _("Role given no more"),
    "core.role.brought_back": _("Role given again"),
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
    keep_role("administrator", [see, manage])
    navigation.register_own()
    for kind in (UNIT, PERSON, ROLE):
        objects.own(kind)
        navigation.add_tab(navigation.Tab(kind.code, _("Overview"), kind.code, 10))
    for event, words in EVENTS.items():
        happenings.call(event, words)


UNIT = objects.Kind(
    code="unit",
    label=_("Unit"),
    label_of_many=_("Units"),
    model=Node,
    question=questions.units,
    key_field="ref__iexact",
    key=lambda unit: unit.ref,
    address=lambda unit: reverse("unit", args=[unit.ref]),
    title=lambda unit: unit.name,
    node_id=lambda unit: unit.pk,
    see=rights.SEE_ORGANISATION,
    ref=lambda unit: unit.ref,
    icon="hierarchy-2",
    change=rights.MANAGE_ORGANISATION,
    manage=rights.MANAGE_ORGANISATION,
)
PERSON = objects.Kind(
    code="person",
    label=_("Person"),
    label_of_many=_("People"),
    model=Person,
    question=questions.people,
    key_field="uid",
    key=lambda person: str(person.uid),
    address=lambda person: reverse("person", args=[person.uid]),
    title=lambda person: person.name,
    node_id=lambda person: None,
    see=rights.SEE_ORGANISATION,
    icon="user",
    talk=False,
)
ROLE = objects.Kind(
    code="role",
    label=_("Role"),
    label_of_many=_("Roles"),
    model=Role,
    question=questions.roles,
    key_field="code",
    key=lambda role: role.code,
    address=lambda role: reverse("role", args=[role.code]),
    title=lambda role: role.name,
    node_id=lambda role: None,
    see=rights.SEE_ORGANISATION,
    icon="user-check",
    talk=False,
)
