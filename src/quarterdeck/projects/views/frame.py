"""What all pages of a project share."""

from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.core import access
from quarterdeck.core.web import navigation, places
from quarterdeck.core.web.pages import SignedIn, address
from quarterdeck.core.web.shell import crumb
from quarterdeck.projects import rights
from quarterdeck.projects.models import Project


def project_frame(request: SignedIn, found: Project, route: str) -> dict[str, Any]:
    """What all pages of a project share: head, tabs, and what the reader may do."""
    past = request.moment is not None
    tabs = [
        {
            "label": tab.label,
            "url": address(tab.route, *(tab.args(found) if tab.args else (found.ref,))),
            "current": tab.route == route,
            "count": tab.count(request.actor, found) if tab.count else None,
        }
        for tab in navigation.tabs("project", request.actor, found)
    ]
    names = [
        (_("sponsor %(name)s") % {"name": found.sponsor_name}) if found.sponsor_name else _("nobody is sponsor yet"),
        (_("manager %(name)s") % {"name": found.manager_name}) if found.manager_name else _("nobody is manager yet"),
    ]
    parts = [
        found.ref,
        found.programme.name if found.programme else "",
        found.node.unit.name if found.node.unit else "",
    ]
    return {
        "project": found,
        "tabs": tabs,
        "context_line": " · ".join(part for part in (*parts, *names) if part),
        "may_change": not past and access.may(request.actor, rights.CHANGE_PROJECT, on=found.node_id),
        "may_name": not past and access.may(request.actor, rights.MANAGE_PORTFOLIO, on=found.node_id),
        "crumbs": [
            crumb(found.portfolio.name, places.address_of("portfolio", found.portfolio)),
            crumb(_("Projects"), address("projects")),
            crumb(found.name),
        ],
    }
