"""What is wrong, said so that the line of the table that is meant is found at once."""

from collections.abc import Iterable

import pytest

MOST = 60


def none(complaints: Iterable[str]) -> None:
    """Fail unless there is no complaint."""
    said = list(dict.fromkeys(complaints))
    if said:
        more = [f"… and {len(said) - MOST} more"] if len(said) > MOST else []
        pytest.fail("\n".join([f"{len(said)} complaints:", *said[:MOST], *more]), pytrace=False)
