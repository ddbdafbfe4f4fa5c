"""Saved views of lists."""

from quarterdeck.core.models import SavedView
from quarterdeck.core.services import saved_views as views
from tests.who_may.row import ANYBODY, Row
from tests.who_may.world import NOW, World


def view(w: World) -> SavedView:
    return views.save_view(w.owner, "projects", name="Late", parameters="stage=executing", now=NOW)


ROWS = [
    Row(
        views.save_view, ANYBODY,
        lambda w, _: views.save_view(w.actor, "projects", name="Late", parameters="stage=executing", now=NOW),
    ),
    Row(
        views.change_view, ANYBODY,
        lambda w, v: views.change_view(w.actor, v, name="Later", shared=True, starts=True, version=v.version, now=NOW),
        own=True, given=view,
    ),
    Row(
        views.replace_view, ANYBODY,
        lambda w, v: views.replace_view(w.actor, v, parameters="stage=closing", version=v.version, now=NOW),
        own=True, given=view,
    ),
    Row(views.delete_view, ANYBODY, lambda w, v: views.delete_view(w.actor, v, now=NOW), own=True, given=view),
]  # fmt: skip
