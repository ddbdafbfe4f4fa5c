"""Portfolios, programmes and projects."""

from quarterdeck.projects.rights import ADD_PROJECT, CHANGE_PROJECT, MANAGE_PORTFOLIO, SEE_PROJECT
from tests.access.route import Route, needs

SEES = needs(SEE_PROJECT)
CHANGES = needs(CHANGE_PROJECT, seen_by=SEE_PROJECT)
RUNS = needs(MANAGE_PORTFOLIO, seen_by=SEE_PROJECT)
TABLE = {
    "projects": Route(get="200", post="200"),
    "projects_left": Route(get="200", post="200"),
    "new_project": Route(get=needs(ADD_PROJECT), form=True),
    "new_portfolio": Route(get=needs(MANAGE_PORTFOLIO), form=True),
    "move_project": Route(get=CHANGES, post=CHANGES, takes=("project",)),
    "portfolios": Route(get=SEES, post=SEES),
    # Who sees a project of a portfolio sees what the portfolio is.
    "portfolio": Route(
        get=needs(SEE_PROJECT, at="project"), post=needs(SEE_PROJECT, at="project"), takes=("portfolio",)
    ),
    "change_portfolio": Route(get=RUNS, post=RUNS, takes=("portfolio",)),
    "programmes": Route(get=SEES, post=SEES),
    "new_programme": Route(get=needs(MANAGE_PORTFOLIO), form=True),
    "change_programme": Route(get=RUNS, post=RUNS, takes=("programme",)),
    "programme": Route(get=SEES, post=SEES, takes=("programme",)),
    "project": Route(get=SEES, post=SEES, takes=("project",)),
    "project_history": Route(get=SEES, post=SEES, takes=("project",)),
    # Who runs the project names people here; for the others it is a page to read.
    "project_people": Route(get=SEES, post="404 200 200 200 200 200 200 422 422", takes=("project",)),
    "project_circle": Route(
        get=needs(MANAGE_PORTFOLIO, seen_by=SEE_PROJECT),
        post=needs(MANAGE_PORTFOLIO, seen_by=SEE_PROJECT, ok=302),
        takes=("project",),
    ),
    "change_project": Route(get=CHANGES, form=True, takes=("project",)),
    "project_figure": Route(get=SEES, post=SEES, takes=("project",), more={"figure": "tier"}),
}
