"""How often what may be done, unless an operator sets something else."""

from quarterdeck.core.services import second_factor
from quarterdeck.core.web import limits as doors
from quarterdeck.site.config import Config


def test_the_defaults_are_those_of_the_acceptance_table() -> None:
    usual = Config.__dataclass_fields__
    assert [usual[name].default for name in ("exports_per_hour", "imports_per_hour")] == [10, 10]
    assert usual["api_calls_per_minute"].default == 600
    assert (doors.TRIES_PER_ACCOUNT, doors.TRIES_PER_ADDRESS, doors.RESETS) == (5, 20, 3)
    assert (second_factor.TRIES, second_factor.PAUSE.total_seconds()) == (5, 900)
