"""Pages of reporting."""

from django.urls import path

from quarterdeck.reporting import views

urlpatterns = [
    path("portfolios/", views.dashboard, name="dashboard"),
    path("portfolios/<str:ref>/", views.portfolio_dashboard, name="portfolio_dashboard"),
    path("portfolios/<str:ref>/movers/", views.movers, name="portfolio_movers"),
    path("portfolios/<str:ref>/how/<slug:figure>/", views.how, name="portfolio_figure"),
    path("portfolios/<str:ref>/rows/<slug:figure>/", views.rows, name="portfolio_rows"),
]
