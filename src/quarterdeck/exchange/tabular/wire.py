"""
What the process that opens a file and its caller both know of their conversation.

Apart from `child`, so that the caller does not load what opens files.
"""

import json
from dataclasses import asdict

from quarterdeck.exchange.tabular.workbook import Kind, Limits

SHORT = {
    Kind.NUMBER: "n",
    Kind.DATE: "d",
    Kind.TIME: "t",
    Kind.BOOLEAN: "b",
    Kind.ERROR: "e",
}


def limits_as_json(limits: Limits) -> str:
    return json.dumps(asdict(limits))
