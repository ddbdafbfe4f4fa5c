"""Lists as people like them: whose views somebody finds beside a list."""

from uuid import UUID

from django.db.models import Case, Q, QuerySet, When
from django.db.models.functions import Lower

from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotFound
from quarterdeck.core.models import SavedView


def own_views(actor: Actor) -> QuerySet[SavedView]:
    """The actor's own views, by name."""
    return SavedView.objects.filter(owner_id=actor.person_id).select_related("owner").order_by(Lower("name"), "pk")


def views_of_list(actor: Actor, register: str) -> QuerySet[SavedView]:
    """
    The actor's own views of a list and those others share, own ones first.

    What a shared view narrows the list to may be hidden from the actor: `core.register.saved.offered` leaves such out.
    """
    mine = Case(When(owner_id=actor.person_id, then=0), default=1)
    return (
        SavedView.objects.filter(Q(owner_id=actor.person_id) | Q(shared=True), register=register)
        .select_related("owner")
        .order_by(mine, Lower("name"), "pk")
    )


def own_view(actor: Actor, uid: UUID) -> SavedView:
    """A view of the actor's own; NotFound for what is none or somebody else's."""
    found = own_views(actor).filter(uid=uid).first()
    if found is None:
        raise NotFound
    return found


def a_view(actor: Actor, uid: UUID) -> SavedView:
    """A view of the actor's own or one that is shared; `core.register.saved.offered` says whether they find it."""
    mine_or_shared = Q(owner_id=actor.person_id) | Q(shared=True)
    found = SavedView.objects.filter(mine_or_shared, uid=uid).select_related("owner").first()
    if found is None:
        raise NotFound
    return found
