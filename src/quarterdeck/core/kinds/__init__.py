"""What the kernel registers when the site starts, one module a room."""

from quarterdeck.core.kinds import lists, messages, organisation, search, sign_in


def register() -> None:
    """Standard roles, the kernel's own pages, and what its events are called."""
    organisation.register()
    sign_in.register()
    messages.register()
    search.register()
    lists.register()
