"""Questions of the dashboard. All rest on the questions of projects, so that nobody counts what they may not see."""

from quarterdeck.reporting.queries.looks import NONE, Look, Wanted, look
from quarterdeck.reporting.queries.overview import Overview, overview
from quarterdeck.reporting.queries.states import Label, Named, labels, names, state_of, state_on
from quarterdeck.reporting.queries.totals import confidential_totals

__all__ = [
    "NONE",
    "Label",
    "Look",
    "Named",
    "Overview",
    "Wanted",
    "confidential_totals",
    "labels",
    "look",
    "names",
    "overview",
    "state_of",
    "state_on",
]
