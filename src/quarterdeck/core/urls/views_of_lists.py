"""Saved views of registers."""

from django.urls import URLPattern, path

from quarterdeck.core.views import lists

urlpatterns: list[URLPattern] = [
    path("lists/<slug:name>/views/new/", lists.save_view, name="save_view"),
    path("views/restore/", lists.restore_view, name="restore_view"),
    path("views/<uuid:uid>/", lists.saved_view, name="saved_view"),
    path("views/<uuid:uid>/change/", lists.change_view, name="change_view"),
    path("views/<uuid:uid>/delete/", lists.delete_view, name="delete_view"),
]
