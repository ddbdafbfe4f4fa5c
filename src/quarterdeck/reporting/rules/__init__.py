"""Judgements about a portfolio on one day and on an earlier one, on plain values."""

from quarterdeck.reporting.rules.chart import CHART, Axis, Bubbles, Point, bubbles, members
from quarterdeck.reporting.rules.picture import LIMITS, Costs, Limits, Picture, Signals, figures, picture
from quarterdeck.reporting.rules.states import (
    COLUMNS,
    EVERYTHING,
    NO_DATA,
    Basis,
    Before,
    Earlier,
    Filters,
    Row,
    State,
    cost_basis,
    finish_basis,
)
from quarterdeck.reporting.rules.totals import Hidden, Totals, totals

__all__ = [
    "CHART",
    "COLUMNS",
    "EVERYTHING",
    "LIMITS",
    "NO_DATA",
    "Axis",
    "Basis",
    "Before",
    "Bubbles",
    "Costs",
    "Earlier",
    "Filters",
    "Hidden",
    "Limits",
    "Picture",
    "Point",
    "Row",
    "Signals",
    "State",
    "Totals",
    "bubbles",
    "cost_basis",
    "figures",
    "finish_basis",
    "members",
    "picture",
    "totals",
]
