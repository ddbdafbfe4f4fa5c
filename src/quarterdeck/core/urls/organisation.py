"""Units, people, roles and who holds them; access and history of anything; the ledger."""

from django.urls import path

from quarterdeck.core.views import access, history, holdings, organisation, people, roles, units

urlpatterns = [
    path("units/", units.units, name="units"),
    path("units/new/", units.new_unit, name="new_unit"),
    path("units/<str:ref>/", units.unit, name="unit"),
    path("units/<str:ref>/change/", units.change_unit, name="change_unit"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new_people, name="new_people"),
    path("people/<uuid:uid>/", people.person, name="person"),
    path("people/<uuid:uid>/change/", people.change_person, name="change_person"),
    path("people/<uuid:uid>/access/", access.person_access, name="person_access"),
    path("people/<uuid:uid>/give/", holdings.give_to_person, name="give_to_person"),
    path("roles/", roles.roles, name="roles"),
    path("roles/new/", roles.new_role, name="new_role"),
    path("roles/<slug:code>/", roles.role, name="role"),
    path("roles/<slug:code>/change/", roles.change_role, name="change_role"),
    path("organisation/units/", units.unit_list, name="unit_list"),
    path("organisation/", holdings.organisation, name="organisation"),
    path("holdings/new/", holdings.new_holding, name="new_holding"),
    path("holdings/<uuid:uid>/", holdings.holding, name="holding"),
    path("people-at/<slug:kind>/<str:key>/", holdings.object_people, name="object_people"),
    path("people-at/<slug:kind>/<str:key>/give/", holdings.give_at, name="give_at"),
    path("access/<slug:kind>/<str:key>/", access.object_access, name="object_access"),
    path("history/<slug:kind>/<str:key>/", history.history, name="object_history"),
    path("ledger/", organisation.ledger_page, name="ledger"),
]
