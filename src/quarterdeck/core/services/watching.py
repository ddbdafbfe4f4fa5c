"""Who wants to hear of a thing."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from quarterdeck.core import access
from quarterdeck.core.access import Actor
from quarterdeck.core.models import Holding, Watch
from quarterdeck.core.queries import messages as questions
from quarterdeck.core.queries.messages import Subject


@transaction.atomic
def watch(actor: Actor, kind: str, key: str, *, now: datetime) -> Watch:
    """Hear of what happens to a thing. Seeing it is enough."""
    return _choose(actor, questions.subject(actor, kind, key), muted=False, now=now)


@transaction.atomic
def mute(actor: Actor, kind: str, key: str, *, now: datetime) -> Watch:
    """Hear of it no more, also where a role or a comment would bring it about."""
    return _choose(actor, questions.subject(actor, kind, key), muted=True, now=now)


def _choose(actor: Actor, about: Subject, *, muted: bool, now: datetime) -> Watch:
    found, _new = Watch.objects.update_or_create(
        person_id=actor.person_id,
        subject_kind=about.code,
        subject_id=about.pk,
        defaults={"muted": muted, "since": now, "node_id": about.node_id},
    )
    return found


def watch_by_taking_part(person_id: int, about: Subject, *, now: datetime) -> None:
    """Who comments hears of answers, unless they chose otherwise before."""
    Watch.objects.get_or_create(
        person_id=person_id,
        subject_kind=about.code,
        subject_id=about.pk,
        defaults={"node_id": about.node_id, "since": now},
    )


def watchers(about: Subject, day: date) -> set[int]:
    """Ids of the people who want to hear of a thing and may see it on a day."""
    chosen = dict(Watch.objects.filter(subject_kind=about.code, subject_id=about.pk).values_list("person_id", "muted"))
    held = Holding.objects.filter(access.in_force(day), questions.leads(about.kind), node_id=about.node_id or 0)
    wanting = {person for person, muted in chosen.items() if not muted}
    wanting |= set(held.values_list("person_id", flat=True)) - chosen.keys()
    return who_see(about, wanting, day)


def with_watchers(subjects: Iterable[Subject], day: date) -> set[tuple[str, int]]:
    """Those of many things that anybody might want to hear of, by kind and id; two queries a kind."""
    of_kind: dict[str, list[Subject]] = {}
    for about in subjects:
        of_kind.setdefault(about.code, []).append(about)
    found: set[tuple[str, int]] = set()
    for code, things in of_kind.items():
        watched = Watch.objects.filter(subject_kind=code, subject_id__in={about.pk for about in things}, muted=False)
        found |= {(code, pk) for pk in watched.values_list("subject_id", flat=True)}
        held = Holding.objects.filter(
            access.in_force(day),
            questions.leads(things[0].kind),
            node_id__in={about.node_id for about in things if about.node_id is not None},
            person__accounts__is_active=True,
        )
        nodes = set(held.values_list("node_id", flat=True))
        found |= {(code, about.pk) for about in things if about.node_id in nodes}
    return found


def who_see(about: Subject, people: Iterable[int], day: date) -> set[int]:
    """Those of some people who may sign in and see a thing."""
    ids = list(people)
    return set(questions.readers(about, day).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
