"""Portfolios, programmes and projects."""

from tests.access.route import Route

TABLE = {
    "projects": Route(get="200", post="200"),
    "projects_left": Route(get="200", post="200"),
    "new_project": Route(get="404 404 404 200 200", post="404 404 404 200 200"),
    "new_portfolio": Route(get="404 404 404 200 200", post="404 404 404 200 200"),
    "programme": Route(get="404 200 404 200 200", post="404 200 404 200 200", takes=("programme",)),
    "project": Route(get="404 200 200 200 200", post="404 200 200 200 200", takes=("project",)),
    "project_history": Route(get="404 200 200 200 200", post="404 200 200 200 200", takes=("project",)),
    "project_people": Route(get="404 200 200 200 200", post="404 200 200 200 200", takes=("project",)),
    "project_circle": Route(get="404 403 403 200 200", post="404 403 403 302 302", takes=("project",)),
    "change_project": Route(get="404 403 200 200 200", post="404 403 200 200 200", takes=("project",)),
    "project_figure": Route(
        get="404 200 200 200 200", post="404 200 200 200 200", takes=("project",), more={"figure": "tier"}
    ),
}
