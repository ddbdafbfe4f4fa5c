"""What the kernel registers when the site starts, one module a room."""

from quarterdeck.core.kinds import lists, messages, organisation, search, sign_in


def register() -> None:
    """Standard roles, the kernel's own pages, and what its events are called."""
    organisation.register()
    sign_in.register()
    messages.register()
    search.register()


def register_for_all() -> None:
    """What every kind of thing has, once each domain has said what it owns."""
    messages.register_tabs()
    lists.register()
