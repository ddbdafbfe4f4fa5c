"""Pages of portfolios and projects."""

from quarterdeck.projects.views.change import change
from quarterdeck.projects.views.frame import project_frame
from quarterdeck.projects.views.lists import new_portfolio, new_project, projects, projects_left
from quarterdeck.projects.views.one import circle, figure, history, people, project
from quarterdeck.projects.views.programmes import programme

__all__ = [
    "change",
    "circle",
    "figure",
    "history",
    "new_portfolio",
    "new_project",
    "people",
    "programme",
    "project",
    "project_frame",
    "projects",
    "projects_left",
]
