"""Imports."""

from tests.access.route import Route

TABLE = {
    "project_import": Route(get="404 200 200 200 200", post="404 200 200 200 200", takes=("project",)),
    "imports": Route(get="404 404 404 200 200", post="404 404 404 200 200"),
    "import_new": Route(get="404 404 404 200 200", post="404 404 404 200 200"),
    "import": Route(get="404 404 404 200 200", post="404 404 404 200 200", takes=("import",)),
    "import_table": Route(get="405", post="404 404 404 422 422", takes=("import",)),
    "import_columns": Route(get="404 404 404 302 302", post="404 404 404 302 302", takes=("import",)),
    "import_preview": Route(get="405", post="404 404 404 404 409", takes=("import",)),
    "import_run": Route(get="405", post="404 404 404 404 409", takes=("import",)),
    "import_abandon": Route(get="404 404 404 302 302", post="404 404 404 404 409", takes=("import",)),
    "import_problems": Route(get="404 404 404 200 200", post="404 404 404 200 200", takes=("import",)),
}
