class EmbeddedError(Exception):
    """The embedded database cannot run here; the text says why and what to do."""
