"""Where a person begins, and their own work."""

from django.urls import path

from quarterdeck.core.views import home

urlpatterns = [
    path("", home.home, name="home"),
    path("my-work/", home.my_work, name="my_work"),
    path("jobs/<uuid:uid>/", home.job, name="job"),
    path("interface/", home.interface, name="interface"),
]
