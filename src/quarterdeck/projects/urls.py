"""Pages of projects."""

from django.urls import path

urlpatterns: list[object] = []
