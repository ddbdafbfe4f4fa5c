"""The organisation, its people and who holds what."""

from datetime import date

from django.db.models import F, Q, QuerySet

from quarterdeck.core import access, rights
from quarterdeck.core.access import Actor
from quarterdeck.core.models import Holding, Job, LedgerEntry, Node, Organisation, Person, Role


def organisation() -> Organisation | None:
    """The organisation of this installation; None before it is founded."""
    return Organisation.objects.first()


def units(actor: Actor) -> QuerySet[Node]:
    """Units the actor may see, also those that ended."""
    return access.visible_nodes(actor).filter(kind="unit").select_related("unit").order_by("name", "pk")


def sees_everybody(actor: Actor) -> bool:
    """
    Whether the actor sees every person: who sees the whole organisation, and who may give roles anywhere.

    People are not confidential; what they hold inside a circle is.
    """
    at_top = actor.top is not None and access.may(actor, rights.SEE_ORGANISATION, on=actor.top)
    return at_top or actor.holds(rights.MANAGE_ORGANISATION)


def people(actor: Actor) -> QuerySet[Person]:
    """People the actor may see: everybody, or who holds or held a role where the actor sees it, and the actor."""
    if sees_everybody(actor):
        return Person.objects.order_by("name", "pk")
    seen = holdings(actor).order_by().values("person_id")
    return Person.objects.filter(Q(pk=actor.person_id) | Q(pk__in=seen)).order_by("name", "pk")


def roles(actor: Actor) -> QuerySet[Role]:
    """Roles, for whoever sees a part of the organisation, also those that ended."""
    if not actor.holds(rights.SEE_ORGANISATION):
        return Role.objects.none()
    return Role.objects.order_by("name", "pk")


def holdings(actor: Actor) -> QuerySet[Holding]:
    """Who holds which role, at nodes the actor may see; what was taken back at once is in the ledger only."""
    return (
        Holding.objects.filter(node_id__in=access.reached(actor, rights.SEE_ORGANISATION))
        .exclude(to_on__lt=F("from_on"))
        .select_related("person", "role", "node")
    )


def overlapping(role: Role, node: Node, first: date, last: date | None) -> QuerySet[Holding]:
    """
    Holdings of a role at a node that share a day with those from a first to a last (None: without end), in order.

    For services and pages that have found the node through a question; what was taken back shares no day.
    """
    found = Holding.objects.filter(Q(to_on__isnull=True) | Q(to_on__gte=first), role=role, node=node)
    found = found.exclude(to_on__lt=F("from_on"))
    return (found if last is None else found.filter(from_on__lte=last)).order_by("from_on", "pk")


def own_holdings(actor: Actor) -> QuerySet[Holding]:
    """What the actor holds today."""
    return (
        Holding.objects.filter(Q(to_on__isnull=True) | Q(to_on__gte=actor.on), person_id=actor.person_id)
        .select_related("role", "node")
        .order_by("role__name", "node__name")
    )


def own_jobs(actor: Actor) -> QuerySet[Job]:
    """The actor's own jobs, newest first."""
    return Job.objects.filter(person_id=actor.person_id).order_by("-created_at")


def ledger_entries(actor: Actor) -> QuerySet[LedgerEntry]:
    """The whole ledger, for those who hold the right at the top of the organisation."""
    top = access.top_id()
    if top is None or not access.may(actor, rights.SEE_LEDGER, on=top):
        return LedgerEntry.objects.none()
    return LedgerEntry.objects.exclude(seq=None).order_by("-sealed_at", "-pk")
