"""Texts of peers and programs, made fit for a public reason: cut, printable, without credentials."""

from base64 import b64encode
from collections.abc import Iterable
from time import perf_counter
from urllib.parse import quote, quote_plus

from petsage.redaction.secret import MASK
from petsage.text import MAX_CHARACTERS, first_line
from petsage.text import first_line as one_line

__all__ = ["elapsed_ms", "guess_protocol", "one_line"]


# Who answers, told by the first bytes; a MySQL greeting is told by its packet number and protocol 10.
_FIRST_WORDS = {
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
    """Name the protocol of an answer, for `answered HTTP`."""
    for start, name in _FIRST_WORDS.items():
        if data.startswith(start):
            return name
    return "MySQL" if data[3:5] == b"\x00\x0a" else "something else"


def elapsed_ms(started: float) -> float:
    """Return the milliseconds since `started`, a reading of `time.perf_counter`."""
    return round((perf_counter() - started) * 1000, 2)


MAX_TEXT = 4096
"""Characters of a text from a peer; what comes after them is not shown."""

_PART_LENGTH = 4


class Masker:
    """Secrets of which no part is shown: four characters in a row are masked, wherever they stand.

    Parts are looked for because servers repeat what they are told cut, quoted or encoded. Of a secret that is shorter,
    the whole text becomes a mask. Texts of `whole` are masked as a whole only: values that may be secrets, or words.
    """

    def __init__(self, *secrets: str | None, whole: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if secret for form in _forms(secret[:MAX_TEXT])}
        self._short = {form for form in forms if len(form) < _PART_LENGTH}
        self._parts = {form[at : at + _PART_LENGTH] for form in forms for at in range(len(form) - _PART_LENGTH + 1)}
        self._whole = sorted((text for text in whole if len(text) >= _PART_LENGTH), key=len, reverse=True)

    def line(self, text: str | bytes, most: int = MAX_CHARACTERS) -> str:
        """Return the first line that is not blank, masked, printable and cut at `most` characters."""
        text = text[:MAX_TEXT]
        return first_line(self._masked(text.decode(errors="replace") if isinstance(text, bytes) else text), most)

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
