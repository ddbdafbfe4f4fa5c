"""A list of the past counts what it shows."""

from datetime import date

import pytest
from django.http import QueryDict

from quarterdeck.core.models import Role
from quarterdeck.core.register import listing
from quarterdeck.core.register.compare import Compared
from quarterdeck.core.registers import HOLDINGS
from quarterdeck.core.services import roles
from quarterdeck.core.tests import make
from quarterdeck.core.time import at

pytestmark = pytest.mark.django_db


def test_a_role_held_before_its_place_was_known_is_in_no_list_of_that_day() -> None:
    admin = make.admin()
    unit, viewer, first = (
        make.unit("Young", effective_on=date(2026, 6, 1)),
        Role.objects.get(code="viewer"),
        date(2026, 1, 1),
    )
    roles.hold(make.person("Rosa"), viewer, on=unit, from_on=first, why=make.why(effective_on=first), actor=None)
    with at(date(2026, 3, 1)):
        found = listing(HOLDINGS, admin, QueryDict("q=Rosa"))
        assert (found.count, len(found.page_rows)) == (0, 0)
    with at(date(2026, 7, 1)):
        assert Compared(HOLDINGS, admin, QueryDict("q=Rosa"), date(2026, 3, 1)).count == 1
