"""What search register when the site starts."""


def register() -> None:
    """Nothing yet."""
