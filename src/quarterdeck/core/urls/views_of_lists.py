"""Saved views of registers."""

from django.urls import URLPattern, path

from quarterdeck.core.views import bulk, lists

urlpatterns: list[URLPattern] = [
    path("jobs/", lists.jobs, name="jobs"),
    path("lists/<slug:name>/views/new/", lists.save_view, name="save_view"),
    path("lists/<slug:name>/rows/<str:key>/<slug:column>/", lists.edit_cell, name="edit_cell"),
    path("lists/<slug:name>/bulk/", bulk.bulk, name="bulk"),
    path("bulk/<uuid:uid>/", bulk.bulk_plan, name="bulk_plan"),
    path("bulk/<uuid:uid>/result/", bulk.bulk_result, name="bulk_result"),
    path("views/restore/", lists.restore_view, name="restore_view"),
    path("views/<uuid:uid>/", lists.saved_view, name="saved_view"),
    path("views/<uuid:uid>/change/", lists.change_view, name="change_view"),
    path("views/<uuid:uid>/delete/", lists.delete_view, name="delete_view"),
]
