"""Signing in and one's own account."""

from tests.access.route import Route

TABLE = {
    "own_account": Route(get="200", post="200"),
    "account_change_password": Route(get="302", post="302"),
    "account_set_password": Route(get="200", post="200"),
    "account_reauthenticate": Route(get="403", post="403"),
}

# Anybody, signed in or not.
PUBLIC = {
    "live", "ready", "sign_in_link", "account_login", "account_logout", "account_reset_password",
    "account_reset_password_done", "account_reset_password_from_key", "account_reset_password_from_key_done",
    "account_inactive",
}  # fmt: skip
