"""
The interface for programmes: how operations are declared, and the kernel's own.

A domain declares its operations in `api.py` with `get`, `post` and `patch`; the site puts the routers together.
"""

from quarterdeck.core.api.bearer import Call
from quarterdeck.core.api.naming import PersonNamed, made, named, person_named, unknown
from quarterdeck.core.api.operations import Answer, Described, check_unchanged, get, patch, post
from quarterdeck.core.api.shapes import (
    Address,
    Amount,
    AmountText,
    Day,
    DayText,
    Given,
    Instant,
    Line,
    Name,
    Reason,
    Ref,
    Sent,
    Uid,
    UidText,
    Words,
)

__all__ = [
    "Address",
    "Amount",
    "AmountText",
    "Answer",
    "Call",
    "Day",
    "DayText",
    "Described",
    "Given",
    "Instant",
    "Line",
    "Name",
    "PersonNamed",
    "Reason",
    "Ref",
    "Sent",
    "Uid",
    "UidText",
    "Words",
    "check_unchanged",
    "get",
    "made",
    "named",
    "patch",
    "person_named",
    "post",
    "unknown",
]
