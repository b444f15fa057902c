"""Texts of peers and programs for public reasons: shortened, printable and without credentials."""

from base64 import b64encode
from collections.abc import Iterable
from time import perf_counter
from urllib.parse import quote, quote_plus

from petsage.redaction.secret import MASK
from petsage.text import MAX_CHARACTERS, first_line

# Protocols by the first bytes of an answer; a MySQL greeting has the packet number 0, and then the protocol 10.
_FIRST_BYTES = {
    b"HTTP/": "HTTP",
    b"SSH-": "SSH",
    b"220 ": "SMTP or FTP",
    b"220-": "SMTP or FTP",
    b"* OK": "IMAP",
    b"+OK": "POP3",
    b"+PONG": "Redis",
    b"-ERR": "Redis",
    b"-NOAUTH": "Redis",
    b"-DENIED": "Redis",
    b"INFO {": "NATS",
    b"\x15\x03": "TLS",
}


def guess_protocol(data: bytes) -> str:
    """Return the protocol of an answer by its first bytes, such as `HTTP`, or `something else`."""
    for start, name in _FIRST_BYTES.items():
        if data.startswith(start):
            return name
    return "MySQL" if data[3:5] == b"\x00\x0a" else "something else"


def elapsed_ms(started: float) -> float:
    """Return the milliseconds since `started`, a value of `time.perf_counter()`, to two decimals."""
    return round((perf_counter() - started) * 1000, 2)


MAX_TEXT = 4096
"""Characters of a peer's text that are read; the rest is not shown."""

_PART_LENGTH = 4


class Masker:
    """Masks secrets in the texts of a peer, and any part of a secret that has four characters or more.

    Parts are masked because servers repeat what they received shortened, quoted or encoded. A text that has a secret of
    less than four characters becomes a mask as a whole.

    Arguments:
        secrets: Secrets of which no part may be shown; None is ignored.
        whole: Values that may be secrets or plain words, such as headers: masked only where they appear as a whole.
    """

    def __init__(self, *secrets: str | None, whole: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if secret for form in _forms(secret[:MAX_TEXT])}
        self._short = {form for form in forms if len(form) < _PART_LENGTH}
        self._parts = {form[at : at + _PART_LENGTH] for form in forms for at in range(len(form) - _PART_LENGTH + 1)}
        self._whole = sorted((text for text in whole if len(text) >= _PART_LENGTH), key=len, reverse=True)

    def first_line(self, text: str | bytes, max_characters: int = MAX_CHARACTERS) -> str:
        """Return the first line that is not blank, masked, printable and of at most `max_characters`."""
        text = text[:MAX_TEXT]
        masked = self._masked(text.decode(errors="replace") if isinstance(text, bytes) else text)
        return first_line(masked, max_characters)

    def _masked(self, text: str) -> str:
        if any(form in text for form in self._short):
            return MASK
        for secret in self._whole:
            text = text.replace(secret, MASK)
        return self._without_parts(text) if self._parts else text

    def _without_parts(self, text: str) -> str:
        shown, hidden_to = [], 0
        for at, character in enumerate(text):
            if text[at : at + _PART_LENGTH] in self._parts:
                if at >= hidden_to:
                    shown.append(MASK)
                hidden_to = at + _PART_LENGTH
            elif at >= hidden_to:
                shown.append(character)
        return "".join(shown)


def _forms(secret: str) -> set[str]:
    encoded = secret.encode(errors="replace")
    return {secret, quote(secret, safe="", errors="replace"), quote_plus(secret), b64encode(encoded).decode()}
