"""What tests do in a hurry, and an installation never."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class HurriedHasher(PBKDF2PasswordHasher):
    """The hasher of installations with a thousandth of its work; what it writes is read and renewed by theirs."""

    iterations = 1_000
