"""What the palette offers opens, for everybody whom it is offered; what it does not offer does not open."""

import pytest
from django.test import Client
from django.urls import reverse

from quarterdeck.core.access import actor_of
from quarterdeck.core.tests import make as core
from quarterdeck.core.web import palette
from quarterdeck.projects.tests import make

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.mark.django_db
def test_an_act_is_offered_to_exactly_those_for_whom_it_opens() -> None:
    core.organisation()
    portfolio = make.portfolio("Roads", ref="ROADS")
    places = {"top": core.top(), "unit": core.unit("Side"), "portfolio": portfolio.node}
    held = [("", "top"), ("administrator", "top"), ("pmo_analyst", "portfolio")]
    held += [("administrator", "unit"), ("portfolio_manager", "portfolio")]
    wrong, offered, opened = [], set(), 0
    for role, place in held:
        person = core.person()
        if role:
            core.grant(person, role, places[place])
        client = Client()
        client.force_login(core.account(person), backend=BACKEND)
        actor = actor_of(person, now=make.MONDAY)
        acts = {each.route for each in palette.offered() if each.route and each.group == palette.ACT}
        may = {each.route for each in palette.offered() if each.route in acts and each.may(actor)}
        pages = {each.route for each in palette.offered() if each.group == palette.PAGE and each.may(actor)}
        for route in acts | (pages if place == "top" else set()):
            opens = client.get(reverse(route)).status_code in {200, 302}
            opened += opens
            if opens != (route not in acts or route in may):
                wrong.append(f"{route} for {role or 'nobody'} at {place}: {'opens' if opens else 'does not open'}")
        offered |= may
    assert wrong == []
    assert offered == acts
    assert opened > 35
