"""Questions about imports."""

from quarterdeck.exchange.queries.imports import (
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
)

__all__ = [
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
]
