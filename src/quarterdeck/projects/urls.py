"""Pages of portfolios and projects."""

from django.urls import path

from quarterdeck.projects import views

urlpatterns = [
    path("portfolios/new/", views.new_portfolio, name="new_portfolio"),
    path("programmes/<str:ref>/", views.programme, name="programme"),
    path("projects/", views.projects, name="projects"),
    path("projects/left/", views.projects_left, name="projects_left"),
    path("projects/new/", views.new_project, name="new_project"),
    path("projects/<str:ref>/", views.project, name="project"),
    path("projects/<str:ref>/history/", views.history, name="project_history"),
    path("projects/<str:ref>/people/", views.people, name="project_people"),
    path("projects/<str:ref>/circle/", views.circle, name="project_circle"),
    path("projects/<str:ref>/change/", views.change, name="change_project"),
    path("projects/<str:ref>/how/<str:figure>/", views.figure, name="project_figure"),
]
