"""
Confidential places that nobody runs any more.

Whoever ends the last one inside is refused where they see it. Somebody who leaves may be the last one where nobody who
notes it sees: refusing then would tell that there is something. Nobody in the application may learn of it either, so
the operator of the server looks for such places and gives each a successor.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quarterdeck.core import access, objects, store
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Holding, Node, NodePath, Person, Role
from quarterdeck.core.services import roles


def without_lead(*, on: date) -> list[Node]:
    """Confidential places that are there and that nobody runs on a day, in the order of their references."""
    found = []
    shut = Node.objects.filter(confidential=True).exclude(ended_on__lte=on)
    for node in shut.order_by("kind", "ref"):
        right = _right_to_run(node)
        inside = NodePath.objects.filter(descendant=node, open=True).values("ancestor_id")
        held = Holding.objects.filter(access.in_force(on), node_id__in=inside, role__rights__contains=[right])
        if right and not held.exists():
            found.append(node)
    return found


def _right_to_run(node: Node) -> str:
    known = objects.kinds().get(node.kind)
    return known.manage.code if known is not None and known.manage is not None else ""


def _smallest_role(right: str, *, on: date) -> Role:
    """The role there is that holds a right and as few others as possible."""
    able = Role.objects.exclude(ended_on__lte=on).filter(rights__contains=[right], single=False)
    if not able:
        raise Refused("no_role", _("No role may run this. Give a role that right, then name the successor."))
    return min(able, key=lambda role: (len(role.rights), role.code))


@transaction.atomic
def give_lead(person: Person, node: Node, *, now: datetime) -> Holding:
    """Let a person run a confidential place that nobody runs any more; for the operator of the server alone."""
    Node.objects.select_for_update(no_key=True).get(pk=node.pk)
    if node.pk not in {each.pk for each in without_lead(on=now.date())}:
        raise Refused("not_without_lead", _("Somebody runs this, or it is not confidential. They give the role."))
    if person.left_on is not None and person.left_on <= now.date():
        raise Refused("person_left", _("%(name)s left. Name somebody who is here.") % {"name": person.name})
    role = _smallest_role(_right_to_run(node), on=now.date())
    why = store.Because(None, now, _("Nobody ran it any more; the operator of the server named a successor."))
    return roles.hold(person, role, on=node, from_on=now.date(), why=why, actor=None)
