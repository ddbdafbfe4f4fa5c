"""Pages of portfolios, programmes and projects."""

from quarterdeck.projects.frames import project_frame
from quarterdeck.projects.views.change import change
from quarterdeck.projects.views.lists import new_project, projects, projects_left
from quarterdeck.projects.views.moving import move_project
from quarterdeck.projects.views.one import circle, figure, history, people, project
from quarterdeck.projects.views.places import (
    change_portfolio,
    change_programme,
    new_portfolio,
    new_programme,
    portfolio,
    portfolios,
    programme,
    programmes,
)

__all__ = [
    "change",
    "change_portfolio",
    "change_programme",
    "circle",
    "figure",
    "history",
    "move_project",
    "new_portfolio",
    "new_programme",
    "new_project",
    "people",
    "portfolio",
    "portfolios",
    "programme",
    "programmes",
    "project",
    "project_frame",
    "projects",
    "projects_left",
]
