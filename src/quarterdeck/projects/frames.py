"""What all pages of a portfolio, a programme and a project share."""

from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.core import access
from quarterdeck.core.frames import act, ended_tag
from quarterdeck.core.web import places
from quarterdeck.core.web.frame import object_frame
from quarterdeck.core.web.pages import SignedIn, address
from quarterdeck.core.web.shell import crumb
from quarterdeck.projects import queries, rights
from quarterdeck.projects.models import Portfolio, Programme, Project


def confidential_tag() -> dict[str, str]:
    """How something confidential looks beside its name."""
    return {"label": _("Confidential"), "tone": "", "icon": "lock"}


def project_frame(request: SignedIn, found: Project, route: str) -> dict[str, Any]:
    """Name, tier and place of a project, and what the reader may do."""
    past = request.moment is not None
    queries.bring_holders(found)
    names = [
        (_("sponsor %(name)s") % {"name": found.sponsor_name}) if found.sponsor_name else _("nobody is sponsor yet"),
        (_("manager %(name)s") % {"name": found.manager_name}) if found.manager_name else _("nobody is manager yet"),
    ]
    parts = [
        found.ref,
        found.programme.name if found.programme else "",
        found.node.unit.name if found.node.unit else "",
    ]
    may_change = not past and access.may(request.actor, rights.CHANGE_PROJECT, on=found.node_id)
    return {
        **object_frame(
            request,
            "project",
            found,
            route,
            crumbs=[
                crumb(found.portfolio.name, places.address_of("portfolio", found.portfolio)),
                crumb(_("Projects"), address("projects")),
            ],
            context_line=" · ".join(part for part in (*parts, *names) if part),
            tags=_project_tags(found),
        ),
        "project": found,
        "may_change": may_change,
        "may_name": not past and access.may(request.actor, rights.MANAGE_PORTFOLIO, on=found.node_id),
    }


def _project_tags(found: Project) -> list[dict[str, str]]:
    tags = []
    if found.tier:
        words = _("Tier %(tier)s, provisional") if found.tier_provisional else _("Tier %(tier)s")
        tags.append({"label": words % {"tier": found.tier}, "tone": "", "icon": ""})
    if found.node.confidential:
        tags.append(confidential_tag())
    if found.left_on:
        words = _("Not in the register since %(day)s") % {"day": f"{found.left_on:%-d %b %Y}"}
        tags.append({"label": words, "tone": "warn", "icon": ""})
    return tags


def _place_tags(place: Portfolio | Programme) -> list[dict[str, str]]:
    tags = [confidential_tag()] if place.node.confidential else []
    return [*tags, ended_tag(place.node.ended_on)] if place.node.ended_on else tags


def portfolio_frame(request: SignedIn, found: Portfolio, route: str) -> dict[str, Any]:
    """Name and place of a portfolio, and what the reader may do."""
    sees = access.may(request.actor, rights.SEE_PROJECT, on=found.node_id)
    may = access.may(request.actor, rights.MANAGE_PORTFOLIO, on=found.node_id)
    acts = [act(_("Change"), address("change_portfolio", found.ref), "edit", key="e")] if may else []
    if may and found.node.ended_on is None:
        query = {"portfolio": found.ref}
        acts.append(act(_("New programme"), address("new_programme", query=query), "hierarchy"))
    if access.may(request.actor, rights.ADD_PROJECT, on=found.node_id) and found.node.ended_on is None:
        query = {"portfolio": found.ref}
        acts.append(act(_("New project"), address("new_project", query=query), "plus", primary=True, key="n"))
    unit = found.node.unit
    parts = [found.ref, unit.name if unit else "", _("amounts in %(currency)s") % {"currency": found.currency}]
    return {
        **object_frame(
            request,
            "portfolio",
            found,
            route,
            crumbs=[crumb(_("Portfolios"), address("portfolios"))],
            context_line=" · ".join(part for part in parts if part),
            tags=_place_tags(found),
            acts=acts,
        ),
        "place": found,
        "may_manage": may,
        "sees_it": sees,
    }


def programme_frame(request: SignedIn, found: Programme, route: str) -> dict[str, Any]:
    """Name and place of a programme, and what the reader may do."""
    may = access.may(request.actor, rights.MANAGE_PORTFOLIO, on=found.node_id)
    acts = [act(_("Change"), address("change_programme", found.node.ref), "edit", key="e")] if may else []
    if access.may(request.actor, rights.ADD_PROJECT, on=found.node_id) and found.node.ended_on is None:
        query = {"portfolio": found.portfolio.ref, "programme": found.node.ref}
        acts.append(act(_("New project"), address("new_project", query=query), "plus", primary=True, key="n"))
    return {
        **object_frame(
            request,
            "programme",
            found,
            route,
            crumbs=[
                crumb(found.portfolio.name, address("portfolio", found.portfolio.ref)),
                crumb(_("Programmes"), address("programmes")),
            ],
            context_line=f"{found.node.ref} · {found.portfolio.name}",
            tags=_place_tags(found),
            acts=acts,
        ),
        "place": found,
        "may_manage": may,
    }
