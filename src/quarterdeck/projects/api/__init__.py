"""Operations on portfolios, programmes and projects. Importing them declares them."""

from quarterdeck.projects.api import places, projects

__all__ = ["places", "projects"]
