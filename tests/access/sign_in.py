"""Signing in and one's own account."""

from dataclasses import dataclass

from quarterdeck.core.rights import MANAGE_ORGANISATION, SEE_SECURITY_LOG
from tests.access.route import Route, needs

# Whoever may give a role somewhere invites; how everybody signs in is for who manages the whole.
INVITES = needs(MANAGE_ORGANISATION, at="top")
NUMBER = {"number": "1"}
UID = {"uid": "00000000-0000-0000-0000-000000000003"}
TABLE = {
    "own_account": Route(get="200", form=True),
    "confirm": Route(get="200", post="302"),
    "second_factor": Route(get="200", post="200"),
    "second_factor_app": Route(get="200", post="422"),
    "second_factor_app_remove": Route(get="405", post="404"),
    "recovery_codes_renew": Route(get="405", post="422"),
    "passkey_add": Route(get="200", post="422"),
    "passkey_rename": Route(get="404", post="404", more=NUMBER),
    "passkey_remove": Route(get="405", post="404", more=NUMBER),
    "sessions": Route(get="200", post="200"),
    "sessions_end_others": Route(get="405", post="302"),
    "session_left": Route(get="200", post="200"),
    "session_end": Route(get="405", post="404", more=UID),
    "tokens": Route(get="200", post="422"),
    "token_revoke": Route(get="405", post="404", more=UID),
    "invitations": Route(get=INVITES, post=INVITES),
    "invite": Route(get=INVITES, form=True),
    "invitation_one": Route(get="404", post="404", more=UID),
    "invitation_again": Route(get="405", post="404", more=UID),
    "invitation_withdraw": Route(get="405", post="404", more=UID),
    "person_sign_in": Route(get=INVITES, form=True, takes=("person",)),
    "account_act": Route(get="405", post="404", takes=("person",), more={"number": "0", "act": "disable"}),
    "security_log": Route(get=needs(SEE_SECURITY_LOG, at="top")),
    # The last of all: it ends what the others are asked with.
    "sign_out_everywhere": Route(get="405", post="302"),
}


@dataclass(frozen=True)
class Public:
    """
    An address for anybody: what who is not signed in gets by GET and POST, and what everybody else gets.

    parts: of the address; a link that opens nothing.
    """

    outside: str
    inside: str
    parts: tuple[str, ...] = ()


# Anybody, signed in or not. Where people sign in, who is in already is sent to the first page.
PUBLIC = {
    "live": Public("200 200", "200 200"),
    "ready": Public("200 200", "200 200"),
    "account_login": Public("200 200", "302 302"),
    "account_logout": Public("302 302", "200 302"),
    "account_inactive": Public("200 405", "200 405"),
    "account_reset_password": Public("200 200", "200 200"),
    "account_reset_password_done": Public("200 405", "200 405"),
    "account_reset_password_from_key": Public("200 200", "200 200", ("a", "b")),
    "account_reset_password_from_key_done": Public("200 405", "200 405"),
    "mfa_authenticate": Public("302 302", "302 302"),
    "sign_in_by_passkey": Public("200 422", "200 422"),
    "sign_in_link": Public("200 422", "200 422", ("x" * 30,)),
    "invitation": Public("422 422", "422 422", ("x" * 43,)),
    # No identity provider is set up.
    "outside_start": Public("404 405", "404 405"),
    "outside_back": Public("404 405", "404 405"),
}
