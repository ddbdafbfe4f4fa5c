"""Questions about imports."""

from quarterdeck.exchange.queries.imports import (
    MOVES,
    came_with,
    duplicates,
    import_of,
    imports,
    listed_imports,
    mapping_called,
    mappings,
    open_imports,
    project_has_rows,
    rows_of,
    tally,
    ways_moved,
)
from quarterdeck.exchange.queries.units import may_make_units, words_for_units

__all__ = [
    "MOVES",
    "came_with",
    "duplicates",
    "import_of",
    "imports",
    "listed_imports",
    "mapping_called",
    "mappings",
    "may_make_units",
    "open_imports",
    "project_has_rows",
    "rows_of",
    "tally",
    "ways_moved",
    "words_for_units",
]
