"""What projects register with the kernel when the site starts."""

from quarterdeck.core.services.roles import extend_role
from quarterdeck.projects import rights


def register() -> None:
    """Rights of the standard roles."""
    everything = [rights.SEE_PROJECT, rights.CHANGE_PROJECT, rights.ADD_PROJECT, rights.MANAGE_PORTFOLIO]
    extend_role(["administrator", "pmo_lead", "portfolio_manager"], everything)
    extend_role(["pmo_analyst"], [rights.SEE_PROJECT, rights.CHANGE_PROJECT, rights.ADD_PROJECT])
    extend_role(["programme_manager", "project_manager"], [rights.SEE_PROJECT, rights.CHANGE_PROJECT])
    extend_role(["sponsor", "board_member", "finance_partner", "auditor", "viewer"], [rights.SEE_PROJECT])
