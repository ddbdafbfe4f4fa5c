"""Imports."""

from quarterdeck.exchange.rights import IMPORT_REGISTER
from quarterdeck.projects.rights import SEE_PROJECT
from tests.access.route import Route, needs, only

# The import of the table is the administrator's, and done: who may import there sees it, its maker alone acts on it.
TABLE = {
    "project_import": Route(get=needs(SEE_PROJECT), post=needs(SEE_PROJECT), takes=("project",)),
    "imports": Route(get=needs(IMPORT_REGISTER), post=needs(IMPORT_REGISTER)),
    "import_new": Route(get=needs(IMPORT_REGISTER), form=True),
    "import": Route(get=needs(IMPORT_REGISTER), post=needs(IMPORT_REGISTER), takes=("import",)),
    "import_table": Route(post=needs(IMPORT_REGISTER, ok=422), takes=("import",)),
    "import_columns": Route(get=needs(IMPORT_REGISTER, ok=302), post=needs(IMPORT_REGISTER, ok=302), takes=("import",)),
    "import_preview": Route(post=only("administrator", ok=409), takes=("import",)),
    "import_run": Route(post=only("administrator", ok=409), takes=("import",)),
    "import_abandon": Route(get=needs(IMPORT_REGISTER, ok=302), post=only("administrator", ok=409), takes=("import",)),
    "import_problems": Route(get=needs(IMPORT_REGISTER), post=needs(IMPORT_REGISTER), takes=("import",)),
}
