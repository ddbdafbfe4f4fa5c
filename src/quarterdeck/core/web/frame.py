"""What all pages of an object share: its name, its tabs, what the reader may do, and the way back."""

from collections.abc import Callable
from typing import Any

from quarterdeck.core import objects
from quarterdeck.core.queries import messages as talk
from quarterdeck.core.web import navigation
from quarterdeck.core.web.pages import SignedIn, address
from quarterdeck.core.web.shell import crumb

# From a request, a thing and the route of the page to the context of `core/object.html`.
Builder = Callable[[SignedIn, Any, str], dict[str, Any]]
_frames: dict[str, Builder] = {}


def own(kind: str, builder: Builder) -> None:
    """Say what the pages of a kind share. One owner a kind."""
    if kind in _frames:
        raise ValueError(f"The frame of a {kind} is owned already.")
    _frames[kind] = builder


def frame_of(request: SignedIn, kind: str, thing: Any, route: str) -> dict[str, Any]:
    """The context of a page of an object: as its owner says, otherwise its name and tabs."""
    builder = _frames.get(kind)
    return builder(request, thing, route) if builder else object_frame(request, kind, thing, route)


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
    """
    The context of a page of an object, for `core/object.html`.

    more : context_line; tags [{label, tone, icon}]; acts [{label, url, icon, primary, key}], which the past hides.
    """
    known = objects.kind(kind)
    title = known.title(thing)
    return {
        "thing": thing,
        "kind": known,
        "key": known.key(thing),
        "around": talk.around_of(request.actor, known, thing) if known.talk else None,
        "title": title,
        "tabs": tabs_of(request, kind, thing, route),
        "tabs_label": known.label,
        "crumbs": [*(crumbs or []), crumb(title)],
        **more,
    }
