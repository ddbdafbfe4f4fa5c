"""What comments, notifications and attachments register when the site starts."""


def register() -> None:
    """Nothing yet."""
