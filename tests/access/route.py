"""What the table of addresses says of one of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.access.who import Codes, Needs, Only, Said, codes_of, needs, only

__all__ = ["Needs", "Only", "Route", "Said", "Thing", "Things", "needs", "only"]
Things = Mapping[str, str]


@dataclass(frozen=True)
class Route:
    """
    Who gets what; anonymous people are sent to the sign-in, and a method that is not named is 405.

    get, post: `needs(RIGHT)` or `only("lead administrator")`, or one number for everybody.
    form: what is posted without content is shown again with what is missing, to whoever gets the page.
    takes: what the address names, in order; a foreign one and one that does not exist are tried too.
    more: other parts of the address, after those.
    sends: what is posted, from the keys of one's own things; nothing if it is left out.
    """

    get: Said = "405"
    post: Said = ""
    form: bool = False
    takes: tuple[str, ...] = ()
    more: dict[str, str] = field(default_factory=dict)
    sends: Callable[[Things], Mapping[str, Any]] | None = None

    def codes(self, method: str) -> Codes:
        """Who gets which answer."""
        if method == "get":
            return codes_of(self.get, self.takes)
        if not self.form:
            return codes_of(self.post or "405", self.takes)
        assert not self.post, "A form says what is posted by what is got."
        return {who: 422 if code == 200 else code for who, code in codes_of(self.get, self.takes).items()}


@dataclass(frozen=True)
class Thing:
    """
    Something an address names, for rooms whose things the world does not have yet.

    Each is given the world (tests/proof/world.py): `own` makes one for the people of the table, `foreign` one in the
    hidden portfolio. absent: a key of the same form that nothing has.
    """

    own: Callable[[Any], str]
    foreign: Callable[[Any], str]
    absent: str
