"""Addresses of the kernel, one module a room."""

from quarterdeck.core.urls import home, messages, organisation, search, sign_in, views_of_lists

urlpatterns = [
    *home.urlpatterns,
    *sign_in.urlpatterns,
    *organisation.urlpatterns,
    *messages.urlpatterns,
    *search.urlpatterns,
    *views_of_lists.urlpatterns,
]
