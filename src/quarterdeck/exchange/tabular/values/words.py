"""Ratings, tiers, yes and no, addresses, and the many words for "nothing here"."""

import re
from collections.abc import Collection
from typing import Literal, get_args

from quarterdeck.exchange.tabular.names import IN_BRACKETS, collapsed, normal
from quarterdeck.exchange.tabular.problems import excerpt
from quarterdeck.exchange.tabular.values.unusable import Unusable

Confidence = Literal["G", "AG", "A", "AR", "R"]
CONFIDENCES: tuple[Confidence, ...] = get_args(Confidence)

NO_VALUE = (
    *("", "-", "–", "—", ".", "..", "...", "…", "?"),
    *("NA", "N/A", "n.a.", "#N/A", "NaN", "Inf", "-Inf", "None", "null", "nil", "TBC", "TBD", "NFP"),
    *("To be confirmed", "To be determined", "Not reported", "Not available", "Not applicable", "Not known"),
    *("Not provided", "Not given", "Not rated", "Not for publication", "No data", "Unavailable", "Unknown", "Withheld"),
    *("k. A.", "keine Angabe", "entfällt", "unbekannt", "offen", "nicht verfügbar"),
)

# Words in normal form (`names.normal`). Scales of three, of four and of five steps meet in the same five codes.
WORDS: dict[Confidence, tuple[str, ...]] = {
    "G": ("g", "green", "grün", "gruen", "high", "hoch", "very likely", "on track", "on plan", "im plan", "🟢"),
    "AG": (
        *("ag", "ga", "amber green", "green amber", "yellow green", "green yellow", "gelb grün", "grün gelb"),
        *("medium high", "high medium", "mittel hoch", "likely", "probable"),
    ),
    "A": ("a", "amber", "yellow", "gelb", "orange", "medium", "mittel", "feasible", "at risk", "🟡", "🟠"),
    "AR": (
        *("ar", "ra", "amber red", "red amber", "yellow red", "red yellow", "gelb rot", "rot gelb"),
        *("medium low", "low medium", "mittel niedrig", "mittel gering", "doubtful", "unlikely"),
    ),
    "R": ("r", "red", "rot", "low", "niedrig", "gering", "off track", "unachievable", "kritisch", "critical", "🔴"),
}
RATINGS: dict[str, Confidence] = {word: code for code, words in WORDS.items() for word in words}

YES = {
    "yes",
    "y",
    "true",
    "x",
    "1",
    "ja",
    "j",
    "wahr",
    "confidential",
    "vertraulich",
    "✓",
    "restricted",
    "secret",
}
NO = {
    "no",
    "n",
    "false",
    "0",
    "nein",
    "falsch",
    "open",
    "public",
    "öffentlich",
    "not confidential",
}
ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]]{1,64}@[^\s@<>,;:\"()\[\]]+\.[^\s@<>,;:\"()\[\].]{2,}")
TIER = re.compile(r"(?:tier|stufe|klasse|class|t|level)?\s*([1-4]|i{1,3}|iv)(?:\.0+)?", re.IGNORECASE | re.ASCII)
ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
SENTENCE_WORDS = 4
LONGEST = 300


def is_no_value(text: str, words: Collection[str]) -> bool:
    """Whether a cell only says that there is nothing. `words` are prepared with `no_value_words`."""
    return len(text) <= LONGEST and collapsed(text).casefold() in words


def no_value_words(words: Collection[str]) -> frozenset[str]:
    return frozenset(collapsed(word).casefold() for word in ("", *words))


def is_sentence(text: str) -> bool:
    """
    Whether a cell explains itself in words instead of giving a value.

    >>> is_sentence("Exempt under Section 43 of the Act"), is_sentence("31 Febr 2025")
    (True, False)
    """
    words = re.findall(r"[^\W\d_]{2,}", text)
    return len(words) >= SENTENCE_WORDS and sum(map(len, words)) > len(collapsed(text)) / 2


def read_rating(text: str) -> Confidence | Unusable:
    """
    A declared rating in five steps from G to R.

    >>> read_rating("Amber/Green"), read_rating("Medium Low")
    ('AG', 'AR')
    """
    if len(text) <= LONGEST:
        for form in (normal(text), normal(IN_BRACKETS.sub(" ", text)), collapsed(text)):
            if form in RATINGS:
                return RATINGS[form]
    return Unusable("not_a_rating", {"text": excerpt(text)})


def read_tier(text: str) -> int | Unusable:
    found = TIER.fullmatch(collapsed(text[:LONGEST]))
    if not found:
        return Unusable("not_a_tier", {"text": excerpt(text)})
    return ROMAN.get(found.group(1).casefold()) or int(found.group(1))


def read_flag(text: str) -> bool | Unusable:
    word = normal(text) or collapsed(text)
    if word in YES:
        return True
    if word in NO:
        return False
    return Unusable("not_yes_or_no", {"text": excerpt(text)})


def read_address(text: str) -> str | Unusable:
    found = re.search(r"<([^<>]+)>$", text.strip()[:LONGEST])
    address = (found.group(1) if found else text).strip()
    if len(address) <= 254 and ADDRESS.fullmatch(address):
        return address
    return Unusable("not_an_address", {"text": excerpt(text)})
