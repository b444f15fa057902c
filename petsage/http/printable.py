"""Texts from outside, made fit for a log line."""


def printable(text: str) -> str:
    """Escape what is not printable ASCII the way Python writes it, so that no text can forge a line."""
    if text.isascii() and text.isprintable():
        return text
    return text.encode("unicode_escape").decode("ascii")
