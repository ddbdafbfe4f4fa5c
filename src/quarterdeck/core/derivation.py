"""How a figure was worked out: what the panel “How was this computed?” shows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Input:
    """One input. share draws a bar, 0 to 1; tone is grey or over."""

    label: str
    value: str
    share: float | None = None
    note: str = ""
    tone: str = "grey"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the decisive input, worked through."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Decisive:
    """The input that decided, worked through."""

    title: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Derivation:
    """Result, rule in words, inputs, formula, coverage and source of one figure."""

    title: str
    result: str
    rule: str
    inputs: Sequence[Input] = field(default_factory=tuple)
    formula: str = ""
    coverage: str = ""
    source: str = ""
    at: datetime | None = None
    state: str = ""
    decisive: Decisive | None = None
    table_url: str = ""
