"""Which portfolios, programmes and projects a person may see."""

from collections.abc import Collection
from datetime import date

from django.db.models import (
    Case,
    DateField,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Lower
from django.db.models.lookups import Exact

from quarterdeck.core import access
from quarterdeck.core import rights as core_rights
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotFound
from quarterdeck.core.models import Holding, Node, Person
from quarterdeck.core.queries.organisation import nodes_there
from quarterdeck.core.rights import Right
from quarterdeck.core.time import looking_at
from quarterdeck.projects import rights, rules
from quarterdeck.projects.models import Portfolio, Programme, Project, Snapshot


def all_projects(actor: Actor) -> QuerySet[Project]:
    """Projects the actor may see, also those that left their register."""
    return Project.objects.filter(access.within_reach(actor, rights.SEE_PROJECT)).select_related(
        "node", "node__unit", "programme__node", "portfolio__node"
    )


def projects(actor: Actor) -> QuerySet[Project]:
    """Projects the actor may see and that are in their register."""
    return all_projects(actor).filter(left_on__isnull=True)


def projects_that_left(actor: Actor) -> QuerySet[Project]:
    """Projects the actor may see that are no longer in their register."""
    return all_projects(actor).filter(left_on__isnull=False)


class Today(Func):
    """The day of the database."""

    template = "CURRENT_DATE"
    output_field = DateField()


def held_on_the_day() -> Q:
    """Holdings that count on the day that is looked at; who takes a role over later does not hold it yet."""
    moment = looking_at()
    day = Today() if moment is None else moment.on
    return (Q(to_on__isnull=True) | Q(to_on__gte=day)) & Q(from_on__lte=day)


def name_of_holder(role: str) -> Subquery:
    """Name of who holds a role at a project, to order by; lists show `Project.sponsor_name` and `manager_name`."""
    held = Holding.objects.filter(held_on_the_day(), node_id=OuterRef("node_id"), role__code=role)
    return Subquery(held.order_by("acting", "-from_on").values("person__name")[:1])


def has_holder(role: str) -> Q:
    """The condition of a project at which somebody holds a role."""
    return Q(node_id__in=Holding.objects.filter(held_on_the_day(), role__code=role).values("node_id"))


def with_holders(found: QuerySet[Project]) -> QuerySet[Project]:
    """Adds who holds what, the rank of the confidence, the cost that counts and the slip."""
    held = Holding.objects.filter(held_on_the_day()).select_related("person", "role").order_by("acting", "-from_on")
    return found.prefetch_related(Prefetch("node__holdings", held, to_attr="held")).annotate(
        counted_cost=Coalesce(F("forecast_cost"), F("whole_life_cost")),
        confidence_rank=Case(
            *(When(confidence=code, then=Value(rank)) for rank, code in enumerate(rules.CONFIDENCE_ORDER)),
            default=None,
            output_field=IntegerField(),
        ),
        slip_days=F("forecast_finish") - F("baseline_finish"),
    )


def bring_holders(found: Project) -> Project:
    """The same project with who holds what, where the question that found it brought none."""
    if not hasattr(found.node, "held"):
        held = Holding.objects.filter(held_on_the_day(), node_id=found.node_id).select_related("person", "role")
        found.node.held = list(held.order_by("acting", "-from_on"))  # type: ignore[attr-defined]
    return found


def projects_with_holders(actor: Actor) -> QuerySet[Project]:
    """What the register of projects lists."""
    return with_holders(projects(actor))


def holders_of_all(rows: QuerySet[Project], role: str) -> dict[int, str]:
    """By the id of a project who holds a role there on the day that is looked at; two queries, however many rows."""
    held = Holding.objects.filter(held_on_the_day(), role__code=role).order_by("-acting", "from_on")
    # Of several the one that lists show comes last, and stays.
    names = dict(held.values_list("node_id", "person__name"))
    return {pk: names[node] for pk, node in rows.order_by().values_list("pk", "node_id") if node in names}


def changeable_projects(actor: Actor, ids: Collection[int]) -> set[int]:
    """Ids, of those given, of the projects whose facts the actor may change."""
    return _reached(actor, rights.CHANGE_PROJECT, ids)


def projects_to_staff(actor: Actor, ids: Collection[int]) -> set[int]:
    """Ids, of those given, of the projects whose sponsor and manager the actor may name."""
    return _reached(actor, rights.MANAGE_PORTFOLIO, ids)


def _reached(actor: Actor, right: Right, ids: Collection[int]) -> set[int]:
    if not actor.holds(right):
        return set()
    return set(Project.objects.filter(access.within_reach(actor, right), pk__in=ids).values_list("pk", flat=True))


def places_to_run(actor: Actor, model: type[Portfolio | Programme], ids: Collection[int]) -> set[int]:
    """Ids, of those given, of the portfolios or programmes that the actor runs."""
    if not actor.holds(rights.MANAGE_PORTFOLIO):
        return set()
    found = model._default_manager.filter(access.within_reach(actor, rights.MANAGE_PORTFOLIO), pk__in=ids)
    return set(found.values_list("pk", flat=True))


def projects_that_left_with_holders(actor: Actor) -> QuerySet[Project]:
    """What the register of projects that left lists."""
    return with_holders(projects_that_left(actor))


def categories(actor: Actor) -> list[str]:
    """Categories of the projects the actor sees."""
    found = projects(actor).exclude(category="").order_by("category").values_list("category", flat=True).distinct()
    return list(found)


def project(actor: Actor, ref: str) -> Project:
    """One project by its reference; raises NotFound when there is none the actor may see."""
    # As the index of references has it: otherwise every project is looked at for each page about one.
    named = Exact(Lower("node__ref"), Lower(Value(ref)))
    found = with_holders(all_projects(actor)).filter(named, node__kind="project").first()
    if found is None:
        raise NotFound
    return found


def portfolios(actor: Actor) -> QuerySet[Portfolio]:
    """Portfolios the actor may see, or of which they see a project."""
    within = access.within_reach(actor, rights.SEE_PROJECT)
    own = Project.objects.filter(within, portfolio_id=OuterRef("pk"))
    return (
        Portfolio.objects.filter(within | Exists(own)).select_related("node", "node__unit").order_by("node__name", "pk")
    )


def portfolio(actor: Actor, ref: str) -> Portfolio:
    """One portfolio by its reference; raises NotFound when there is none the actor may see."""
    found = portfolios(actor).filter(node__ref__iexact=ref).first()
    if found is None:
        raise NotFound
    return found


def programmes(actor: Actor) -> QuerySet[Programme]:
    """Programmes the actor may see, or of which they see a project."""
    within = access.within_reach(actor, rights.SEE_PROJECT)
    own = Project.objects.filter(within, programme_id=OuterRef("pk"))
    return (
        Programme.objects.filter(within | Exists(own))
        .select_related("node", "portfolio__node")
        .order_by("node__name", "pk")
    )


def programmes_to_add_to(actor: Actor) -> QuerySet[Programme]:
    """Programmes to which the actor may add projects."""
    return (
        Programme.objects.filter(access.within_reach(actor, rights.ADD_PROJECT), node__ended_on__isnull=True)
        .select_related("node", "portfolio__node")
        .order_by("node__name", "pk")
    )


def units_of_projects(actor: Actor) -> QuerySet[Node]:
    """Units that projects the actor sees belong to, for filters."""
    seen = Project.objects.filter(access.within_reach(actor, rights.SEE_PROJECT))
    return Node.objects.filter(kind="unit", pk__in=seen.values("node__unit_id")).order_by("name", "pk")


def holders_of(actor: Actor, found: Project) -> QuerySet[Holding]:
    """Who holds a role at a project that the actor sees."""
    moment = looking_at()
    held = Holding.objects.filter(node_id=found.node_id).select_related("person", "role")
    if moment is not None:
        held = held.filter(Q(to_on__isnull=True) | Q(to_on__gte=moment.on), from_on__lte=moment.on)
    else:
        held = held.filter(Q(to_on__isnull=True) | Q(to_on__gte=actor.on))
    return held.order_by("role__name", "person__name")


def snapshots(actor: Actor, of: Portfolio) -> QuerySet[Snapshot]:
    """Days for which the state of a portfolio was recorded, latest first; for those who see the portfolio."""
    if not portfolios(actor).filter(pk=of.pk).exists():
        return Snapshot.objects.none()
    found = Snapshot.objects.filter(portfolio=of)
    moment = looking_at()
    if moment is not None:
        found = found.filter(on__lte=moment.on)
        if moment.known_at is not None:
            found = found.filter(known_at__lte=moment.known_at)
    return found.order_by("-on", "-known_at", "-pk")


def portfolios_to_add_to(actor: Actor) -> QuerySet[Portfolio]:
    """Portfolios to which the actor may add projects."""
    return (
        Portfolio.objects.filter(access.within_reach(actor, rights.ADD_PROJECT), node__ended_on__isnull=True)
        .select_related("node")
        .order_by("node__name", "pk")
    )


def units_to_hold(actor: Actor) -> QuerySet[Node]:
    """Units without an end below which the actor may put a portfolio."""
    return Node.objects.filter(
        access.within_reach(actor, rights.MANAGE_PORTFOLIO, "pk"), kind="unit", ended_on__isnull=True
    ).order_by("name", "pk")


def portfolios_to_run(actor: Actor) -> QuerySet[Portfolio]:
    """Portfolios without an end that the actor runs."""
    return (
        Portfolio.objects.filter(access.within_reach(actor, rights.MANAGE_PORTFOLIO), node__ended_on__isnull=True)
        .select_related("node")
        .order_by("node__name", "pk")
    )


def still_inside(actor: Actor, node: Node, day: date) -> QuerySet[Node]:
    """What the actor sees directly in a portfolio or programme that is not over on a day."""
    return nodes_there(actor, day).filter(within=node).order_by("kind", "name", "pk")


def units_to_choose(actor: Actor) -> QuerySet[Node]:
    """Units without an end that a project can belong to: those the actor sees, and those their projects belong to."""
    seen = access.within_reach(actor, core_rights.SEE_ORGANISATION, "pk")
    own = Project.objects.filter(access.within_reach(actor, rights.SEE_PROJECT)).values("node__unit_id")
    return Node.objects.filter(seen | Q(pk__in=own), kind="unit", ended_on__isnull=True).order_by("name", "pk")


def people_to_name(actor: Actor) -> QuerySet[Person]:
    """People who can be named sponsor or manager, for those who may name them."""
    if not actor.holds(rights.MANAGE_PORTFOLIO):
        return Person.objects.none()
    return Person.objects.order_by("name", "pk")
