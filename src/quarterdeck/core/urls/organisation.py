"""Units, people, roles, and the ledger."""

from django.urls import path

from quarterdeck.core.views import organisation

urlpatterns = [
    path("organisation/", organisation.organisation, name="organisation"),
    path("ledger/", organisation.ledger_page, name="ledger"),
]
