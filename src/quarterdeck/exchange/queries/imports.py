"""Which imports, and which of their rows, a person may see."""

import json
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from quarterdeck.core import access
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotFound
from quarterdeck.core.time import looking_at
from quarterdeck.exchange import rights
from quarterdeck.exchange.models import Import, ImportRow, NamedMapping
from quarterdeck.exchange.tabular import mapping as tabular
from quarterdeck.exchange.tabular.mapping import Mapping
from quarterdeck.projects import rights as project_rights
from quarterdeck.projects.models import Project

# In which ways a portfolio is asked about known projects moved.
MOVES = ("later", "earlier", "dearer", "cheaper", "worse", "better")


def imports(actor: Actor) -> QuerySet[Import]:
    """
    Imports the actor made, and what was imported into portfolios at which they hold the right to import.

    An open one is its maker's alone: nobody has said yet which of its rows are confidential, and its columns show cells
    of all. Who no longer sees a portfolio sees none of its imports. In the past: those that told of a day up to the one
    that is looked at.
    """
    seen = Q(portfolio__isnull=True) | Q(portfolio__node_id__in=access.reached(actor, project_rights.SEE_PROJECT))
    found = Import.objects.filter(
        Q(seen, person_id=actor.person_id)
        | Q(portfolio__node_id__in=access.reached(actor, rights.IMPORT_REGISTER), state="imported")
    )
    moment = looking_at()
    if moment is not None:
        found = found.filter(state="imported", as_of__lte=moment.on)
        if moment.known_at is not None:
            found = found.filter(imported_at__lte=moment.known_at)
    return found.select_related("portfolio__node", "person", "snapshot", "compared_with", "job").defer(
        "look", "mapping"
    )


def import_of(actor: Actor, uid: UUID) -> Import:
    """One import; raises NotFound when there is none the actor may see."""
    found = imports(actor).defer(None).filter(uid=uid).first()
    if found is None:
        raise NotFound
    return found


def _seen_rows(actor: Actor) -> Q:
    """
    Rows of projects the actor sees. A row without a project is seen with its import, unless the file marks it
    confidential: then by who uploaded it.
    """
    seen = Project.objects.filter(node_id__in=access.reached(actor, project_rights.SEE_PROJECT)).values("pk")
    return Q(project_id__in=seen) | (
        Q(project__isnull=True) & (Q(confidential=False) | Q(of__person_id=actor.person_id))
    )


def rows_of(actor: Actor, of: Import) -> QuerySet[ImportRow]:
    """Rows of an import that the actor sees, in the order of the file, those that left at the end."""
    return (
        ImportRow.objects.filter(_seen_rows(actor), of=of)
        .select_related("project__node")
        .order_by(Case(When(line=0, then=1), default=0), "line", "pk")
    )


def tally(actor: Actor, of: Import) -> dict[str, int]:
    """How many rows the actor sees of each outcome; total without those that left, problems counts cells and rows."""
    found = (
        ImportRow.objects.filter(_seen_rows(actor), of=of)
        .order_by()
        .values("outcome")
        .annotate(number=Count("pk"), cells=Coalesce(Sum("problem_count"), 0))
    )
    counts = dict.fromkeys(ImportRow.Outcome.values, 0)
    problems = 0
    for entry in found:
        counts[entry["outcome"]] = entry["number"]
        problems += entry["cells"]
    total = sum(number for outcome, number in counts.items() if outcome != "left")
    return counts | {"total": total, "problems": problems, "importable": total - counts["refused"]}


def ways_moved(actor: Actor, of: Import) -> dict[str, int]:
    """How many known projects moved in each way, among the rows that the actor sees."""
    seen = ImportRow.objects.filter(_seen_rows(actor), of=of, outcome="changed")
    return seen.aggregate(**{way: Count("pk", filter=Q(figures__contains={"moved": [way]})) for way in MOVES})


def with_tallies(actor: Actor, found: QuerySet[Import]) -> QuerySet[Import]:
    """Adds seen_rows, seen_new, seen_changed, seen_refused and seen_problems: what the actor sees of each."""
    seen = ImportRow.objects.filter(_seen_rows(actor), of=OuterRef("pk")).order_by().values("of")

    def number(condition: Q) -> Coalesce:
        return Coalesce(Subquery(seen.filter(condition).annotate(number=Count("pk")).values("number")), 0)

    return found.annotate(
        seen_rows=number(~Q(outcome="left")),
        seen_new=number(Q(outcome="new")),
        seen_changed=number(Q(outcome="changed")),
        seen_refused=number(Q(outcome="refused")),
        seen_problems=Coalesce(Subquery(seen.annotate(number=Sum("problem_count")).values("number")), 0),
    )


def listed_imports(actor: Actor) -> QuerySet[Import]:
    """What the register of imports lists."""
    return with_tallies(actor, imports(actor))


def open_imports(actor: Actor) -> QuerySet[Import]:
    """Imports of the actor's own that wait for their decision, for a line each: every page counts them."""
    own = imports(actor).filter(person_id=actor.person_id, state="previewed")
    return own.select_related(None).order_by("looked_at", "pk")


def duplicates(actor: Actor, of: Import) -> QuerySet[Import]:
    """Imports of the same content that were imported before, latest first."""
    return imports(actor).filter(sha256=of.sha256, state="imported").exclude(pk=of.pk).order_by("-imported_at")


def mappings(actor: Actor) -> list[tuple[str, Mapping, NamedMapping | None]]:
    """Name and mapping of each that the actor can choose: kept ones first, by name, then those of the product."""
    if not actor.holds(rights.IMPORT_REGISTER):
        return []
    kept: list[tuple[str, Mapping, NamedMapping | None]] = [
        (own.name, tabular.from_json(json.dumps(own.definition)), own) for own in NamedMapping.objects.order_by("name")
    ]
    return kept + [(mapping.name, mapping, None) for mapping in tabular.shipped()]


def mapping_called(actor: Actor, name: str) -> Mapping | None:
    """A kept or shipped mapping by its name; None when there is none."""
    wanted = name.strip().casefold()
    return next((mapping for known, mapping, _ in mappings(actor) if known.casefold() == wanted), None)


def came_with(actor: Actor, project: Project) -> ImportRow | None:
    """
    The latest row that told of a project the actor sees, on the day that is looked at.

    The project comes from a question of the actor's, so the right was decided there.
    """
    found = ImportRow.objects.filter(
        project_id=project.pk, of__state="imported", outcome__in=["new", "changed", "unchanged"]
    )
    moment = looking_at()
    if moment is not None:
        found = found.filter(of__as_of__lte=moment.on)
        if moment.known_at is not None:
            found = found.filter(of__imported_at__lte=moment.known_at)
    return found.select_related("of__person").order_by("-of__as_of", "-of__imported_at", "-pk").first()


def project_has_rows(actor: Actor, project: Any) -> bool:
    """Whether any file told of a project."""
    return came_with(actor, project) is not None
