"""The first page."""

from django.urls import path

from quarterdeck.site.start import views

urlpatterns = [path("start/", views.start, name="start"), path("start/demo/", views.start_demo, name="start_demo")]
