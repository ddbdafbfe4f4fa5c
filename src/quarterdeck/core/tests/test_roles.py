"""Standard roles and what an upgrade brings them."""

import pytest

from quarterdeck.core import store
from quarterdeck.core.models import Role
from quarterdeck.core.services import roles
from quarterdeck.core.tests import make

pytestmark = pytest.mark.django_db


def test_a_right_that_comes_with_a_release_reaches_the_standard_roles_and_own_changes_stay() -> None:
    make.organisation()
    lead = Role.objects.get(code="pmo_lead")
    lead.name, lead.rights = "Head of PMO", ["core.see_organisation", "own.right"]
    store.save(lead, make.why(), fields=["name", "rights"])
    assert not roles.standard_roles_are_current()

    roles.ensure_standard_roles(now=make.MONDAY)

    lead.refresh_from_db()
    assert roles.standard_roles_are_current()
    assert lead.name == "Head of PMO"
    assert {"own.right", "core.manage_organisation", "projects.add_project"} <= set(lead.rights)


def test_before_the_founding_nothing_is_missing() -> None:
    assert roles.standard_roles_are_current()
