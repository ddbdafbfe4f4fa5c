"""What all pages of an object share: its name, its tabs, and the way back."""

from typing import Any

from quarterdeck.core import objects
from quarterdeck.core.web import navigation
from quarterdeck.core.web.pages import SignedIn, address
from quarterdeck.core.web.shell import crumb


def tabs_of(request: SignedIn, kind: str, thing: Any, route: str) -> list[dict[str, Any]]:
    """The tabs of an object that the reader may see; the one of the route is current."""
    key = objects.kind(kind).key(thing)
    return [
        {
            "label": tab.label,
            "url": address(tab.route, *(tab.args(thing) if tab.args else (key,))),
            "current": tab.route == route,
            "count": tab.count(request.actor, thing) if tab.count else None,
        }
        for tab in navigation.tabs(kind, request.actor, thing)
    ]


def object_frame(
    request: SignedIn, kind: str, thing: Any, route: str, *, crumbs: list[dict[str, str]] | None = None, **more: Any
) -> dict[str, Any]:
    """The context of a page of an object, for `core/object.html`."""
    known = objects.kind(kind)
    title = known.title(thing)
    return {
        "thing": thing,
        "kind": known,
        "title": title,
        "tabs": tabs_of(request, kind, thing, route),
        "tabs_label": known.label,
        "crumbs": [*(crumbs or []), crumb(title)],
        **more,
    }
