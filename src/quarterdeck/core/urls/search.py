"""Search and the command palette."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
