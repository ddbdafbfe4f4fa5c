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

__all__ = [
    "MOVES",
    "came_with",
    "duplicates",
    "import_of",
    "imports",
    "listed_imports",
    "mapping_called",
    "mappings",
    "open_imports",
    "project_has_rows",
    "rows_of",
    "tally",
    "ways_moved",
]
