"""Units, people, roles, and the ledger."""

from django.urls import path

from quarterdeck.core.views import organisation, people, roles, units

urlpatterns = [
    path("organisation/", organisation.organisation, name="organisation"),
    path("units/<str:ref>/", units.unit, name="unit"),
    path("people/<uuid:uid>/", people.person, name="person"),
    path("roles/<slug:code>/", roles.role, name="role"),
    path("ledger/", organisation.ledger_page, name="ledger"),
]
