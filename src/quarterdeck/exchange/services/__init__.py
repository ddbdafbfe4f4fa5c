"""Verbs on imports."""

from quarterdeck.exchange.services.commanding import Report, import_register_file
from quarterdeck.exchange.services.importing import (
    IMPORT,
    PREVIEW,
    import_all,
    import_of_job,
    preview,
    start_import,
    start_preview,
)
from quarterdeck.exchange.services.mapping_columns import chosen_mapping, map_columns, mapping_of, save_mapping
from quarterdeck.exchange.services.uploading import abandon, choose_table, upload

__all__ = [
    "IMPORT",
    "PREVIEW",
    "Report",
    "abandon",
    "choose_table",
    "chosen_mapping",
    "import_all",
    "import_of_job",
    "import_register_file",
    "map_columns",
    "mapping_of",
    "preview",
    "save_mapping",
    "start_import",
    "start_preview",
    "upload",
]
