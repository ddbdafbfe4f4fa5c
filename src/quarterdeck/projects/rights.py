"""Rights on portfolios, programmes and projects."""

from django.utils.translation import gettext_lazy as _

from quarterdeck.core.rights import right

SEE_PROJECT = right("projects.see_project", _("See projects"))
CHANGE_PROJECT = right("projects.change_project", _("Change the facts of a project"))
ADD_PROJECT = right("projects.add_project", _("Add projects to a portfolio"))
MANAGE_PORTFOLIO = right("projects.manage_portfolio", _("Make and change portfolios and programmes, name sponsors"))
