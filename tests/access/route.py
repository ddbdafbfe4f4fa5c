"""What the table of addresses says of one of them."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Route:
    """
    What outsider, viewer, manager, lead and administrator get; anonymous people are sent to the sign-in.

    takes: what the address names, so that a foreign one is tried too. A word for all is said once.
    """

    get: str
    post: str = "405"
    takes: tuple[str, ...] = ()
    more: dict[str, str] = field(default_factory=dict)
