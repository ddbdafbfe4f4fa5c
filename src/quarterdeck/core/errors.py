"""How a service says no: one family of refusals, shown alike by page, API, import and command."""

from collections.abc import Mapping


class Refused(Exception):
    """
    An act that does not happen, with the reason a person reads.

    Parameters
    ----------
    code : stable word for machines, lower_snake.
    message : one or two sentences: what happened and what is possible next.
    fields : field name to sentence, where the refusal belongs to a field.
    """

    status = 422

    def __init__(self, code: str, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = dict(fields or {})


class NotFound(Refused):
    """The thing does not exist for this person; unknown and forbidden read the same."""

    status = 404

    def __init__(self, message: str = "This does not exist, or you have no access to it.") -> None:
        super().__init__("not_found", message)


class NotAllowed(Refused):
    """The person may see the thing but may not do this to it."""

    status = 403

    def __init__(self, message: str, code: str = "not_allowed") -> None:
        super().__init__(code, message)


class Conflict(Refused):
    """Somebody else changed the thing since this person read it."""

    status = 409

    def __init__(self, message: str, code: str = "changed_meanwhile") -> None:
        super().__init__(code, message)


class WrongMove(Refused):
    """The thing is in a state from which this move does not lead on."""

    status = 409


class ConfirmFirst(Refused):
    """The act matters so much that whoever asks for it says first, once more, who they are."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "confirm_first",
            "This needs a fresh proof that it is you. Confirm it in the browser, then do it within five minutes.",
        )


class EnrolFirst(Refused):
    """A role of the person asks for a second factor, and the account has none yet."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "second_factor_first",
            "A role of yours asks for a second factor at sign-in. Set one up under your account first.",
        )


class TooMany(Refused):
    """Done more often than the limit allows; it is possible again after `retry_after` seconds."""

    status = 429

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__("too_many", message)
        self.retry_after = retry_after
