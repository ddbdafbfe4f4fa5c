"""A cell that does not say what its column is for."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Unusable:
    """`code` and `details` of the sentence in `problems.SENTENCES`; the noun of the field is added by the caller."""

    code: str
    details: Mapping[str, str] = field(default_factory=dict)
