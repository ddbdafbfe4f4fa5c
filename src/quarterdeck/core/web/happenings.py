"""What events of the ledger are called. The domain that records an event says it in words; the code stays the code."""

from quarterdeck.core.texts import Text

_words: dict[str, Text] = {}


def call(event: str, words: Text) -> None:
    """Give an event its words. One owner an event."""
    if event in _words:
        raise ValueError(f"The event {event} is called something already.")
    _words[event] = words


def words_of(event: str) -> str:
    """An event in words; one that no domain of this release knows, by its own name."""
    return str(_words.get(event) or event.partition(".")[2].replace(".", " ").replace("_", " "))


def known() -> dict[str, Text]:
    """All events with their words."""
    return dict(_words)
