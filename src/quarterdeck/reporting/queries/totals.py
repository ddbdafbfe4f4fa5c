"""Totals of what somebody may count and not see."""

from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from quarterdeck.core import access
from quarterdeck.core import rights as core_rights
from quarterdeck.core.access import Actor
from quarterdeck.core.models import NodePath
from quarterdeck.projects import rights
from quarterdeck.projects.models import Portfolio, Project
from quarterdeck.reporting.rules import NO_DATA, Hidden


def confidential_totals(actor: Actor, portfolio: Portfolio) -> Hidden:
    """
    Sums over the confidential projects of a portfolio that the actor counts and cannot see; no row and no name.

    For holders of “Count confidential projects in totals” at the portfolio or above. Only what confidentiality shuts
    is added: a project they cannot see for another reason stays out.
    """
    if not access.may(actor, core_rights.SEE_CONFIDENTIAL_TOTALS, on=portfolio.node_id):
        return Hidden()
    shut = NodePath.objects.filter(
        descendant_id=OuterRef("node_id"),
        ancestor_id__in=actor.nodes(core_rights.SEE_CONFIDENTIAL_TOTALS),
        open=False,
    )
    found = (
        Project.objects.filter(Exists(shut), portfolio_id=portfolio.pk, left_on__isnull=True)
        .exclude(node_id__in=access.reached(actor, rights.SEE_PROJECT))
        .order_by()
        .values_list("confidence")
        .annotate(
            number=Count("pk"),
            priced=Count(Coalesce("forecast_cost", "whole_life_cost"), filter=Q(currency=portfolio.currency)),
            total=Sum(Coalesce("forecast_cost", "whole_life_cost"), filter=Q(currency=portfolio.currency)),
        )
    )
    lines = list(found)
    return Hidden(
        projects=sum(number for _, number, _, _ in lines),
        with_cost=sum(priced for _, _, priced, _ in lines),
        cost=sum((total for _, _, _, total in lines if total is not None), Decimal(0)),
        confidence={state or NO_DATA: number for state, number, _, _ in lines},
    )
