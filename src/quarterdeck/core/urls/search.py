"""Search and the command palette."""

from django.urls import path

from quarterdeck.core.views import search

urlpatterns = [
    path("search/", search.search, name="search"),
    path("search/suggestions/", search.suggestions, name="search_suggestions"),
]
