"""Pages of portfolios and projects."""

from django.urls import path

from quarterdeck.projects import views

urlpatterns = [
    path("portfolios/new/", views.new_portfolio, name="new_portfolio"),
    path("portfolio-register/", views.portfolios, name="portfolios"),
    path("portfolios/<str:ref>/about/", views.portfolio, name="portfolio"),
    path("portfolios/<str:ref>/change/", views.change_portfolio, name="change_portfolio"),
    path("programmes/", views.programmes, name="programmes"),
    path("programmes/new/", views.new_programme, name="new_programme"),
    path("programmes/<str:ref>/", views.programme, name="programme"),
    path("programmes/<str:ref>/change/", views.change_programme, name="change_programme"),
    path("projects/", views.projects, name="projects"),
    path("projects/left/", views.projects_left, name="projects_left"),
    path("projects/new/", views.new_project, name="new_project"),
    path("projects/<str:ref>/", views.project, name="project"),
    path("projects/<str:ref>/history/", views.history, name="project_history"),
    path("projects/<str:ref>/people/", views.people, name="project_people"),
    path("projects/<str:ref>/circle/", views.circle, name="project_circle"),
    path("projects/<str:ref>/change/", views.change, name="change_project"),
    path("projects/<str:ref>/move/", views.move_project, name="move_project"),
    path("projects/<str:ref>/how/<str:figure>/", views.figure, name="project_figure"),
]
