"""Standard roles, and the pages and events of the organisation."""

from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from quarterdeck.core import frames, objects, rights, stories
from quarterdeck.core.access import Actor
from quarterdeck.core.models import Holding, Node, Person, Role
from quarterdeck.core.queries import history
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.queries.history import Change
from quarterdeck.core.services.roles import keep_role, standard_role
from quarterdeck.core.web import frame, happenings, navigation

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
    for item in _items():
        navigation.add_item(item)
    for kind, builder in ((UNIT, frames.unit_frame), (PERSON, frames.person_frame), (ROLE, frames.role_frame)):
        objects.own(kind)
        frame.own(kind.code, builder)
        navigation.add_tab(navigation.Tab(kind.code, _("Overview"), kind.code, 10))
    objects.own(HOLDING)
    frame.own("holding", frames.holding_frame)
    navigation.add_tab(navigation.Tab("holding", _("Overview"), "holding", 10))
    for story in STORIES:
        stories.own(story)
    frames.object_tabs("unit", people=True)
    navigation.add_tab(navigation.Tab("person", _("Access"), "person_access", 85))
    for kind in (PERSON, ROLE, HOLDING):
        navigation.add_tab(
            navigation.Tab(kind.code, _("History"), "object_history", 90, args=partial(_named, kind.code))
        )
    for event, words in EVENTS.items():
        happenings.call(event, words)


def _items() -> list[navigation.Item]:
    """The organisation in the navigation."""

    def sees(actor: Actor) -> bool:
        return actor.holds(rights.SEE_ORGANISATION)

    of_people = ("person", "person_access", "change_person", "new_people", "give_to_person")
    return [
        navigation.Item("people", _("People"), "people", "users", 610, sees, also=of_people),
        navigation.Item(
            "people",
            _("Units"),
            "units",
            "hierarchy-2",
            620,
            sees,
            also=("unit", "change_unit", "new_unit", "unit_list"),
        ),
        navigation.Item("people", _("Roles"), "roles", "key", 630, sees, also=("role", "change_role", "new_role")),
        navigation.Item(
            "people", _("Who holds what"), "organisation", "users-group", 640, sees, also=("holding", "new_holding")
        ),
    ]


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
HOLDING = objects.Kind(
    code="holding",
    label=_("Holding"),
    label_of_many=_("Holdings"),
    model=Holding,
    question=questions.holdings_and_taken_back,
    key_field="uid",
    key=lambda holding: str(holding.uid),
    address=lambda holding: reverse("holding", args=[holding.uid]),
    title=lambda holding: holding.role.name,
    node_id=lambda holding: holding.node_id,
    see=rights.SEE_ORGANISATION,
    icon="user-check",
    talk=False,
)


def _named(kind: str, thing: Any) -> tuple[str, ...]:
    return kind, objects.kind(kind).key(thing)


UNIT_LABELS = {
    "name": _("Name"),
    "ref": _("Reference"),
    "unit": _("Lies in"),
    "confidential": _("Confidential"),
    "ended_on": _("Ends on"),
}
ROLE_LABELS = {
    "name": _("Name"),
    "description": _("Description"),
    "rights": _("Rights"),
    "single": _("One holder at a time"),
    "needs_second_factor": _("Needs a second factor"),
    "ended_on": _("Given no more since"),
}


def _tell_unit(change: Change, unit: Node) -> stories.Told:
    if stories.is_span(change.after):
        return _tell_holding(change, unit)
    before, after = (stories.in_words(value) for value in (change.before, change.after))
    return stories.told(change, UNIT_LABELS.get(change.field, change.field), before, after)


def _tell_role(change: Change, role: Role) -> stories.Told:
    before, after = change.before, change.after
    if change.field == "rights":
        old, new = set(before), set(after)
        before = [_right(code) for code in change.before if code not in new]
        after = [_right(code) for code in change.after if code not in old]
    return stories.told(
        change, ROLE_LABELS.get(change.field, change.field), stories.in_words(before), stories.in_words(after)
    )


def _right(code: str) -> str:
    known = rights.ALL.get(code)
    return str(known.label) if known else code


def _tell_holding(change: Change, thing: Any) -> stories.Told:
    before, after = (stories.span_in_words(value) for value in (change.before, change.after))
    return stories.told(change, change.field, before, after)


def _changes_of_unit(actor: Actor, unit: Node) -> list[Change]:
    return history.changes_of_unit(actor, unit, questions.holdings_and_taken_back(actor).filter(node=unit))


def _changes_of_person(actor: Actor, person: Person) -> list[Change]:
    return history.changes_of_person(actor, questions.holdings_and_taken_back(actor).filter(person=person))


def _changes_of_holding(actor: Actor, holding: Holding) -> list[Change]:
    return history.changes_of_person(actor, [holding])


STORIES = (
    stories.Story(
        "unit",
        _changes_of_unit,
        _tell_unit,
        lambda unit: [("core.node", unit.pk)],
        lambda unit: history.first_day(Node, unit.pk),
    ),
    stories.Story(
        "role",
        history.changes_of_role,
        _tell_role,
        lambda role: [("core.role", role.pk)],
        lambda role: history.first_day(Role, role.pk),
    ),
    stories.Story(
        "person",
        _changes_of_person,
        _tell_holding,
        lambda person: [("core.person", person.pk)],
        lambda person: None,
        note=_("Names and addresses have no history: they are kept in one place only, as they are today."),
    ),
    stories.Story(
        "holding",
        _changes_of_holding,
        _tell_holding,
        lambda holding: [("core.holding", holding.pk)],
        lambda holding: None,
    ),
)
