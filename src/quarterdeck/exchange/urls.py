"""Pages of imports."""

from django.urls import path

from quarterdeck.exchange import views

urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/new/", views.new, name="import_new"),
    path("imports/<uuid:uid>/", views.one, name="import"),
    path("imports/<uuid:uid>/table/", views.table, name="import_table"),
    path("imports/<uuid:uid>/columns/", views.columns, name="import_columns"),
    path("imports/<uuid:uid>/preview/", views.preview, name="import_preview"),
    path("imports/<uuid:uid>/run/", views.run, name="import_run"),
    path("imports/<uuid:uid>/abandon/", views.abandon, name="import_abandon"),
    path("imports/<uuid:uid>/problems.csv", views.problems, name="import_problems"),
    path("projects/<str:ref>/file/", views.came_with, name="project_import"),
]
