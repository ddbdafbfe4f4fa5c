"""Names of columns compared as a person compares them: not by case, spacing or punctuation."""

import re
import unicodedata
from functools import lru_cache

BEFORE_REMARK = re.compile(r"[\r\n(\[{]")
IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


# Longer names are compared by their beginning.
LONGEST = 500


def normal(name: str) -> str:
    """
    Lower case, words separated by one space, no punctuation, no accents that were composed differently.

    >>> normal("Project - Start  Date")
    'project start date'
    """
    return _normal(name[:LONGEST])


@lru_cache(maxsize=4096)
def _normal(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join("".join(letter if letter.isalnum() else " " for letter in folded).split())


def forms(header: str) -> tuple[str, ...]:
    """
    The normal forms under which a header answers, the most exact first.

    >>> forms("End date (latest approved)")
    ('end date latest approved', 'end date')
    """
    header = header[: 2 * LONGEST]
    whole = collapsed(header)
    found = [
        normal(whole),
        normal(IN_BRACKETS.sub(" ", whole)),
        normal(BEFORE_REMARK.split(header.strip(), maxsplit=1)[0]),
    ]
    return tuple(dict.fromkeys(form for form in found if form))


def collapsed(text: str) -> str:
    """
    One line with single spaces.

    >>> collapsed(" Delivery\\n confidence ")
    'Delivery confidence'
    """
    return " ".join(text.split())


def letter(index: int) -> str:
    """
    The letter of a column counted from 0, as spreadsheets show it.

    >>> letter(0), letter(27)
    ('A', 'AB')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
