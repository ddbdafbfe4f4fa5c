"""What imports register when the site starts."""

from quarterdeck.core.services.roles import extend_role
from quarterdeck.exchange import rights


def register() -> None:
    """The right of the standard roles."""
    extend_role(["administrator", "pmo_lead", "pmo_analyst", "portfolio_manager"], [rights.IMPORT_REGISTER])
