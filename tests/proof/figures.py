"""
The figures of the acceptance table, as the tests reach them.

Each is printed, and kept as a line of JSON in the file that QD_FIGURES names; `make assurance` makes the table of
docs/reference/assurance.md from it.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path


def figure(row: str, reached: str, *, n: int | None = None, part: str = "", ok: bool = True) -> None:
    """
    Say what a test reached for a row of the table, such as R21.

    part: where several tests say something of a row. n: a count, named {n} in the text, that is added up over the tests
    of a row and part.
    """
    print(f"{row}{'/' + part if part else ''}: {reached.format(n=n)}")
    kept = os.environ.get("QD_FIGURES")
    if not kept:
        return
    line = {
        "row": row,
        "part": part,
        "reached": reached,
        "n": n,
        "ok": ok,
        "test": os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0],
        "on": f"{datetime.now(UTC):%Y-%m-%d}",
    }
    # One write of less than a page: several processes add to the file.
    with Path(kept).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
