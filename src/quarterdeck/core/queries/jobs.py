"""Long work: one's own, and for administrators that of everybody."""

from django.db.models import BooleanField, Case, CharField, DateTimeField, F, QuerySet, Value, When
from django.db.models.functions import Coalesce

from quarterdeck.core import rights
from quarterdeck.core.access import Actor
from quarterdeck.core.models import Job


def sees_all_jobs(actor: Actor) -> bool:
    """Whether the actor runs the installation and sees that others' work waits, runs or failed."""
    return actor.top in actor.nodes(rights.MANAGE_ORGANISATION)


def jobs(actor: Actor) -> QuerySet[Job]:
    """
    Jobs the actor may see: their own, and for administrators everybody's.

    What a job of somebody else is about, and what came of it, may be confidential: of those only the kind, the person,
    the times and how it ended are told.
    """
    found = Job.objects.select_related("person").annotate(
        mine=Case(When(person_id=actor.person_id, then=True), default=False, output_field=BooleanField()),
        told_label=_told(actor, "label"),
        told_message=_told(actor, "message"),
        began_at=Coalesce(F("started_at"), F("created_at"), output_field=DateTimeField()),
    )
    return found if sees_all_jobs(actor) else found.filter(person_id=actor.person_id)


def _told(actor: Actor, field: str) -> Case:
    return Case(When(person_id=actor.person_id, then=F(field)), default=Value(""), output_field=CharField())
